"""The page as a file: what it holds, what it leaves out and says so, what cannot get out of it."""

import io
import json
import re
from html import unescape

import pytest

from gateway.logs.findings import Totals
from gateway.logs.report import page as page_module
from gateway.logs.report.chronicle import EXCHANGES, Chapter
from gateway.logs.report.exchange import Candidate
from gateway.logs.report.page import FINDINGS, HtmlSink
from gateway.logs.report.timeline import DETAILED, MOST_STATIONS, Timeline
from gateway.logs.rules import Finding, Level
from gateway.logs.shares import READ

FINDING = Finding("a.log", 3, Level.ERROR, "enum", "$.type", "must be Soft", "CP1", "Reset", "1")
MENDED = FINDING._replace(level=Level.WARNING, path="$.list[4].time", repair="timestamps")
HOSTILE = '</script><b onclick="x">&\u2028\u202e'


def made(*parts, complete=True, ran="convert a.log", totals=None) -> str:
    """The page of these findings, exchanges and chapters."""
    out, totals = io.StringIO(), totals or Totals()
    sink = HtmlSink(out)
    sink.ran = ran
    for part in parts:
        if isinstance(part, Finding):
            totals.note(part)
            sink.take(part)
        else:
            sink.gather(part)
    sink.close(totals, complete=complete)
    return out.getvalue()


def candidate(number: int, station: str = "CP1", reason: str = "", size: int = 10) -> Candidate:
    text = json.dumps({"n": number, "filling": "x" * size})
    return Candidate(station, "Reset", (reason,), text)


def chapter(exchanges: int, *names: str, why=()) -> Chapter:
    timelines = []
    for name in names:
        line = Timeline()
        line.note(1.0, "Reset", 0, detailed=True)
        timelines.append(((READ, 0), name, line))
    return Chapter(exchanges, len(names), tuple(timelines), dict(why))


def data(page: str, name: str) -> list:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


def words(page: str, section: str) -> str:
    """What a reader sees of a section."""
    found = re.search(rf'<section id="{section}".*?</section>', page, re.S)
    assert found is not None
    return " ".join(unescape(re.sub("<[^>]*>", " ", found[0])).split())


def test_a_run_without_anything_gives_a_page_that_says_so():
    page = made()
    assert words(page, "lost") == "Lost Nothing was lost."
    assert "Nothing had to be repaired" in words(page, "repaired")
    assert "All 0 exchanges" in words(page, "exchanges")
    assert data(page, "exchange-data") == data(page, "timeline-data") == []


def test_it_needs_nothing_else_and_may_load_nothing_else():
    page = made(FINDING, candidate(1), chapter(1, "CP1"))
    assert not re.search(r"(src|href)=.?(http|//|file)", page)
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_what_a_log_holds_stays_text():
    totals = Totals()
    totals.losses[HOSTILE] = 1
    hostile = [FINDING._replace(**{name: HOSTILE}) for name in ("file", "station", "sentence")]
    hostile += [FINDING._replace(action=HOSTILE, repair=HOSTILE)]
    text = json.dumps({"a": HOSTILE})
    page = made(
        *hostile,
        Candidate("CP1", "Reset", ("",), text),
        chapter(1, HOSTILE),
        totals=totals,
        ran=HOSTILE,
    )
    assert page.count("</script>") == page.count("<script") == 3
    assert "<b onclick" not in page
    assert "\u202e" not in page
    assert "\u2028" not in page
    assert data(page, "exchange-data") == [{"a": HOSTILE}]
    assert data(page, "timeline-data")[0]["station"] == HOSTILE


def test_totals_are_those_of_the_run():
    totals = Totals()
    totals.frames = 7
    totals.fates["passes"] = 3
    totals.repairs["timestamps"] = 2
    shown = words(made(FINDING, MENDED, totals=totals), "summary")
    assert "7 frames" in shown or "frames 7" in shown
    assert "translated one call becomes one call 3" in shown
    assert "error enum a word that is not in the list of the schema 2" in shown
    assert "CP1 1 error, 1 warning" in shown


def test_losses_are_counted_by_field_with_the_reason():
    totals = Totals()
    totals.losses["Reset.request:a.b"] = 1234
    page = made(chapter(1, why={"Reset.request:a.b": "1.6 has none"}.items()), totals=totals)
    assert "Reset.request a.b 1,234 1.6 has none" in words(page, "lost")


def test_repaired_fields_are_counted_whatever_their_place_in_a_list():
    shown = words(made(MENDED, MENDED._replace(path="$.list[0].time")), "repaired")
    assert "Reset $.list[].time enum timestamps 2" in shown


def test_few_findings_are_all_listed():
    shown = words(made(FINDING, MENDED), "findings")
    assert "All 2 findings are listed" in shown
    assert "error a.log:3 CP1 Reset $.type must be Soft enum" in shown


def test_of_many_findings_a_stated_number_is_listed():
    page = made(*[FINDING] * 5000, *[FINDING._replace(rule="rare", line=77)] * 50)
    most = FINDINGS.first + FINDINGS.each
    assert f"{most:,} of 5,050 findings are listed: the first" in words(page, "findings")
    assert page.count("a.log:77") == FINDINGS.each
    assert "5,050" in words(page, "summary")


def test_of_many_exchanges_a_stated_number_is_shown():
    many = [candidate(n) for n in range(5000)]
    page = made(*many, candidate(5001, reason="enum"), chapter(5001, "CP1"))
    shown = data(page, "exchange-data")
    assert shown[-1]["n"] == 5001
    assert len(shown) < EXCHANGES.most
    assert f"{len(shown):,} of 5,001 exchanges are shown: the first" in words(page, "exchanges")


def test_exchanges_take_a_bounded_place(monkeypatch):
    monkeypatch.setattr(page_module, "MOST_BYTES", 10_000)
    page = made(*(candidate(n, size=900) for n in range(50)), chapter(50, "CP1"))
    assert 5 <= len(data(page, "exchange-data")) <= 10


def test_an_interrupted_run_says_so():
    assert "interrupted" in made(complete=False)
    assert "interrupted" not in made()


def test_stations_come_in_the_order_in_which_they_appear():
    late = Chapter(1, 1, (((READ, 9), "A", Timeline()), ((READ, 1), "B", Timeline())), {})
    page = made(late, Chapter(1, 1, (((READ, 5), "C", Timeline()),), {}))
    assert [line["station"] for line in data(page, "timeline-data")] == ["B", "C", "A"]


def test_of_many_stations_a_stated_number_is_shown():
    page = made(chapter(9, *(f"S{n}" for n in range(MOST_STATIONS + 5))))
    lines = data(page, "timeline-data")
    assert len(lines) == MOST_STATIONS
    assert [bool(line["lanes"]) for line in lines].count(True) == DETAILED
    assert "The first 1,000 of 1,005 stations are shown" in words(page, "time")


@pytest.mark.parametrize("count", [301, 3000])
def test_long_tables_say_how_much_they_show(count):
    totals = Totals()
    totals.losses.update({f"M.request:f{n}": 1 for n in range(count)})
    assert f"300 of {count:,} are shown" in words(made(totals=totals), "lost")
