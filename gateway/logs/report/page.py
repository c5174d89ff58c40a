"""The page itself: takes findings, exchanges and chapters as they come, and is written at the end.

It needs nothing but itself: style, script and data stand in it, and a policy in its head forbids
the browser to load anything else or to run any other script, whatever a log may hold.
"""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gateway.logs.report.chronicle import EXCHANGES, Chapter
from gateway.logs.report.difference import shortened
from gateway.logs.report.exchange import Candidate, unindexed
from gateway.logs.report.seats import Plan, Seats
from gateway.logs.report.sections import Column, Row, section, table, text, tiles
from gateway.logs.report.timeline import DETAILED, MOST_STATIONS, SEVERITY, cells
from gateway.logs.report.words import FATES, repair_in_words, rule_in_words
from gateway.logs.rules import Finding, Level
from gateway.observe.escape import visible

if TYPE_CHECKING:
    from gateway.logs.findings import Totals

FINDINGS = Plan(first=1000, each=5, most_each=1500, most_station=1500)
"""Which findings a page lists."""
MOST_BYTES = 8_000_000
"""Of the exchanges together: what they take of memory until the page is written."""
MOST_REPAIRED = 2000
"""Kinds of repaired fields that are told apart."""
_TITLE = "OCPP log report"
_ELSEWHERE = "A report in JSON or as text has all of them."
_OTHERS = ("other fields", "", "", "")


class HtmlSink:
    """ran: the command and what it read, for the reader of the page."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self.ran = ""
        self._style, self._script = _file("page.css"), _file("page.js")
        self._seats, self._listed = Seats(EXCHANGES), Seats(FINDINGS)
        self._exchanges: list[str] = []
        self._size = 0
        self._findings: list[Finding] = []
        self._found = 0
        self._worst: dict[str, Level] = {}
        self._repaired: Counter[tuple[str, str, str, str]] = Counter()
        self._chapters: list[Chapter] = []

    def take(self, finding: Finding) -> None:
        self._found += 1
        worst = self._worst.get(finding.rule)
        if worst is None or SEVERITY[worst] < SEVERITY[finding.level]:
            self._worst[finding.rule] = finding.level
        reason = f"{finding.rule} {unindexed(finding.path)}"
        if self._listed.take(finding.station, finding.action, (reason,)):
            self._findings.append(finding)
        if finding.repair:
            what = finding.action, unindexed(finding.path), finding.rule, finding.repair
            known = what in self._repaired or len(self._repaired) < MOST_REPAIRED
            self._repaired[what if known else _OTHERS] += 1

    def gather(self, part: Candidate | Chapter) -> None:
        """What a chronicle put out."""
        if isinstance(part, Chapter):
            self._chapters.append(part)
        elif self._size + len(part.text) <= MOST_BYTES and self._seats.take(
            part.station, part.action, part.reasons
        ):
            self._size += len(part.text)
            self._exchanges.append(_embedded(part.text))

    def close(self, totals: "Totals", *, complete: bool) -> None:
        write = self._out.write
        write(self._head())
        if not complete:
            told = "The run was interrupted: everything here is about a part of the input."
            write(f"<p class=banner role=status>{text(told)}</p>\n")
        for part in (
            self._summary(totals),
            self._lost(totals),
            self._mended(totals),
            self._timelines(),
            self._side_by_side(),
            self._list_of_findings(),
        ):
            write(part)
        write("</main>\n")
        self._write_data()
        write(f"<script>{self._script}</script>\n</body>\n</html>\n")

    # -- the parts ----------------------------------------------------------------------------

    def _head(self) -> str:
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
            f"script-src '{_digest(self._script)}'; base-uri 'none'; form-action 'none'"
        )
        links = "".join(f'<a href="#{name}">{text(word)}</a>\n' for name, word in _PARTS)
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{_TITLE}</title>\n<link rel=icon href=data:,>\n"
            f"<style>{self._style}</style>\n</head>\n<body>\n"
            f'<a class=skip href="#exchanges">Skip to the exchanges</a>\n<header>\n'
            f"<h1>{_TITLE}</h1>\n<p><code>{text(self.ran)}</code></p>\n"
            f'<nav aria-label="Parts of the report">\n{links}</nav>\n</header>\n<main>\n'
        )

    def _summary(self, totals: "Totals") -> str:
        plain = totals.as_json()
        exchanges = sum(chapter.exchanges for chapter in self._chapters)
        numbers = [("frames", totals.frames, ""), ("exchanges", exchanges, "")]
        numbers += [("stations", sum(chapter.stations for chapter in self._chapters), "")]
        numbers += [(f"{level}s", totals.levels[level], level.value) for level in Level]
        numbers += [("fields repaired", self._repaired.total(), "repaired")]
        numbers += [("fields lost", totals.losses.total(), "lost")]
        rules: list[Row] = [
            (self._worst[rule].value, rule, rule_in_words(rule), n)
            for rule, n in plain["rules"].items()
        ]
        fates: list[Row] = [(*FATES[fate], n) for fate, n in plain["fates"].items()]
        return section(
            "summary",
            "Totals",
            (
                tiles(numbers),
                "<div class=parts>",
                table("What became of the exchanges", _FATES, fates),
                table("Findings by rule", _RULES, rules),
                table("Findings by action", _NAMED, _counted(plain["actions"])),
                table("Findings by station", _NAMED, _counted(plain["stations"])),
                "</div>",
            ),
        )

    def _lost(self, totals: "Totals") -> str:
        why = {name: told for chapter in self._chapters for name, told in chapter.why.items()}
        rows: list[Row] = []
        for name, count in totals.as_json()["losses"].items():
            message, _, path = name.partition(":")
            rows.append((message, path, count, why.get(name, "left out on the way")))
        about = "Fields that the other version has no place for, with what the maps say of them."
        if not rows:
            about = "Nothing was lost."
        return section("lost", "Lost", (table("Lost fields", _LOST, rows),), about)

    def _mended(self, totals: "Totals") -> str:
        kinds: list[Row] = [
            (name, repair_in_words(name), n) for name, n in totals.as_json()["repairs"].items()
        ]
        fields: list[Row] = [
            (*what, n) for what, n in sorted(self._repaired.items(), key=lambda i: (-i[1], i[0]))
        ]
        if not kinds and not fields:
            return section("repaired", "Repaired", (), "Nothing had to be repaired.")
        parts = (table("Repairs", _KINDS, kinds), table("Repaired fields", _FIELDS, fields))
        return section("repaired", "Repaired", parts)

    def _timelines(self) -> str:
        stations = sum(chapter.stations for chapter in self._chapters)
        if not stations:
            return section("time", "Timelines", (), "The input tells no times.")
        about = "Exchanges over the time of each station's own log; select a station to see more."
        if stations > MOST_STATIONS:
            about += f" The first {MOST_STATIONS:,} of {stations:,} stations are shown."
        if stations > DETAILED:
            about += f" The actions are told apart for the first {DETAILED}."
        return section("time", "Timelines", ('<div id="timelines"></div>\n',), about)

    def _side_by_side(self) -> str:
        every, shown = sum(c.exchanges for c in self._chapters), len(self._exchanges)
        about = f"All {every:,} exchanges are shown."
        if shown < every:
            about = f"{shown:,} of {every:,} exchanges are shown: {EXCHANGES.told('exchanges')}"
            about += f", as long as there is room ({EXCHANGES.most:,}, or"
            about += f" {MOST_BYTES // 1_000_000} MB). The totals are of all."
        return section("exchanges", "Exchanges", (_SEARCH,), about)

    def _list_of_findings(self) -> str:
        rows: list[Row] = [
            (f.level.value, f"{f.file}:{f.line}", f.station, _what(f), f.sentence, f.rule, f.repair)
            for f in self._findings
        ]
        about = f"All {self._found:,} findings are listed."
        if len(rows) < self._found:
            about = f"{len(rows):,} of {self._found:,} findings are listed: "
            about += f"{FINDINGS.told('findings')}. {_ELSEWHERE}"
        heading = "Every finding" if len(rows) == self._found else "Selected findings"
        listed = table(heading, _LISTED, rows, FINDINGS.most)
        parts = (_FILTER, listed) if rows else ()
        return section("findings", "Findings", parts, about if rows else "There are none.")

    def _write_data(self) -> None:
        self._write_array("exchange-data", self._exchanges)
        self._write_array("timeline-data", _timelines(self._chapters))

    def _write_array(self, name: str, items: Iterable[str]) -> None:
        write = self._out.write
        write(f'<script type="application/json" id="{name}">[')
        for number, item in enumerate(items):
            write((",\n" if number else "\n") + item)
        write("]</script>\n")


_PARTS = (
    ("summary", "Totals"),
    ("lost", "Lost"),
    ("repaired", "Repaired"),
    ("time", "Timelines"),
    ("exchanges", "Exchanges"),
    ("findings", "Findings"),
)
_COUNT = Column("count", number=True)
_FATES = (Column("fate"), Column("meaning"), _COUNT)
_RULES = (Column("worst"), Column("rule", code=True), Column("meaning"), _COUNT)
_NAMED = (Column("name", code=True), Column("findings"))
_LOST = (Column("message", code=True), Column("field", code=True), _COUNT, Column("why"))
_KINDS = (Column("repair", code=True), Column("meaning"), _COUNT)
_FIELDS = (
    Column("action", code=True),
    Column("field", code=True),
    Column("rule", code=True),
    Column("repair", code=True),
    _COUNT,
)
_LISTED = (
    Column("level"),
    Column("place", code=True),
    Column("station", code=True),
    Column("message, field", code=True),
    Column("what is wrong"),
    Column("rule", code=True),
    Column("repair", code=True),
)

_SEARCH = """<form id="search" role="search">
<label class="wide">Search <input type="search" id="words" autocomplete="off" spellcheck="false"
 placeholder="message id, field, value, action, station"></label>
<label>Station <select id="station"><option value="">all</option></select></label>
<label>Action <select id="action"><option value="">all</option></select></label>
<label>With <select id="tag"><option value="">anything</option></select></label>
<button type="reset">Clear</button>
</form>
<p id="found" role="status"></p>
<p class="legend"><span class="key changed">changed</span>
<span class="key moved">same value in another field</span>
<span class="key only">on this side only</span> <span class="key lost">lost</span>
<span class="key broken">breaks its schema</span></p>
<ol id="list"></ol>
<button type="button" id="more" hidden>Show more</button>
<noscript><p>Exchanges and timelines need scripts, which do not run here.</p></noscript>
"""
_FILTER = """<p class="filter"><label>Search <input type="search" id="filter" autocomplete="off"
 spellcheck="false" placeholder="place, station, action, field, rule"></label>
<span id="filtered" role="status"></span></p>
"""


def _what(finding: Finding) -> str:
    return " ".join(part for part in (finding.action, finding.path) if part)


def _counted(counts: dict[str, dict[str, int]]) -> list[Row]:
    """By name, what was found how often."""
    return [
        (name, ", ".join(f"{count:,} {what}" for what, count in found.items()))
        for name, found in counts.items()
    ]


def _timelines(chapters: Iterable[Chapter]) -> Iterator[str]:
    """The timelines of all stations as JSON, in the order in which the stations appear."""
    found = sorted((told for c in chapters for told in c.timelines), key=lambda told: told[0])
    for number, (_, name, line) in enumerate(found[:MOST_STATIONS]):
        begin = int(line.first // line.width)
        actions = line.actions if number < DETAILED else {}
        lanes = sorted(actions.items(), key=lambda lane: (-sum(lane[1].values()), lane[0]))
        record = {
            "station": name,
            "begin": begin * line.width,
            "width": line.width,
            "spans": int(line.last // line.width) - begin + 1,
            "all": cells(line.all, begin),
            "lanes": [[visible(shortened(n)), cells(lane, begin)] for n, lane in lanes],
        }
        yield _embedded(json.dumps(record, separators=(",", ":")))


def _embedded(data: str) -> str:
    """JSON that may stand in a script element: no letter of it can end the element."""
    return data.replace("<", "\\u003c")


def _digest(script: str) -> str:
    return "sha256-" + b64encode(sha256(script.encode()).digest()).decode()


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")
