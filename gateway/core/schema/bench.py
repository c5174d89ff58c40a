"""What a repair may look at, and where in a payload it looks."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.fields import Field
from gateway.core.schema.own_words import OwnWords


class Bench(NamedTuple):
    """What a repair may look at. message: its action and part; now: the time of receipt."""

    catalog: Catalog
    version: Version
    message: tuple[str, str]
    profiles: Collection[str]
    zone: str
    now: float
    fields: Mapping[str, Field]

    @property
    def own(self) -> OwnWords:
        return self.catalog.own


def at(value: Any, path: str) -> Iterator[JsonObject]:
    """Every object at a path of a field table, "" for the payload, as far as it has that shape."""
    if not isinstance(value, dict):
        return
    if not path:
        yield value
        return
    step, _, rest = path.partition(".")
    member = value.get(step.removesuffix("[]"))
    if not step.endswith("[]"):
        yield from at(member, rest)
    elif isinstance(member, list):
        for item in member:
            yield from at(item, rest)
