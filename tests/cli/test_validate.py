"""`ocpp-gateway validate`: findings with their places, totals, exit codes, bad input."""

import gzip
import json
from pathlib import Path

import pytest

from gateway.cli import validate
from gateway.cli.main import main

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "logs"
GOLDEN = Path(__file__).parents[1] / "logs" / "golden"

GOOD = '[2,"1","Heartbeat",{}]\n[3,"1",{"currentTime":"2025-06-01T09:00:00Z"}]\n'
MENDABLE = '[2,"1","Heartbeat",{"extra":1}]\n'
BROKEN = '[2,"1","StatusNotification",{"connectorId":"one","errorCode":"NoError"}]\n'


@pytest.fixture
def checking(tmp_path, monkeypatch, capsys):
    """Validates a log; gives exit code and stdout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def check(content: str | bytes, *arguments: str) -> tuple[int, str]:
        data = content.encode() if isinstance(content, str) else content
        Path("a.log").write_bytes(data)
        code = main(["validate", "a.log", *arguments])
        return code, capsys.readouterr().out

    return check


def test_a_good_log_has_no_findings(checking):
    assert checking(GOOD, "--strict") == (0, "2 frames: 0 errors, 0 warnings, 0 notes\n")


def test_a_finding_has_place_path_rule_and_sentence(checking):
    code, out = checking(GOOD + BROKEN)
    assert code == 1
    assert (
        "a.log:3: error: StatusNotification $.connectorId: must be an integer, is a string [type]"
        in out
    )
    assert "a.log:3: error: StatusNotification $.status: is missing [required]" in out


def test_a_trace_without_payloads_or_ids_is_no_mistake(checking):
    record = '{"schemaVersion":"1.1","timestamp":"2025-06-01T09:02:00Z","transport":"json",'
    record += '"direction":"cp-to-csms","messageType":"CALL","action":"Heartbeat"'
    content = GOOD + record + ',"messageId":"1"}\n' + record + ',"payload":{}}\n'
    code, out = checking(content, "--strict")
    assert code == 0
    assert "a.log:3: note: the record tells no payload [untold]" in out
    assert "a.log:4: note: the record tells no messageId [untold]" in out


def test_what_a_repair_mends_is_a_warning_but_not_under_strict(checking):
    code, out = checking(MENDABLE)
    assert code == 0
    assert "a.log:1: warning: Heartbeat $.extra: is not a member of this object" in out
    assert "(repair mends it: strip_unknown)" in out
    code, out = checking(MENDABLE, "--strict")
    assert code == 1
    assert "a.log:1: error: Heartbeat $.extra" in out


def test_profiles_of_the_configuration_mend_too(checking, tmp_path):
    Path("gateway.yaml").write_text("profiles: [string_to_number, enum_fallback]\n")
    text = (
        '[2,"1","StatusNotification",{"connectorId":"1","errorCode":"Error","status":"Faulted"}]\n'
    )
    code, out = checking(text, "-c", "gateway.yaml")
    assert code == 0
    assert "repair mends it: string_to_number, enum_fallback" in out


def test_totals_are_by_action_rule_and_station(checking):
    out = checking(f"INFO:ocpp:CP_1: receive message {BROKEN}")[1]
    assert "  StatusNotification: 1 no_answer, 1 required, 1 type" in out
    assert "  CP_1: 2 error, 1 note" in out
    assert "  type: 1" in out


@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_other_programs_can_read_findings(checking, format_):
    code, out = checking(BROKEN, "--format", format_, "-o", "out")
    assert (code, out) == (1, "")
    document = json.loads(Path("out").read_text())
    assert "type" in json.dumps(document)


def test_the_version_can_be_insisted_on(checking):
    code, out = checking('[2,"1","StartTransaction",{}]\n', "--version", "2.0.1")
    assert code == 1
    assert "OCPP 2.0.1 has no action 'StartTransaction'" in out


def test_a_member_that_is_there_twice_is_told(checking):
    text = '[2,"1","Reset",{"type":"Soft","type":"Hard"}]\n'
    assert "'type' is there twice; the last one counts [duplicate_member]" in checking(text)[1]


def test_an_unknown_error_code_is_told(checking):
    text = GOOD + '[2,"2","Heartbeat",{}]\n[4,"2","Oops","",{}]\n'
    assert "OCPP has no error code 'Oops'" in checking(text)[1]


def test_what_cannot_be_read_ends_with_2(checking, capsys):
    assert main(["validate", "nowhere.log"]) == 2
    assert "nowhere.log cannot be read" in capsys.readouterr().err
    assert checking(GOOD, "--timezone", "Nowhere/Land")[0] == 2
    assert checking(GOOD, "--map", "nowhere.yaml")[0] == 2


def test_several_inputs_are_one_run(checking, capsys):
    Path("b.log").write_text(GOOD.replace('"1"', '"2"'))
    assert "4 frames" in checking(GOOD, "b.log")[1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5000,
        b"\xff\xfe\xfd\xfc" * 99,
        b"[" * 100_000,
        b'[2,"' + b"a" * 100_000,
        b'[2,"1","Heartbeat",{}]\r\n\r\n\0[3,"1",{}]',
        b'[2,"1","DataTransfer",' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"]\n",
        b'[2,"1","DataTransfer",{"vendorId":99999999999999999999999}]\n',
        gzip.compress(GOOD.encode(), mtime=0)[:-12],
        b"\x28\xb5\x2f\xfdnot really",
        b'timestamp,id,msg\n1,2,"[2,\n',
        b'{\n{}\n[]\n{"schemaVersion":"1.1"}\n',
        b'{"schemaVersion":"1.1","timestamp":5,"transport":"json","direction":"cp-to-csms",'
        b'"messageType":"CALL","messageId":"1","action":"Heartbeat","payload":{}}\n',
    ],
)
def test_bad_input_is_a_finding_and_never_a_traceback(checking, content):
    code, out = checking(content)
    assert code in (0, 1)
    assert "internal" not in out


def test_the_corpus_is_read_without_a_failure(checking, capsys):
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    assert main(["validate", *map(str, sorted(CORPUS.glob("*.log")))]) == 1
    out = capsys.readouterr().out
    assert "155 frames" in out


def test_what_is_read_of_golden_logs_is_counted(checking, capsys):
    assert main(["validate", str(GOLDEN / "mixed.log")]) == 0
    assert "4 frames" in capsys.readouterr().out


def test_formats_are_those_that_are_promised():
    assert set(validate.FORMATS) == {"text", "json", "html", "sarif"}


@pytest.mark.parametrize("format_", ["text", "json", "html", "sarif"])
@pytest.mark.parametrize(
    ("log", "arguments", "code"),
    [
        (GOOD, (), 0),
        (MENDABLE, (), 0),
        (MENDABLE, ("--strict",), 1),
        (GOOD + '[3,"7",{}]\n', (), 0),
        (GOOD + '[3,"7",{}]\n', ("--strict",), 1),
        (BROKEN, (), 1),
        ("", (), 0),
        (GOOD, ("--timezone", "Nowhere/Land"), 2),
        (GOOD, ("-o", "no/such/folder/out"), 2),
    ],
)
def test_the_exit_code_is_the_same_in_every_format(checking, format_, log, arguments, code):
    assert checking(log, "--format", format_, *arguments)[0] == code


def test_several_processes_find_the_same(checking):
    lines = [f"INFO:ocpp:CP_{n % 7}: receive message {BROKEN}chatter {n}\n" for n in range(300)]
    one = checking("".join(lines), "--format", "json")
    assert checking("".join(lines), "--format", "json", "--jobs", "3") == one
    assert "no_answer" in one[1]


def test_standard_input_is_for_one_process(checking, capsys):
    assert main(["validate", "-", "--jobs", "2"]) == 2
    assert "one process only" in capsys.readouterr().err
