"""The report on a log, as a person uses it: a real browser, from a file, without a network."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.cli.main import main
from tests.browser.chromium import Tab, executable, tab

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "logs"
SHOTS = Path(__file__).parents[2] / "build"
HOSTILE = "</script><script>document.title='mine'</script><img src=x onerror=alert(1)>\u202e"

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        executable() is None,
        reason="there is no Chromium; .ci/chromium installs Debian's where it may",
    ),
]


def record(second: int, station: str, up: bool, frame: list) -> dict:
    told = {
        "schemaVersion": "1.1",
        "timestamp": f"2025-06-01T09:{second // 60:02}:{second % 60:02}Z",
        "transport": "json",
        "direction": "cp-to-csms" if up else "csms-to-cp",
        "messageType": "CALL" if frame[0] == 2 else "CALLRESULT",
        "ocppVersion": "1.6",
        "chargePointId": station,
        "messageId": frame[1],
        "payload": frame[-1],
    }
    return told | ({"action": frame[2]} if frame[0] == 2 else {})


def exchange(second: int, station: str, id_: str, action: str, asked: dict, answer: dict) -> list:
    return [
        record(second, station, True, [2, id_, action, asked]),
        record(second + 1, station, False, [3, id_, answer]),
    ]


def conversation() -> Iterator[dict]:
    """Two stations; ids of which one begins like another; a time to mend; words that attack."""
    boot = {"chargePointVendor": "Maker", "chargePointModel": "M1"}
    accepted = {"status": "Accepted", "interval": 300, "currentTime": "2025-06-01T09:00:00Z"}
    yield from exchange(0, "CP1", "b-1", "BootNotification", boot, accepted)
    for n in range(1, 21):
        answer = {"currentTime": f"2025-06-01T09:00:{n:02}Z"}
        yield from exchange(60 * n, "CP1", f"h-{n}", "Heartbeat", {}, answer)
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    late = status | {"timestamp": "2025-06-01 09:02:00"}
    yield from exchange(130, "CP1", "s-1", "StatusNotification", late, {})
    yield from exchange(140, "CP1", "s-2", "StatusNotification", status | {"status": "Odd"}, {})
    period = {"startPeriod": 0, "limit": 16.0}
    profile = {
        "chargingProfileId": 3,
        "transactionId": 7,
        "stackLevel": 1,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]},
    }
    start = {"idTag": "TAG1", "connectorId": 1, "chargingProfile": profile}
    yield record(145, "CP1", False, [2, "r-1", "RemoteStartTransaction", start])
    yield record(146, "CP1", True, [3, "r-1", {"status": "Accepted"}])
    words = {"vendorId": HOSTILE, "data": HOSTILE + "x" * 50_000}
    yield from exchange(150, "<b>CP2</b>", HOSTILE[:36], "DataTransfer", words, accepted)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    log = folder / "field.jsonl"
    log.write_text("".join(json.dumps(told) + "\n" for told in conversation()) + "noise\n")
    out = folder / "report.html"
    converted = folder / "converted.jsonl"
    main(["convert", str(log), "--to", "2.0.1", "-o", str(converted), "--report", str(out)])
    return out


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory) -> AsyncIterator[Tab]:
    async with tab(tmp_path_factory.mktemp("chromium")) as opened:
        await opened.size(1400, 1800)
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser, page) -> Tab:
    """The page as it opens."""
    browser.errors.clear()
    browser.asked.clear()
    await browser.open(page)
    return browser


async def rows(opened: Tab) -> list[str]:
    return await opened.run("[...document.querySelectorAll('.row')].map((row) => row.innerText)")


async def search(opened: Tab, words: str) -> None:
    """Type into the search field and press Enter."""
    await opened.run("document.getElementById('words').focus()")
    await opened.type(words)
    await opened.enter()


async def test_it_opens_without_an_error_and_asks_for_nothing_else(opened, page):
    assert await opened.run("document.title") == "OCPP log report"
    assert len(await rows(opened)) == 25
    assert opened.errors == []
    assert opened.asked == [page.as_uri()]


async def test_searching_a_message_id_leaves_one_exchange(opened):
    await search(opened, "h-1")
    found = await rows(opened)
    assert len(found) == 1
    assert "Heartbeat" in found[0]
    assert await opened.run("document.getElementById('found').innerText") == "1 of 25 match"
    assert await opened.run("document.querySelectorAll('.detail .pane').length") == 4
    await opened.run("document.querySelector('#search button[type=reset]').click()")
    await opened.run("new Promise((done) => setTimeout(done, 0))")
    assert len(await rows(opened)) == 25


async def test_values_and_several_words_are_searched_too(opened):
    await search(opened, "statusnotification ODD")
    assert [row.split("\n")[1] for row in await rows(opened)] == ["CP1"]


async def test_a_changed_field_carries_its_mark_on_both_sides(opened):
    await search(opened, "s-1")
    marked = "[...document.querySelectorAll('.side.{} .line.{}')].map((line) => line.textContent)"
    assert await opened.run(marked.format("out", "changed")) == [
        '"timestamp": "2025-06-01T09:02:00Z" (changed)'
    ]
    [broken] = await opened.run(marked.format("in", "changed.broken"))
    assert broken.startswith('"timestamp": "2025-06-01 09:02:00"')
    assert "RFC 3339" in broken


async def test_a_lost_field_carries_its_mark_and_is_counted(opened):
    await search(opened, "r-1")
    [lost] = await opened.run("[...document.querySelectorAll('.line.lost')].map(l => l.innerText)")
    assert lost.startswith('"transactionId": 7')
    table = await opened.run("document.querySelector('#lost table').innerText")
    assert "chargingProfile.transactionId\t1" in table


async def test_words_of_a_log_stay_words(opened):
    await search(opened, HOSTILE[:36])
    assert len(await rows(opened)) == 1
    assert await opened.run("document.querySelectorAll('img, b script, main script').length") == 0
    assert await opened.run("document.title") == "OCPP log report"
    shown = await opened.run("document.querySelector('.detail').innerText")
    assert HOSTILE[:-1] + "\\u202e" in shown
    assert "characters)" in shown
    assert opened.errors == []


async def test_a_timeline_leads_to_the_exchanges_of_its_station_and_action(opened):
    await opened.run("document.querySelector('.timeline summary').click()")
    await opened.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
    lanes = "[...document.querySelectorAll('.lane')]"
    names = await opened.run(f"{lanes}.map((lane) => lane.innerText)")
    assert names == [
        "Heartbeat",
        "StatusNotification",
        "BootNotification",
        "RemoteStartTransaction",
    ]
    await opened.run(f"{lanes}[1].click()")
    assert len(await rows(opened)) == 2


async def test_findings_are_searched_for_themselves(opened):
    await opened.run("document.getElementById('filter').focus()")
    await opened.type("no_frame")
    shown = "[...document.querySelectorAll('#findings tbody tr:not([hidden])')]"
    [row] = await opened.run(f"{shown}.map((row) => row.innerText)")
    assert "no frame on this line" in row
    assert len(await rows(opened)) == 25


async def test_it_can_be_used_by_keyboard_alone(opened):
    await opened.run("document.getElementById('words').focus()")
    for _ in range(5):
        await opened.press("Tab", 9)
    focused = "document.activeElement.{}"
    assert await opened.run(focused.format("className")) == "row"
    assert await opened.run(focused.format("getAttribute('aria-expanded')")) == "false"
    await opened.enter()
    assert await opened.run(focused.format("getAttribute('aria-expanded')")) == "true"


async def test_what_the_field_wrote_is_shown_without_an_error(browser, tmp_path):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    logs, page = [str(log) for log in sorted(CORPUS.glob("*.log"))], tmp_path / "r.html"
    out = str(tmp_path / "out")
    main(["convert", *logs, "--to", "2.0.1", "-o", out, "--report", str(page)])
    browser.errors.clear()
    await browser.open(page)
    opened = "(row) => { row.click(); return row.parentNode.querySelector('.pane') !== null }"
    shown = await browser.run(f"[...document.querySelectorAll('.row')].map({opened})")
    assert len(shown) > 50
    assert all(shown)
    assert "All " in await browser.run("document.querySelector('#findings .about').innerText")
    assert browser.errors == []


async def test_it_follows_the_readers_colours_and_leaves_a_picture(opened):
    await search(opened, "s-1")
    await opened.run("document.getElementById('exchanges').scrollIntoView()")
    backs = []
    for scheme in ("light", "dark"):
        await opened.colours(scheme)
        backs.append(await opened.run("getComputedStyle(document.body).backgroundColor"))
        picture = await opened.screenshot()
        SHOTS.mkdir(exist_ok=True)
        (SHOTS / f"report-{scheme}.png").write_bytes(picture)
        assert len(picture) > 30_000
    assert backs[0] != backs[1]
