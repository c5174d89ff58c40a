"""One line a frame: who, where, what, how long, what was lost; nothing that must stay secret."""

import io
import json

import pytest

from gateway.core.dialects import Side
from gateway.core.session.effects import Record
from gateway.observe.frame_log import FrameLog
from gateway.observe.lines import Lines
from gateway.observe.redaction import Redactor

NOW = 1_735_689_600.25
REDACTOR = Redactor(b"k" * 32)
START = Record(
    ">",
    Side.CSMS,
    "StartTransaction",
    "id-1",
    payload={"connectorId": 1, "idTag": "CANARY", "meterStart": 0},
    losses=("evse.id", "offline"),
    repairs=("scalar_to_list",),
    elapsed_s=0.01234,
)


def logged(*records: Record, people: bool = False, colour: bool = False, **options) -> list[str]:
    out = io.StringIO()
    lines = Lines(out, people, colour, options.pop("field_bytes", 2048))
    log = FrameLog(lines, REDACTOR, lambda: NOW, **options)
    for record in records:
        log("CS-1", record)
    return out.getvalue().splitlines()


def test_a_frame_is_one_json_object_with_fixed_fields():
    [line] = logged(START, revision="r7")
    assert json.loads(line) == {
        "ts": "2025-01-01T00:00:00.250Z",
        "level": "info",
        "event": "frame",
        "station": "CS-1",
        "leg": "csms",
        "direction": ">",
        "action": "StartTransaction",
        "id": "id-1",
        "outcome": "ok",
        "ms": 12.3,
        "repairs": ["scalar_to_list"],
        "losses": ["evse.id", "offline"],
        "revision": "r7",
        "token": REDACTOR.token("CANARY"),
    }


def test_a_refusal_that_quotes_its_call_is_masked():
    call = {"key": "AuthorizationKey", "value": "CANARY"}
    error = Record("<", Side.STATION, "ChangeConfiguration", "1", "GenericError", "no CANARY")
    for detail in ("meta", "full", "off"):
        [line] = logged(error._replace(quoted=call), detail=detail)
        assert json.loads(line)["text"] == f"no {REDACTOR.token('CANARY')}"
        assert "payload" not in json.loads(line)


def test_payloads_are_shown_only_in_full_and_redacted():
    [line] = logged(START, detail="full")
    assert json.loads(line)["payload"] == {
        "connectorId": 1,
        "idTag": REDACTOR.token("CANARY"),
        "meterStart": 0,
    }
    assert "CANARY" not in line


def test_off_leaves_out_what_went_well_and_still_counts_what_was_lost():
    out = io.StringIO()
    log = FrameLog(Lines(out, False, False, 2048), REDACTOR, lambda: NOW, "off")
    log("CS-1", START)
    assert out.getvalue() == ""
    assert log.losses.of("CS-1") == {"StartTransaction": {"evse.id": 1, "offline": 1}}


def test_off_never_hides_what_went_wrong():
    [line] = logged(Record("<", Side.STATION, "X", "1", "FormatViolation"), detail="off")
    assert json.loads(line)["outcome"] == "FormatViolation"


@pytest.mark.parametrize(
    ("outcome", "level"),
    [
        ("ok", "info"),
        ("up", "info"),
        ("no_call", "info"),
        ("late", "warning"),
        ("FormatViolation", "warning"),
        ("internal_failure", "error"),
    ],
)
def test_levels(outcome, level):
    [line] = logged(Record("=", Side.CSMS, "", "", outcome))
    assert json.loads(line)["level"] == level
    assert json.loads(line)["event"] == "state"


def test_hostile_text_stays_one_line_that_json_can_read():
    hostile = 'x\r\n{"forged": 1}\x1b[2J\u202e"\\'
    [line] = logged(Record("<", Side.STATION, hostile, hostile, "unreadable", hostile))
    assert json.loads(line)["action"] == hostile
    assert line.isascii()
    assert line.isprintable()


def test_hostile_text_stays_one_line_for_people():
    [line] = logged(
        Record("<", Side.STATION, "a\x1b[2J", "1", "unreadable", "x\ny\u202e"), people=True
    )
    assert line.isprintable()
    assert "\\u001b[2J" in line


def test_long_fields_are_cut():
    [line] = logged(
        Record("<", Side.STATION, "A" * 5000, "1", "unreadable", "t" * 5000), field_bytes=100
    )
    fields = json.loads(line)
    assert len(fields["action"]) == len(fields["text"]) == 100


def test_a_payload_that_is_too_long_is_shown_cut():
    payload = {"data": ["x" * 50] * 50}
    [line] = logged(Record("<", Side.STATION, "A", "1", payload=payload), detail="full")
    shown = json.loads(line)["payload"]
    assert shown.startswith('{"data":["xxx')
    assert len(shown) == 2048


def test_people_get_columns():
    lines = logged(
        START,
        Record("<", Side.STATION, "Heartbeat", "2", elapsed_s=1.5, answered_by="gateway"),
        people=True,
    )
    assert [line[12:] for line in lines] == [
        "  CS-1             csms    -> StartTransaction             ok              12.3 ms  "
        f"token={REDACTOR.token('CANARY')}  repairs=scalar_to_list  losses=evse.id,offline",
        "  CS-1             station <- Heartbeat                    ok            1500.0 ms  "
        "answered_by=gateway",
    ]


def test_colour_marks_what_went_wrong_and_only_that():
    good, bad = logged(
        Record("<", Side.STATION, "A", "1"),
        Record("<", Side.STATION, "A", "1", "late"),
        people=True,
        colour=True,
    )
    assert "\x1b" not in good
    assert bad.startswith("\x1b[33m")
    assert bad.endswith("\x1b[0m")


def test_a_reader_that_has_gone_does_not_stop_the_gateway():
    class Gone(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            self.writes += 1
            raise BrokenPipeError

    gone = Gone()
    log = FrameLog(Lines(gone, False, False, 2048), REDACTOR, lambda: NOW)
    log("CS-1", START)
    log("CS-1", START)
    assert gone.writes == 1
    assert log.losses.of("CS-1")["StartTransaction"]["offline"] == 2


def counted(lines: list[str]) -> list[tuple[str, str, dict[str, int]]]:
    found = (json.loads(line) for line in lines)
    return [(f["station"], f["action"], f["losses"]) for f in found if f["event"] == "losses"]


def test_what_a_station_lost_is_told_when_it_goes():
    down = Record("=", Side.STATION, "", "", "down", "1001")
    lines = logged(START, START._replace(losses=("offline",)), down, detail="off")
    assert counted(lines) == [("CS-1", "StartTransaction", {"evse.id": 1, "offline": 2})]
    assert json.loads(lines[-1])["text"] == (
        "CS-1: StartTransaction has lost so far: evse.id 1, offline 2"
    )


def test_what_was_repaired_is_counted_by_peer():
    down = Record("=", Side.STATION, "", "", "down", "1001")
    of_csms = START._replace(repairs=("element_order",))
    mended = START._replace(side=Side.STATION, repairs=("element_order", "timestamps"))
    lines = logged(mended, mended, of_csms, down, detail="off")
    told = [line for line in map(json.loads, lines) if line["event"] == "repairs"]
    assert [(line["station"], line["leg"], line["repairs"]) for line in told] == [
        ("CS-1", "station", {"element_order": 2, "timestamps": 2}),
        ("CS-1", "csms", {"element_order": 1}),
    ]
    assert told[1]["text"] == (
        "CS-1: messages of its csms leg were repaired so far: element_order 1"
    )


def test_the_link_to_the_csms_is_no_end():
    assert counted(logged(START, Record("=", Side.CSMS, "", "", "down", "1006"))) == []


def test_the_losses_of_all_stations_can_be_asked_for():
    out = io.StringIO()
    log = FrameLog(Lines(out, False, False, 2048), REDACTOR, lambda: NOW, "off")
    log("CS-1", START)
    log("CS-2", START._replace(action="Authorize", losses=("certificate",)))
    log.report_counts()
    assert counted(out.getvalue().splitlines()) == [
        ("CS-1", "StartTransaction", {"evse.id": 1, "offline": 1}),
        ("CS-2", "Authorize", {"certificate": 1}),
    ]


def test_a_signed_reading_without_a_place_is_an_alarm():
    loss = "MeterValues.request:meterValue[].sampledValue[] signed"
    [line] = logged(START._replace(losses=(loss,)), detail="off")
    assert json.loads(line)["level"] == "warning"
