"""Why a field was lost, as the maps say it."""

from collections.abc import Iterable, Mapping

from gateway.core.mapping.trace import LOST, fates
from gateway.core.session.desk import Revision


def why_lost(revision: Revision, names: Iterable[str]) -> Mapping[str, str]:
    """By the name of a loss, `Authorize.request:certificate`, the reason that its row gives; what
    procedures leave out by themselves is not among them."""
    wanted = {name: _above(name) for name in names}
    if not wanted or revision.variants is None:
        return {}
    library = revision.variants.library
    known: dict[str, str] = {}
    for source in library.maps.values():
        for fate in fates(source, library):
            if fate.kind == LOST:
                for path in fate.sources:
                    known.setdefault(f"{fate.map}.{fate.part}:{path}", fate.why)
    return {
        name: known[place]
        for name, places in wanted.items()
        if (place := next((p for p in places if p in known), ""))
    }


def _above(name: str) -> tuple[str, ...]:
    """The name itself, and those of the objects that hold the field, nearest first."""
    head, _, path = name.partition(":")
    steps = path.split(".")
    held = [f"{head}:{'.'.join(steps[:count])}" for count in range(len(steps), 0, -1)]
    return tuple(form for place in held for form in (place, place.removesuffix("[]")))
