"""`ocpp-gateway explain --all`: the reference page, written from the maps.

At the top every message of both versions with its treatment; then each map, every field and
direction; then what vendors' overlays add.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from gateway.cli.explain_action import shown_path
from gateway.cli.page import Block, Heading, Sentence, Table, document, markdown
from gateway.core.dialects import Version
from gateway.core.errors import ConfigError
from gateway.core.mapping.overlay import Overlay, Overlays
from gateway.core.mapping.rows import OTHER, REQUEST, Library, MapSource, travels
from gateway.core.mapping.trace import FILLED, LOST, MAPPED, USED, Fate, fates
from gateway.core.mapping.treatments import (
    ANSWERED,
    ASKED_BY_TUNNEL,
    PNC,
    REFUSED,
    TUNNEL,
    Senders,
    Treatment,
    treatments,
)

TITLE = "Reference: what becomes of every message"
_ABOUT = (
    "Written from the maps by `ocpp-gateway explain --all -o mappings/REFERENCE.md`; a test keeps "
    "it fresh. Fields are counted in both parts of a call, in every map that it may become: "
    "mapped, filled (from elsewhere than the message), read (by the procedure alone), lost."
)
_WORDS = {
    TUNNEL: "tunnelled where `tunnel.enabled` is on, else {kind}",
    ASKED_BY_TUNNEL: "tunnelled where its request was, else {kind}",
    PNC: "in the Plug & Charge note where `pnc.mode` is on, else {kind}",
}
_OF_VENDORS = (
    "An overlay is in force for stations that match it. What it adds beyond rows is listed here; "
    "codecs are used where `extensions.data_transfer` says `then: map:NAME`."
)


def page(library: Library, senders: Senders, overlays: Overlays) -> Iterator[Block]:
    yield Heading(1, TITLE)
    yield Sentence(_ABOUT)
    yield Heading(2, "All messages")
    every = list(treatments(library, senders))
    for version in senders:
        yield Heading(3, f"OCPP {version}")
        yield _overview([t for t in every if t.version is version])
    yield Heading(2, "Maps")
    for source in library.maps.values():
        yield from _map(source, library)
    yield Heading(2, "Vendor overlays")
    yield Sentence(_OF_VENDORS)
    yield _vendors(overlays)


def write(blocks: list[Block], files: list[str]) -> None:
    """The page to each file, HTML where its name says so; to standard output without one.

    Raises ConfigError if a file cannot be written.
    """
    if not files:
        print(markdown(blocks), end="")
    for file in files:
        text = document(blocks, TITLE) if file.endswith((".html", ".htm")) else markdown(blocks)
        try:
            Path(file).write_text(text, "utf-8")
        except OSError as error:
            raise ConfigError(f"{file} cannot be written: {error.strerror}") from error


def _overview(found: list[Treatment]) -> Table:
    head = ("message", "from", "treatment", "becomes", "map", "mapped", "filled", "read", "lost")
    rows = (
        (
            t.action,
            t.side.value,
            _treatment(t),
            ", ".join(t.becomes),
            t.opens.name if t.opens is not None else "",
            *(str(t.count(kind)) for kind in (MAPPED, FILLED, USED, LOST)),
        )
        for t in sorted(found, key=lambda t: (t.action, t.side))
    )
    return Table(head, tuple(rows))


def _treatment(treatment: Treatment) -> str:
    kind = treatment.kind
    if kind in (ANSWERED, REFUSED):
        kind = f"{kind} by the gateway"
    if treatment.by:
        return _WORDS[treatment.by].format(kind=kind)
    return kind if treatment.becomes else f"{kind} (procedure `{treatment.procedure}`)"


def _map(source: MapSource, library: Library) -> Iterator[Block]:
    yield Heading(3, source.name)
    yield Sentence(_said_of(source))
    every = fates(source, library)
    for (towards, part), group in groupby(every, key=lambda fate: (fate.towards, fate.part)):
        origin, target = travels(part, towards)
        word = "call" if part == REQUEST else "answer"
        names = [_named(source, version) for version in (origin, target)]
        yield Sentence(f"{word.capitalize()}, {names[0]} to {names[1]}:")
        yield _fields(list(group))


def _named(source: MapSource, version: Version) -> str:
    action = source.actions.get(version)
    return f"{action} of {version}" if action else "nothing"


def _said_of(source: MapSource) -> str:
    sender = f"Sent by the {source.sender}." if source.sender else "Sent by both sides."
    said = [f"`{'/'.join(source.place.file.split('/')[-2:])}`.", sender]
    said += [f"OCPP {version}: {clause}." for version, clause in source.spec.items()]
    for towards in source.directions():
        if OTHER[towards] in source.actions and OTHER[towards] in source.entry:
            name, _ = source.procedure[towards]
            said.append(f"A call that comes in as {OTHER[towards]} is handled by `{name}`.")
    if source.becomes:
        said.append(f"Becomes, as the state demands: {', '.join(source.becomes)}.")
    return " ".join(said)


def _fields(found: list[Fate]) -> Table:
    rows = tuple((shown_path(fate), fate.kind, fate.why) for fate in found)
    return Table(("field", "fate", "how or why"), rows, frozenset({0}))


def _vendors(overlays: Overlays) -> Table:
    rows = tuple(
        (name, overlay.summary, _match(overlay), _adds(overlay))
        for name, overlay in overlays.by_name.items()
    )
    return Table(("overlay", "what for", "matches", "adds"), rows)


def _match(overlay: Overlay) -> str:
    if not overlay.match:
        return "those whose route names it"
    return "; ".join(
        f"{fact} {' or '.join(pattern.text for pattern in patterns)}"
        for fact, patterns in overlay.match.items()
    )


def _own_words(overlay: Overlay) -> list[str]:
    words = [
        f"{'.'.join(filter(None, (w.message[0], w.path or w.meant)))} ({w.said or 'missing'})"
        for w in overlay.words
    ]
    return [*words, *(f"samples with {', '.join(s.seen)}" for s in overlay.samples)]


def _adds(overlay: Overlay) -> str:
    fields = [f"{a}.{field.path}" for (a, _), own in overlay.fields.items() for field in own]
    parts = {
        "over": [overlay.over] if overlay.over else [],
        "repairs": overlay.profiles,
        "own words": _own_words(overlay),
        "fields": fields,
        "measurands": overlay.measurands,
        "rows in": overlay.maps,
        "values in": overlay.enums,
        "codecs": overlay.codecs,
        "keys": [key.name for key in overlay.keys],
    }
    return "; ".join(f"{name} {', '.join(found)}" for name, found in parts.items() if found)
