"""`ocpp-gateway convert`: logs in the other version, marked, deterministic, reported."""

import csv
import json
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.core.session.recorded import Recording
from gateway.core.session.recorded_rehearsed import RehearsedWay

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "logs"
T = "2025-06-01T09:02:0{}Z"


def line(second, station, direction, frame):
    word = "Received" if direction == "<" else "Sending"
    head = f"[INFO ] 2025-06-01 09:02:0{second},000 WebSocketLogger - "
    return f"{head}[chargeBoxId={station}, sessionId=1] {word}: {json.dumps(frame)}"


LOG = "\n".join(
    [
        line(0, "CP1", "<", [2, "1", "Authorize", {"idTag": "A"}]),
        line(0, "CP2", "<", [2, "1", "Heartbeat", {}]),
        line(1, "CP1", ">", [3, "1", {"idTagInfo": {"status": "Accepted"}}]),
        line(1, "CP2", ">", [3, "1", {"currentTime": T.format(1)}]),
        line(
            2,
            "CP1",
            "<",
            [
                2,
                "2",
                "StartTransaction",
                {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": T.format(2)},
            ],
        ),
        "the station is happy",
        line(3, "CP1", ">", [3, "2", {"transactionId": 44, "idTagInfo": {"status": "Accepted"}}]),
        line(4, "CP1", ">", [2, "x", "RemoteStopTransaction", {"transactionId": 45}]),
        line(5, "CP1", "<", [3, "x", {"status": "Rejected"}]),
        line(6, "CP1", ">", [2, "y", "RemoteStopTransaction", {"transactionId": 44}]),
        line(7, "CP1", "<", [4, "y", "GenericError", "no", {}]),
        "",
    ]
)


@pytest.fixture
def converting(tmp_path, monkeypatch, capsys):
    """Converts a log; gives exit code, the output, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def convert(content: str, *arguments: str, to: str = "2.0.1") -> tuple[int, str, str]:
        Path("a.log").write_text(content)
        code = main(["convert", "a.log", "--to", to, "-o", "out", *arguments])
        return code, Path("out").read_text(), capsys.readouterr().err

    return convert


def records(out):
    return [json.loads(line) for line in out.splitlines()]


def told(out):
    return [(r["chargePointId"], r["messageType"], r.get("action")) for r in records(out)]


def test_a_log_comes_out_exchange_by_exchange(converting):
    code, out, err = converting(LOG)
    assert code == 0
    assert told(out) == [
        ("CP1", "CALL", "Authorize"),
        ("CP1", "CALLRESULT", None),
        ("CP2", "CALL", "Heartbeat"),
        ("CP2", "CALLRESULT", None),
        ("CP1", "CALL", "TransactionEvent"),
        ("CP1", "CALLRESULT", None),
        ("CP1", "CALL", "RemoteStopTransaction"),
        ("CP1", "CALLRESULT", None),
        ("CP1", "CALL", "RequestStopTransaction"),
        ("CP1", "CALLERROR", None),
    ]
    assert err == "10 frames, 1 note; --report FILE says which\n"


def test_times_directions_ids_and_versions_are_kept(converting):
    first, answer, *_ = records(converting(LOG)[1])
    assert first["timestamp"] == "2025-06-01T09:02:00Z"
    assert answer["timestamp"] == "2025-06-01T09:02:01Z"
    assert (first["direction"], answer["direction"]) == ("cp-to-csms", "csms-to-cp")
    assert first["messageId"] == answer["messageId"] == "1"
    assert first["ocppVersion"] == "2.0.1"
    assert first["meta"]["source"] == {"file": "a.log", "line": 1}


def test_what_the_gateway_answers_appears_as_such(converting):
    found = [r for r in records(converting(LOG)[1]) if "untranslated" in r.get("meta", {})]
    assert [r["ocppVersion"] for r in found] == ["1.6", "1.6"]
    assert found[0]["meta"]["untranslated"] == "answered"
    assert found[1]["payload"] == {"status": "Rejected"}
    assert found[1]["meta"]["answeredBy"] == "gateway"
    assert found[1]["meta"]["rule"] == "unknown"


def test_the_same_input_gives_the_same_output(converting):
    assert converting(LOG)[1] == converting(LOG)[1]


def test_the_output_is_a_log_that_is_valid_and_can_be_converted_back(converting, capsys):
    out = converting(LOG)[1]
    Path("there.jsonl").write_text(out)
    assert main(["validate", "--strict", "there.jsonl"]) == 0
    capsys.readouterr()
    _, back, _ = converting(out, to="1.6")
    started = [r for r in records(back) if r.get("action") == "StartTransaction"]
    assert started[0]["payload"]["meterStart"] == 5
    answer = records(back)[5]
    assert answer["payload"]["transactionId"] == 1
    assert answer["meta"]["transactionIdMadeUp"] == 1


def test_to_the_version_it_has_already_a_log_is_only_made_uniform(converting):
    out = converting(LOG, to="1.6")[1]
    assert [r["ocppVersion"] for r in records(out)] == ["1.6"] * 10
    assert records(out)[5]["payload"]["transactionId"] == 44


def test_plain_frames_have_only_what_has_a_counterpart(converting):
    frames = [json.loads(text) for text in converting(LOG, "--format", "frames")[1].splitlines()]
    assert len(frames) == 8
    assert frames[0] == [2, "1", "Authorize", {"idToken": {"idToken": "A", "type": "ISO14443"}}]
    assert frames[-1][:3] == [4, "y", "GenericError"]


def test_csv_has_its_columns(converting):
    rows = list(csv.DictReader(converting(LOG, "--format", "csv")[1].splitlines()))
    assert len(rows) == 10
    assert rows[0]["ocpp_action"] == rows[1]["ocpp_action"] == "Authorize"
    assert rows[7]["answered_by"] == "gateway"
    assert json.loads(rows[1]["payload_json"]) == {"idTokenInfo": {"status": "Accepted"}}


def test_csv_output_can_be_read_again(converting, capsys):
    Path("c.csv").write_text(converting(LOG, "--format", "csv")[1])
    assert main(["validate", "c.csv", "--from", "csv"]) == 0
    assert "10 frames" in capsys.readouterr().out


def test_the_report_holds_findings_losses_and_fates(converting):
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "vendorId": "x"}
    log = LOG + line(8, "CP1", "<", [2, "9", "StatusNotification", {**status, "extra": 1}]) + "\n"
    converting(log, "--report", "r.json")
    report = json.loads(Path("r.json").read_text())
    assert [f["line"] for f in report["findings"] if f["rule"] == "no_frame"] == [6]
    assert report["totals"]["repairs"] == {"strip_unknown": 1}
    assert report["totals"]["fates"]["answered"] == 1


def test_what_has_no_place_in_the_other_version_is_told(converting):
    code, out, _ = converting('[2,"1","Teleport",{}]\n[3,"1",{}]\n', "--report", "r.txt")
    assert "not_translated" in Path("r.txt").read_text()
    assert records(out)[1]["messageType"] == "CALLERROR"
    assert code == 0


def test_an_output_that_cannot_be_written_ends_with_2(converting, capsys):
    Path("a.log").write_text(LOG)
    assert main(["convert", "a.log", "--to", "2.0.1", "-o", "no/such/folder/out"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_corpus_is_converted_and_what_comes_out_is_valid(tmp_path, monkeypatch, capsys):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    monkeypatch.setenv("HOME", str(tmp_path))
    logs = [str(path) for path in sorted(CORPUS.glob("*.log"))]
    out, report = tmp_path / "out.jsonl", tmp_path / "report.json"
    for to in ("2.0.1", "1.6"):
        main(["convert", *logs, "--to", to, "-o", str(out), "--report", str(report)])
        found = json.loads(report.read_text())["findings"]
        assert {f["rule"] for f in found}.isdisjoint({"internal", "invalid_output"})
        translated = tmp_path / "translated.jsonl"
        kept = [t for t in out.read_text().splitlines() if '"untranslated"' not in t]
        translated.write_text("\n".join(kept))
        assert kept
        assert main(["validate", str(translated), "--format", "json", "-o", str(report)]) == 0


def test_several_processes_put_out_the_same(converting):
    log = "".join(LOG.replace("CP1", f"A{n}").replace("CP2", f"B{n}") for n in range(40))
    one = converting(log, "--report", "one.json")
    several = converting(log, "--report", "several.json", "--jobs", "3")
    assert several == one
    assert Path("several.json").read_text() == Path("one.json").read_text()


def test_a_time_that_is_not_known_is_told_once_for_a_station(converting):
    content = "".join(
        f'INFO:ocpp:CP{n % 2}: receive message [2,"{n}","Heartbeat",{{}}]\n' for n in range(6)
    )
    code, out, _ = converting(content, "--report", "report.json")
    found = json.loads(Path("report.json").read_text())["findings"]
    assert code == 0
    assert [(f["line"], f["station"]) for f in found if f["rule"] == "no_time"] == [
        (1, "CP0"),
        (2, "CP1"),
    ]
    assert {r["timestamp"] for r in records(out)} == {"1970-01-01T00:00:00Z"}


def test_times_with_slashes_count_once_their_order_is_known(converting):
    times = ("11/2/2026 7:05:03 PM", "11/22/2026 7:05:03 PM", "12/1/2026 1:05:03 AM")
    content = "".join(
        f'{time} received [2,"{n}","Heartbeat",{{}}]\n' for n, time in enumerate(times)
    )
    _, out, _ = converting(content, "--report", "report.json")
    assert [record["timestamp"] for record in records(out)] == [
        "1970-01-01T00:00:00Z",
        "2026-11-22T19:05:03Z",
        "2026-12-01T01:05:03Z",
    ]
    found = json.loads(Path("report.json").read_text())["findings"]
    [untimed] = [f["sentence"] for f in found if f["rule"] == "no_time"]
    assert untimed.startswith("month and day of '11/2/2026 7:05:03 PM' cannot be told apart")


@pytest.mark.interpreted
@pytest.mark.parametrize("way", [RehearsedWay, Recording])
def test_a_failure_of_our_own_costs_one_exchange_at_most(converting, monkeypatch, way):
    called = []

    def fails(*_):
        called.append(way)
        raise RuntimeError("a slip")

    beats = [
        [[2, f"{n}", "Heartbeat", {}], [3, f"{n}", {"currentTime": T.format(n)}]] for n in range(8)
    ]
    log = "\n".join(line(n, "CP", "<>"[i], beats[n][i]) for n in range(8) for i in (0, 1))
    whole = converting(log)
    monkeypatch.setattr(way, "written" if way is RehearsedWay else "_recorded", fails)
    code, out, _ = converting(log, "--report", "r.json")
    found = [
        f for f in json.loads(Path("r.json").read_text())["findings"] if f["rule"] == "internal"
    ]
    assert {f["sentence"] for f in found} == {"RuntimeError in fails: a slip"}
    assert code == 1
    assert len(found) == len(called) > 5
    assert (out == whole[1]) is (way is RehearsedWay)
    assert len(out.splitlines()) == 16


def test_extensions_of_the_configuration_count(converting):
    """Those of the station's route; where no version is crossed nothing is converted."""
    Path("gateway.yaml").write_text(
        "extensions: {data_transfer: [{vendor_id: V, data: json}]}\n"
        "routes: [{match: CP2, extensions: {data_transfer: [], extra_fields: custom_data}}]\n"
    )
    log = "\n".join(
        line(0, name, "<", [2, number, action, {**payload, "lamp": 1}])
        for name in ("CP1", "CP2")
        for number, action, payload in (
            ("1", "Heartbeat", {}),
            ("2", "DataTransfer", {"vendorId": "V", "data": "[5]"}),
        )
    )
    own = {"vendorId": "org.ocpp-gateway.extra", "lamp": 1}
    _, out, _ = converting(log, "-c", "gateway.yaml")
    assert [(r["chargePointId"], r["payload"]) for r in records(out)] == [
        ("CP1", {}),
        ("CP1", {"vendorId": "V", "data": [5]}),
        ("CP2", {"customData": own}),
        ("CP2", {"vendorId": "V", "data": "[5]", "customData": own}),
    ]
    _, out, _ = converting(log, "-c", "gateway.yaml", to="1.6")
    assert [r["payload"] for r in records(out)] == [{}, {"vendorId": "V", "data": "[5]"}] * 2
