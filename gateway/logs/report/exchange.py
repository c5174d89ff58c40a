"""One exchange as the page shows it: what was logged, what became of it, what differs."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from gateway.core.dialects import spell_error
from gateway.core.frames import Call, CallError, Frame
from gateway.core.session.recorded import Fate
from gateway.logs.entry import Entry
from gateway.logs.output import Out
from gateway.logs.pairing import Paired
from gateway.logs.report.difference import (
    LONGEST_TEXT,
    ROOT,
    Mark,
    Note,
    Notes,
    differing,
    leaves,
    lines,
    shortened,
)
from gateway.logs.report.words import FATES
from gateway.logs.rules import Finding, Level
from gateway.observe.escape import visible

MOST_LINES = 250
"""Of one payload."""
MOST_PANES = 12
"""Calls that one exchange became which are shown."""
MOST_REASONS = 12
MOST_REMARKS = 50
"""Findings on one payload which stand on its lines; all of them stand above it."""
NO_ANSWER = "no answer"
_INDEX = re.compile(r"\[\d+\]")


class Candidate(NamedTuple):
    """An exchange that the page may show. text: itself, as JSON; all ASCII."""

    station: str
    action: str
    reasons: tuple[str, ...]
    text: str


class Seen(NamedTuple):
    """An exchange and everything that is known of it. outs: what was put out for it, or where it
    was not translated, the frames that repairs changed."""

    paired: Paired
    findings: tuple[Finding, ...]
    outs: Sequence[Out]
    translated: bool

    def gathered(self, name: str) -> tuple[str, ...]:
        """A list under `meta`, over all that was put out, each thing once."""
        return tuple(dict.fromkeys(thing for out in self.outs for thing in out.meta.get(name, ())))

    @property
    def fate(self) -> str:
        """One of Fate; "" where it was not to be translated, or nothing was put out."""
        if not self.translated:
            return ""
        for out in self.outs:
            if "untranslated" in out.meta:
                return str(out.meta["untranslated"])
        own = self.paired.asked.side
        calls = [out for out in self.outs if type(out.frame) is Call]
        if len(calls) > 1:
            return Fate.FANS_OUT if all(out.side is own for out in calls) else Fate.COLLECTS
        return Fate.PASSES if calls else ""


def reasons(seen: Seen) -> tuple[str, ...]:
    """What makes an exchange worth a seat; ("",) if nothing does."""
    found = [f"{f.rule} {unindexed(f.path)}" for f in seen.findings]
    found += [f"lost {name}" for name in seen.gathered("losses")]
    found += [f"repaired {name}" for name in seen.gathered("repairs")]
    if seen.fate not in ("", Fate.PASSES):
        found.append(seen.fate)
    if seen.paired.answer is None:
        found.append(NO_ANSWER)
    return tuple(dict.fromkeys(found))[:MOST_REASONS] or ("",)


def shown_station(entry: Entry) -> str:
    """The station's name; where the log names none, that of the file without its folder."""
    return _said(entry.station or PurePath(entry.file).name)


def unindexed(path: str) -> str:
    """A path with the positions in lists left out."""
    return _INDEX.sub("[]", path)


def described(seen: Seen, time: str) -> str:
    """The exchange as JSON for the page. time: of the call, "" where the log has none."""
    (entry, side, version, action), answer = seen.paired
    call = entry.frame
    assert type(call) is Call
    record: dict[str, Any] = {
        "station": shown_station(entry),
        "time": time,
        "action": _said(action),
        "id": _said(call.message_id),
        "ids": _ids(call.message_id, seen.outs),
        "side": side.value,
        "version": version.value,
        "place": _said(f"{entry.file}:{entry.line}"),
        "tags": _tags(seen),
        "findings": [_finding(f) for f in seen.findings[:MOST_LINES]],
        "lost": [_said(name) for name in seen.gathered("losses")],
        "repairs": [_said(name) for name in seen.gathered("repairs")],
        "fate": _fate(seen),
        "becomes": _becomes(seen),
        "rows": [_row("Call", seen, entry, True), _row("Answer", seen, answer, False)],
    }
    return json.dumps(record, separators=(",", ":"))


def _ids(logged: str, outs: Iterable[Out]) -> list[str]:
    """Every id under which the exchange may be looked for."""
    return list(dict.fromkeys([_said(logged), *(_said(out.frame.message_id) for out in outs)]))


def _becomes(seen: Seen) -> list[str]:
    """The actions that it became in the other version."""
    calls = [o for o in seen.outs if type(o.frame) is Call and "untranslated" not in o.meta]
    return list(dict.fromkeys(_said(out.action) for out in calls))


def _fate(seen: Seen) -> str:
    return FATES[Fate(seen.fate)][0] if seen.fate else ""


def _tags(seen: Seen) -> list[str]:
    """What the exchange can be filtered by."""
    tags = [level.value for level in Level if any(f.level is level for f in seen.findings)]
    if seen.gathered("losses"):
        tags.append("lost something")
    if seen.gathered("repairs") or any(f.repair for f in seen.findings):
        tags.append("repaired")
    if seen.paired.answer is None:
        tags.append(NO_ANSWER)
    tags += [_fate(seen)] if seen.fate else []
    return list(dict.fromkeys(tags + [f"rule: {f.rule}" for f in seen.findings]))


def _finding(finding: Finding) -> list[str]:
    level, rule, path, sentence = finding.level, finding.rule, finding.path, finding.sentence
    return [_said(text) for text in (level.value, rule, path, sentence, finding.repair)]


# -- side by side -----------------------------------------------------------------------------


def _row(name: str, seen: Seen, entry: Entry | None, is_call: bool) -> dict[str, Any]:
    """The logged frame, and the frames put out for it."""
    outs = [out for out in seen.outs if (type(out.frame) is Call) is is_call]
    untold = is_call and any("untranslated" in out.meta for out in outs)
    if untold:
        outs = []
    there = [_payload(out) for out in outs]
    logged = None if entry is None else entry.frame
    row: dict[str, Any] = {"name": name, "in": [], "out": []}
    if logged is not None and entry is not None:
        payload = _payload_of(logged)
        notes = differing(payload, there) if there else {}
        remarked = _remarked(payload, seen, entry, "request" if is_call else "response")
        notes |= {path: _also(note, notes.get(path)) for path, note in remarked.items()}
        row["in"] = [_pane(logged, "", payload, notes)]
        here = [payload]
    else:
        here = []
    for out, payload in list(zip(outs, there, strict=True))[:MOST_PANES]:
        notes = differing(payload, here) if here else {}
        by = str(out.meta.get("answeredBy", ""))
        row["out"].append(_pane(out.frame, by, payload, notes))
    if len(outs) > MOST_PANES:
        row["more"] = len(outs) - MOST_PANES
    if untold:
        row["told"] = FATES[Fate(seen.fate)][1]
    return row


def _also(note: Note, before: Note | None) -> Note:
    """A remark on a field that differs: what breaks its schema may be changed besides."""
    if before is not None and before.mark == Mark.CHANGED and note.mark == Mark.BROKEN:
        return note._replace(mark=f"{Mark.CHANGED} {Mark.BROKEN}")
    return note


def _pane(frame: Frame, by: str, payload: Any, notes: Notes) -> dict[str, Any]:
    """by: who answered, where no peer did."""
    kind = {"Call": "", "CallResult": "", "CallError": "CALLERROR"}[type(frame).__name__]
    return {
        "kind": kind,
        "action": _said(frame.action) if type(frame) is Call else "",
        "id": _said(frame.message_id),
        "by": _said(by),
        "lines": [[d, t, m, _said(n)] for d, t, m, n in lines(payload, notes, MOST_LINES)],
    }


def _payload(out: Out) -> Any:
    frame = out.frame
    if type(frame) is CallError:
        return _refusal(frame, spell_error(frame.code, out.version))
    return frame[-1]


def _payload_of(frame: Frame) -> Any:
    return _refusal(frame, frame.spelled or frame.code) if type(frame) is CallError else frame[-1]


def _refusal(error: CallError, code: str) -> dict[str, Any]:
    return {"code": code, "description": error.description, "details": error.details}


def _remarked(payload: Any, seen: Seen, entry: Entry, part: str) -> Notes:
    """What findings and losses say of the fields of a logged frame."""
    notes: Notes = {}
    fields = [path for path, _ in leaves(payload)]
    lost = [_lost_path(name) for name in seen.gathered("losses") if f".{part}:" in name]
    for path in fields if lost else ():
        if any(_is_below(unindexed(path), name) for name in lost):
            notes[path] = Note(Mark.LOST, "lost: the other version has no place for it")
    own = [f for f in seen.findings if f.path and (f.file, f.line) == (entry.file, entry.line)]
    for finding in own[:MOST_REMARKS]:
        path = _shown_at(finding.path, fields)
        text = finding.sentence + (f" (repair: {finding.repair})" if finding.repair else "")
        if path != finding.path:
            text = f"{finding.path.removeprefix(path).lstrip('.')} {text}"
        before = notes.get(path)
        if before is not None and before.mark is Mark.BROKEN:
            text = f"{before.text}; {text}"
        notes[path] = Note(Mark.BROKEN, text)
    return notes


def _lost_path(name: str) -> str:
    return f"{ROOT}.{name.rpartition(':')[2]}"


def _shown_at(path: str, fields: Iterable[str]) -> str:
    """The path itself where the payload has it; else that of the object where it is missing."""
    while path != ROOT and not any(_is_below(field, path) for field in fields):
        path = path[: max(path.rfind("."), path.rfind("["))] or ROOT
    return path


def _is_below(path: str, holder: str) -> bool:
    return path == holder or path.startswith((f"{holder}.", f"{holder}["))


def _said(text: str) -> str:
    return visible(shortened(text[: 20 * LONGEST_TEXT]))
