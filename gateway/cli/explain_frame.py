"""One frame translated, row by row.

There is no session around it: what a procedure would compute stands as <its name>, and EVSEs are
numbered as the configuration says.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gateway.core.codec.ocppj import decode
from gateway.core.dialects import Side, Version
from gateway.core.errors import ConfigError, FrameError, Place
from gateway.core.frames import Call, CallError, CallResult, JsonObject
from gateway.core.mapping.rows import OTHER, REQUEST, RESPONSE, Library, MapSource
from gateway.core.mapping.trace import Step, Traced, concerned, trace
from gateway.core.schema.catalog import Catalog
from gateway.core.session.bindings import Bindings
from gateway.core.session.state import Loaded
from gateway.core.settings import Translation


class Told(NamedTuple):
    """sound: the frame could be read and is valid."""

    lines: tuple[str, ...]
    sound: bool


class _Unknown(dict[str, Any]):
    """The state of no session: a value that is needed is shown by its name."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def frames_in(name: str) -> Iterator[tuple[Place, Any]]:
    """(where, frame) of a file: one frame, a list of frames, or one a line. Raises ConfigError."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} cannot be read: {error}") from error
    shown = "stdin" if name == "-" else name
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        yield from _lines(text, shown)
        return
    several = isinstance(whole, list) and all(isinstance(item, list) for item in whole)
    for frame in whole if several else [whole]:
        yield Place(shown, 1), frame


def _lines(text: str, name: str) -> Iterator[tuple[Place, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield Place(name, number), json.loads(line)
            except json.JSONDecodeError as error:
                raise ConfigError(
                    f"no JSON: {error.msg}", Place(name, number, error.colno), "one frame a line"
                ) from error


class Tracer:
    """Remembers the calls of a file, so that their answers can be told too.

    version: of the frames, None to find it out; now: the time of reception.
    """

    def __init__(
        self,
        catalog: Catalog,
        library: Library,
        settings: Translation,
        now: float,
        version: Version | None,
    ) -> None:
        self._catalog = catalog
        self._library = library
        self._settings = settings
        self._now = now
        self._version = version
        self._calls: dict[str, tuple[Version, Call]] = {}

    def told(self, place: Place, plain: Any) -> Told:
        """What becomes of one frame."""
        try:
            return self._frame(place, plain)
        except FrameError as error:
            return Told((f"{place}: no frame: {error}",), False)

    def _frame(self, place: Place, plain: Any) -> Told:
        data = json.dumps(plain).encode()
        frame = decode(data, self._version or Version.V201)
        if isinstance(frame, CallError):
            return Told((f"{place}: CallError {frame.code}: respelled for the version",), True)
        if isinstance(frame, Call):
            version = self._version or self._version_of(frame)
            self._calls[frame.message_id] = version, frame
            return self._part(place, version, frame.action, REQUEST, frame)
        if frame.message_id not in self._calls:
            said = f"{place}: answer {frame.message_id}: its call does not stand before it"
            return Told((said,), False)
        version, call = self._calls[frame.message_id]
        return self._part(place, version, call.action, RESPONSE, frame)

    def _version_of(self, call: Call) -> Version:
        """The version whose schema the call meets best; the newer one if that does not tell."""

        def wrong(version: Version) -> int:
            return len(self._catalog.violations(version, call.action, REQUEST, call.payload))

        known = (v for v in reversed(Version) if self._catalog.sender(v, call.action))
        return min(known, key=wrong, default=Version.V201)

    def _part(
        self, place: Place, version: Version, action: str, part: str, frame: Call | CallResult
    ) -> Told:
        word = "call" if part == REQUEST else "answer to"
        heading = f"{place}: {word} {action}, OCPP {version} -> {OTHER[version]}"
        if self._catalog.sender(version, action) is None:
            return Told((heading, f"  OCPP {version} has no such message"), False)
        violations = self._catalog.violations(version, action, part, frame.payload)
        lines = [heading, *(f"  not valid: {v.path}: {v.message}" for v in violations)]
        maps = self._maps(version, action)
        if not maps:
            lines.append("  not translated: answered with an error")
        elif len(maps) > 1:
            lines.append("  becomes one or more of these, as the state of its station demands")
        for source in maps:
            traced = self._traced(source, version, part, frame.payload)
            lines += _shown(source, OTHER[version], traced)
        return Told((*lines, ""), not violations)

    def _maps(self, version: Version, action: str) -> tuple[MapSource, ...]:
        """The map that such a call opens with, or those that it becomes."""
        found = concerned(self._library, version, action)
        opening = next((m for m in found if version in m.entry), None)
        if opening is None or opening.paired:
            return () if opening is None else (opening,)
        return tuple(m for m in found if m.name in opening.becomes)

    def _traced(
        self, source: MapSource, version: Version, part: str, payload: JsonObject
    ) -> Traced:
        towards = OTHER[version] if part == REQUEST else version
        fields = self._catalog.fields
        bindings = self._bindings(source, version, part)
        state = _Unknown({REQUEST: {}})
        return trace(source, self._library, fields, part, towards, payload, bindings, state)

    def _bindings(self, source: MapSource, version: Version, part: str) -> Bindings:
        bindings = Bindings(Loaded(), self._settings)
        sent_by_station = (source.sender is not Side.CSMS) == (part == REQUEST)
        bindings.version = version if sent_by_station else OTHER[version]
        bindings.now = self._now
        return bindings


def _shown(source: MapSource, target: Version, traced: Traced) -> Iterator[str]:
    yield f"  as {source.actions.get(target, 'nothing')} ({source.name})"
    for step in traced.steps:
        yield f"    {_step(step)}  [{step.place.file}:{step.place.line}]"
    if traced.refusal:
        yield f"    refused: {traced.refusal}"
    else:
        yield f"    = {json.dumps(traced.payload, ensure_ascii=False)}"


def _step(step: Step) -> str:
    values = step.value if len(step.sources) > 1 else (step.value,)
    came = ", ".join(
        f"{path} = {json.dumps(value, ensure_ascii=False)}"
        for path, value in zip(step.sources, values, strict=False)
    )
    if step.target is None:
        return f"lost: {came}: {step.result}"
    result = json.dumps(step.result, ensure_ascii=False)
    return f"{came} -> {step.target} = {result}" if came else f"{step.target} = {result} (filled)"
