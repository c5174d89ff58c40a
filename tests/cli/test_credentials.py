"""`ocpp-gateway credentials`: passwords come from stdin or a CSV file, never from the arguments."""

import io
import sys

import pytest

from gateway.cli.main import main
from gateway.io.credentials import Credentials


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the command on a file in tmp_path; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def running(
        *arguments: str, stdin: bytes = b"", file: str | None = "c.json", errors: str = "strict"
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8", errors))
        chosen = ("-f", file) if file else ()
        code = main(["credentials", *arguments, *chosen])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return running


def test_add_change_and_remove(run, tmp_path):
    assert run("add", "CS-1", stdin=b"0123456789abcdef\n") == (
        0,
        "1 added, 0 changed in c.json\n",
        "",
    )
    assert run("add", "CS-1", stdin=b"another password") == (
        0,
        "0 added, 1 changed in c.json\n",
        "",
    )
    assert Credentials.load(tmp_path / "c.json").verify("CS-1", b"another password")
    assert run("remove", "CS-1") == (0, "CS-1 removed in c.json\n", "")
    assert run("remove", "CS-1") == (1, "", "CS-1 is not in c.json\n")


def test_a_password_may_be_bytes_and_may_be_written_in_hex(run, tmp_path):
    run("add", "A", stdin=bytes(range(128, 144)))
    run("add", "B", "--hex", stdin=b"808182838485868788898a8b8c8d8e8f\n")
    credentials = Credentials.load(tmp_path / "c.json")
    assert credentials.verify("A", bytes(range(128, 144)))
    assert credentials.verify("B", bytes(range(128, 144)))


def test_import_takes_bytes_that_the_locale_lets_pass(run, tmp_path):
    login = b"A,\xff123456789abcdef\n"
    assert run("import", "-", stdin=login, errors="surrogateescape")[0] == 0
    assert Credentials.load(tmp_path / "c.json").verify("A", b"\xff123456789abcdef")


def test_import_with_and_without_a_heading(run, tmp_path):
    (tmp_path / "in.csv").write_text(
        'station,password\nCS-1,0123456789abcdef\n\n"CS,2","with ""quotes"" in it"\n', "utf-8"
    )
    code, out, err = run("import", "in.csv")
    assert (code, out) == (1, "")
    assert err.startswith("in.csv:4:1: 'CS,2' cannot be a station id (The station id contains ")
    assert not (tmp_path / "c.json").exists()
    code, out, _ = run("import", "-", stdin=b"CS-1,0123456789abcdef\nCS-2,fedcba9876543210\n")
    assert (code, out) == (0, "2 added, 0 changed in c.json\n")
    assert Credentials.load(tmp_path / "c.json").stations() == ["CS-1", "CS-2"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (
            ("add", "CS-1"),
            b"short",
            "the password of CS-1 has 5 bytes (OCPP asks for 16 to 40, in 1.6 at most 20)",
        ),
        (
            ("add", "CS:1"),
            b"0123456789abcdef",
            "CS:1 cannot log in with a password (HTTP Basic ends the user name at the first colon",
        ),
        (("add", "a/b"), b"0123456789abcdef", "'a/b' cannot be a station id"),
        (("add", ".."), b"0123456789abcdef", "'..' cannot be a station id"),
        (("add", " A"), b"0123456789abcdef", "' A' cannot be a station id"),
        (
            ("add", "CS-1", "--hex"),
            b"0123456789abcdeg",
            "the password is not written as hex digits",
        ),
        (
            ("import", "-"),
            b"CS-1,0123456789abcdef\nCS-2\n",
            "stdin:2:1: 1 columns (each line is station,password)",
        ),
        (
            ("import", "--hex", "-"),
            b"CS-1,xyz\n",
            "stdin:1:1: the password is not written as hex digits",
        ),
        (
            ("import", "-"),
            b"CS-1,0123456789abcdef\nCS-2,short\n",
            "stdin:2:1: the password of CS-2 has 5 bytes",
        ),
        (("import", "none.csv"), b"", "none.csv cannot be read"),
        (("remove", "CS-1"), b"", "c.json: No such file or directory (make the file with"),
    ],
)
def test_what_is_refused_changes_nothing(run, tmp_path, arguments, stdin, said):
    code, out, err = run(*arguments, stdin=stdin)
    assert (code, out) == (1, "")
    assert err.startswith(said)
    assert not (tmp_path / "c.json").exists()


def test_a_file_that_cannot_be_written_is_told_of(run, tmp_path):
    (tmp_path / "file").write_text("")
    code, out, err = run("add", "A", stdin=b"0123456789abcdef", file="file/c.json")
    assert (code, out) == (1, "")
    assert err.startswith("file/c.json cannot be written: ")


def test_a_password_may_go_over_lines(run, tmp_path):
    run("import", "-", stdin=b'A,"0123456789\nabcdef"\n')
    assert Credentials.load(tmp_path / "c.json").verify("A", b"0123456789\nabcdef")


def test_the_file_may_be_that_of_a_configuration(run, tmp_path):
    (tmp_path / "gateway.yaml").write_text("stations: {credentials: of-config.json}\n")
    code, out, _ = run("add", "A", "-c", "gateway.yaml", stdin=b"0123456789abcdef", file=None)
    assert (code, out) == (0, "1 added, 0 changed in of-config.json\n")


def test_without_a_file_the_cure_is_said(run, monkeypatch):
    monkeypatch.setenv("HOME", "/nowhere")
    code, _, err = run("remove", "A", file=None)
    assert code == 1
    assert err.startswith("no credentials file (name one with -f")
