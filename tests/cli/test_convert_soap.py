"""`ocpp-gateway convert`, from SOAP and to SOAP: nothing else is different."""

import csv
import json
from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.cli.test_convert import LOG, line, records

GOLDEN = Path(__file__).parents[1] / "logs" / "golden"
T = "2025-06-01T09:02:0{}Z"
UUID = "5b1c0c7e-0000-4000-8000-000000000001"
READING = {
    "timestamp": T.format(4),
    "sampledValue": [{"value": "12.5", "measurand": "Current.Import", "phase": "L1", "unit": "A"}],
}
MORE = "\n".join(
    [
        line(8, "CP1", "<", [2, UUID, "MeterValues", {"connectorId": 1, "meterValue": [READING]}]),
        line(8, "CP1", ">", [3, UUID, {}]),
        line(9, "CP1", ">", [2, "d", "DataTransfer", {"vendorId": "x", "data": "a\n<b> é\r c"}]),
        line(9, "CP1", "<", [3, "d", {"status": "Accepted"}]),
        "",
    ]
)
SPEAKING = LOG.replace("GenericError", "InternalError") + MORE
"""SOAP has a word for the one error, and none for the other."""


@pytest.fixture
def converting(tmp_path, monkeypatch, capsys):
    """Converts a text, or a file, to a version; gives exit code, output and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def convert(content, to, *arguments):
        name = content
        if not isinstance(content, Path):
            name = Path("a.log")
            name.write_text(content)
        code = main(["convert", str(name), "--to", to, "-o", "out", *arguments])
        return code, Path("out").read_text(), capsys.readouterr().err

    return convert


def essential(out):
    """Records without what tells of the file that they come from; a fault names its subcode."""
    told = records(out)
    for record in told:
        record.pop("meta", None)
        record.get("error", {}).pop("details", None)
    return told


@pytest.mark.parametrize(("form", "to"), [("jsonl", "1.6"), ("csv", "2.0.1")])
def test_a_log_in_envelopes_converts_to_what_the_log_in_json_does(converting, form, to):
    expected = converting(SPEAKING, to)[1]
    code, envelopes, _ = converting(SPEAKING, "1.6-soap", "--format", form)
    assert code == 0
    assert essential(converting(envelopes, to)[1]) == essential(expected)


def test_so_it_does_with_envelopes_and_nothing_else(converting):
    """Times are not in them."""
    expected = converting(SPEAKING, "1.6", "--format", "frames")[1]
    envelopes = converting(SPEAKING, "1.6-soap", "--format", "frames")[1]
    assert all(text.startswith("<?xml") for text in envelopes.splitlines())
    back = converting(envelopes, "1.6", "--format", "frames")[1]
    assert [frame[:4] for frame in records(back)] == [frame[:4] for frame in records(expected)]


def test_envelopes_are_the_same_in_each_run_and_with_several_processes(converting):
    once = converting(SPEAKING, "1.6-soap")
    assert converting(SPEAKING, "1.6-soap") == once
    assert converting(SPEAKING, "1.6-soap", "--jobs", "2") == once


def test_records_of_envelopes_are_open_ocpp_trace(converting):
    told = records(converting(SPEAKING, "1.6-soap")[1])
    assert {record["transport"] for record in told} == {"soap"}
    assert told[0]["payload"] == {"idTag": "A"}
    assert "<cs:chargeBoxIdentity soap:mustUnderstand=" in told[0]["raw"]
    assert told[0]["meta"]["source"] == {"file": "a.log", "line": 1}
    assert f"<wsa:MessageID>urn:uuid:{UUID}<" in told[10]["raw"]
    assert f"<wsa:RelatesTo>urn:uuid:{UUID}<" in told[11]["raw"]


def test_a_2_0_1_log_becomes_envelopes(converting):
    event = {
        "eventType": "Started",
        "timestamp": T.format(2),
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "tx-1"},
        "evse": {"id": 1, "connectorId": 1},
        "idToken": {"idToken": "A", "type": "ISO14443"},
    }
    log = line(1, "CP1", "<", [2, "1", "TransactionEvent", event]) + "\n"
    log += line(2, "CP1", ">", [3, "1", {"idTokenInfo": {"status": "Accepted"}}]) + "\n"
    told = records(converting(log, "1.6-soap")[1])
    started = next(r for r in told if r.get("action") == "StartTransaction")
    assert "<cs:startTransactionRequest><cs:connectorId>1<" in started["raw"]


def test_what_soap_cannot_carry_is_told_and_stays_a_frame(converting):
    start = {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": T.format(2)}
    log = "\n".join(
        [
            line(1, "CP1", ">", [2, "1", "GetLog", {"logType": "SecurityLog", "requestId": 1,
                                 "log": {"remoteLocation": "http://x"}}]),
            line(2, "CP1", "<", [3, "1", {"status": "Accepted"}]),
            line(3, "CP1", "<", [2, "2", "StartTransaction", start | {"reservationId": 1 << 40}]),
            line(4, "CP1", ">", [3, "2", {"transactionId": 1, "idTagInfo": {"status": "Blocked"}}]),
            "",
        ]
    )  # fmt: skip
    code, out, _ = converting(log, "1.6-soap", "--report", "r.json")
    told = records(out)
    assert code == 0
    assert [record["transport"] for record in told] == ["json"] * 4
    assert {record["meta"]["untranslated"] for record in told} == {"refused"}
    findings = json.loads(Path("r.json").read_text())["findings"]
    assert [(f["line"], f["rule"], f["action"]) for f in findings] == [
        (1, "not_translated", "GetLog"),
        (3, "not_translated", "StartTransaction"),
    ]
    assert converting(log, "1.6-soap", "--format", "frames")[1] == ""
    rows = list(csv.DictReader(converting(log, "1.6-soap", "--format", "csv")[1].splitlines()))
    assert [(row["ocpp_action"], row["raw"]) for row in rows][:2] == [("GetLog", "")] * 2


def test_what_soap_has_no_word_for_is_a_loss(converting):
    start = {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": T.format(2)}
    value = {**READING, "sampledValue": [{"value": "1", "measurand": "Frequency", "unit": "W"}]}
    value["sampledValue"][0]["unit"] = "K"
    stop = {"transactionId": 1, "meterStop": 6, "timestamp": T.format(3), "transactionData": []}
    stop["transactionData"].append(value)
    log = line(1, "CP1", "<", [2, "1", "StartTransaction", start]) + "\n"
    log += line(2, "CP1", "<", [2, "2", "StopTransaction", stop]) + "\n"
    out = records(converting(log, "1.6-soap", "--report", "r.json")[1])
    totals = json.loads(Path("r.json").read_text())["totals"]
    lost = [record["meta"]["losses"] for record in out if "losses" in record["meta"]]
    assert len(totals["losses"]) == sum(map(len, lost))


def test_what_soap_writes_otherwise_is_written_so(converting):
    update = {"location": "ftp://h/a b", "retrieveDate": T.format(1)}
    log = line(1, "CP1", ">", [2, "1", "UpdateFirmware", update]) + "\n"
    log += line(2, "CP1", "<", [3, "1", {}]) + "\n"
    assert "ftp://h/a%20b<" in records(converting(log, "1.6-soap")[1])[0]["raw"]
    assert records(converting(log, "2.0.1")[1])[0]["meta"]["untranslated"] == "refused"


@pytest.mark.parametrize("name", ["steve-soap.log", "soap.log"])
def test_envelopes_of_a_log_are_validated_and_converted(converting, capsys, name):
    frames = converting(GOLDEN / name, "2.0.1", "--format", "frames")[1]
    assert "Heartbeat" in frames
    main(["validate", str(GOLDEN / name), "--format", "json", "-o", "found.json"])
    found = json.loads(Path("found.json").read_text())
    assert found["totals"]["frames"] > 4
    assert all(f["file"].endswith(name) and f["line"] for f in found["findings"])
