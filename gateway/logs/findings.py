"""Findings put out: as text, JSON or SARIF, one by one as they come, totals at the end; as a page.

Each format is a valid document however early the run ends. Control characters never pass.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import IO, Any, Protocol
from urllib.parse import quote

from gateway import __version__
from gateway.logs.report.page import HtmlSink
from gateway.logs.report.words import KEYWORDS, rule_in_words
from gateway.logs.rules import RULES, Finding, Level, counted, level_of
from gateway.observe.escape import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Totals:
    """How much of what: by level, by rule, by action and rule, by station and level.

    Of convert besides: losses by field, repairs by name, fates of exchanges (recorded.py).
    """

    def __init__(self) -> None:
        self.frames = 0
        self.levels: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.actions: dict[str, Counter[str]] = {}
        self.stations: dict[str, Counter[str]] = {}
        self.losses: Counter[str] = Counter()
        self.repairs: Counter[str] = Counter()
        self.fates: Counter[str] = Counter()

    def note(self, finding: Finding) -> None:
        self.levels[finding.level] += 1
        self.rules[finding.rule] += 1
        if finding.action:
            self.actions.setdefault(finding.action, Counter())[finding.rule] += 1
        if finding.station:
            self.stations.setdefault(finding.station, Counter())[finding.level] += 1

    def add(self, other: "Totals") -> None:
        """Take in what another process counted besides findings."""
        self.frames += other.frames
        self.losses += other.losses
        self.repairs += other.repairs
        self.fates += other.fates

    def fails(self, *, strict: bool) -> bool:
        """Whether the run has failed: errors, or under strict also warnings."""
        return bool(self.levels[Level.ERROR] or (strict and self.levels[Level.WARNING]))

    def as_json(self) -> dict[str, Any]:
        return {
            "frames": self.frames,
            "levels": _sorted(self.levels),
            "rules": _sorted(self.rules),
            "losses": _sorted(self.losses),
            "repairs": _sorted(self.repairs),
            "fates": _sorted(self.fates),
            "actions": {name: _sorted(self.actions[name]) for name in sorted(self.actions)},
            "stations": {name: _sorted(self.stations[name]) for name in sorted(self.stations)},
        }


class Sink(Protocol):
    """Where findings go."""

    def take(self, finding: Finding) -> None: ...

    def close(self, totals: Totals, *, complete: bool) -> None:
        """complete: False if the run was interrupted."""


class TextSink:
    """One line a finding, `file:line: level: path sentence [rule]`."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def take(self, finding: Finding) -> None:
        what = " ".join(part for part in (finding.action, finding.path) if part)
        text = f"{finding.file}:{finding.line}: {finding.level}: "
        text += f"{what}: {finding.sentence}" if what else finding.sentence
        text += f" [{finding.rule}]"
        if finding.repair:
            text += f" (repair mends it: {finding.repair})"
        print(visible(text), file=self._out)

    def close(self, totals: Totals, *, complete: bool) -> None:
        out = self._out
        counts = ", ".join(counted(totals.levels[level], level) for level in Level)
        print(f"{counted(totals.frames, 'frame')}: {counts}", file=out)
        for heading, table in (("by action", totals.actions), ("by station", totals.stations)):
            if table:
                print(f"{heading}:", file=out)
            for name in sorted(table):
                found = ", ".join(f"{count} {rule}" for rule, count in _sorted(table[name]).items())
                print(visible(f"  {name}: {found}"), file=out)
        for heading, counter in (
            ("by rule", totals.rules),
            ("repairs", totals.repairs),
            ("losses", totals.losses),
            ("exchanges", totals.fates),
        ):
            if counter:
                print(f"{heading}:", file=out)
            for name, count in _sorted(counter).items():
                print(visible(f"  {name}: {count}"), file=out)
        if not complete:
            print("interrupted: only a part of the input was read", file=out)


class JsonSink:
    """{"findings": [...], "totals": {...}, "complete": true}"""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._first = True
        out.write('{"findings": [')

    def take(self, finding: Finding) -> None:
        plain = {name: value for name, value in finding._asdict().items() if value != ""}
        self._out.write("\n" if self._first else ",\n")
        self._out.write(json.dumps(plain))
        self._first = False

    def close(self, totals: Totals, *, complete: bool) -> None:
        rest = json.dumps(totals.as_json())
        self._out.write(f'\n], "totals": {rest}, "complete": {json.dumps(complete)}}}\n')


class SarifSink:
    """SARIF 2.1.0, as code review tools read it."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._first = True
        rules = [
            {
                "id": name,
                "shortDescription": {"text": rule_in_words(name)},
                "defaultConfiguration": {"level": level_of(name)},
            }
            for name in (*RULES, *KEYWORDS)
        ]
        driver = {"name": "ocpp-gateway", "version": __version__, "rules": rules}
        head = json.dumps({"tool": {"driver": driver}})[:-1]
        out.write(f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{head}, "results": [')

    def take(self, finding: Finding) -> None:
        what = " ".join(part for part in (finding.action, finding.path) if part)
        place: dict[str, Any] = {
            "artifactLocation": {"uri": quote(finding.file, errors="surrogateescape")}
        }
        if finding.line:
            place["region"] = {"startLine": finding.line}
        result = {
            "ruleId": finding.rule,
            "level": finding.level,
            "message": {"text": f"{what}: {finding.sentence}" if what else finding.sentence},
            "locations": [{"physicalLocation": place}],
            "properties": {
                name: value
                for name in ("path", "station", "action", "message_id", "repair")
                if (value := getattr(finding, name))
            },
        }
        self._out.write("\n" if self._first else ",\n")
        self._out.write(json.dumps(result))
        self._first = False

    def close(self, totals: Totals, *, complete: bool) -> None:
        invocation = [{"executionSuccessful": complete}]
        rest = f'"invocations": {json.dumps(invocation)}, '
        rest += f'"properties": {json.dumps(totals.as_json())}'
        self._out.write(f"\n], {rest}}}]}}\n")


FORMATS: dict[str, Callable[[IO[str]], Sink]] = {
    "text": TextSink,
    "json": JsonSink,
    "sarif": SarifSink,
    "html": HtmlSink,
}
"""What `--format` takes."""


def _sorted(counts: Counter[str]) -> dict[str, int]:
    """The most frequent first, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
