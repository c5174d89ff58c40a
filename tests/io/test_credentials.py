"""Passwords are kept as scrypt hashes in one file, replaced in one step."""

import json
import os
import stat

import pytest

from gateway.core.errors import ConfigError
from gateway.io.credentials import Credentials, Secret

PASSWORD = b"\xff\xfesixteen bytes.."


@pytest.fixture
def file(tmp_path):
    credentials = Credentials.load(tmp_path / "credentials.json", missing_ok=True)
    credentials.add("CS-1", PASSWORD)
    credentials.save()
    return credentials.path


def test_a_saved_password_is_verified_and_no_other(file):
    credentials = Credentials.load(file)
    assert credentials.verify("CS-1", PASSWORD)
    assert not credentials.verify("CS-1", PASSWORD + b".")
    assert not credentials.verify("CS-1", b"")
    assert not credentials.verify("CS-2", PASSWORD)


def test_no_password_opens_an_unknown_station(file):
    assert not Credentials.load(file).verify("CS-2", b"")


def test_the_file_holds_hashes_and_is_its_owners_alone(file):
    assert PASSWORD.decode("latin-1") not in file.read_text("latin-1")
    assert list(json.loads(file.read_text())) == ["CS-1"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_owner_and_mode_of_the_file_stay(file):
    file.chmod(0o640)
    owner = 65534 if os.geteuid() == 0 else os.geteuid()
    os.chown(file, owner, -1)
    credentials = Credentials.load(file)
    credentials.add("CS-2", PASSWORD)
    credentials.save()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.stat().st_uid == owner


def test_equal_passwords_have_different_hashes():
    assert str(Secret.of(PASSWORD)) != str(Secret.of(PASSWORD))


def test_a_hash_survives_being_written():
    secret = Secret.of(PASSWORD)
    assert Secret.parse(str(secret)) == secret


def test_a_change_of_the_file_is_seen(file):
    running = Credentials.load(file)
    before = running.stored("CS-1")
    other = Credentials.load(file)
    assert not other.add("CS-1", b"another password")
    other.save()
    assert running.verify("CS-1", b"another password")
    assert not running.verify("CS-1", PASSWORD)
    assert running.stored("CS-1") != before
    assert running.stored("CS-2") == b""


def test_a_removed_station_is_out(file):
    credentials = Credentials.load(file)
    assert credentials.remove("CS-1")
    assert not credentials.remove("CS-1")
    assert not credentials.verify("CS-1", PASSWORD)


def test_a_file_that_breaks_while_it_is_used_keeps_the_old_passwords(file, caplog):
    running = Credentials.load(file)
    file.write_text("{")
    assert running.verify("CS-1", PASSWORD)
    assert caplog.messages[0].startswith(
        "new passwords are not taken over, the last good ones stay: "
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "1:2: not a credentials file"),
        ("[]", "1:1: not a credentials file: no JSON object"),
        ('{"A": 5}', "1:1: the entry of 'A' is no scrypt hash"),
        ('{"A": "scrypt$16384$8$1$AA==$AA=="}', "the entry of 'A'"),
        ('{"A": "scrypt$1073741824$8$1$AAAA$' + "A" * 43 + '="}', "the entry of 'A'"),
        ('{"A": "bcrypt$16384$8$1$AAAA$' + "A" * 43 + '="}', "the entry of 'A'"),
    ],
)
def test_a_file_that_is_no_credentials_file_is_refused(tmp_path, text, message):
    path = tmp_path / "credentials.json"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        Credentials.load(path)
    assert message in str(raised.value)


def test_a_missing_file_is_refused_unless_it_may_be_made(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        Credentials.load(tmp_path / "none.json")
    assert Credentials.load(tmp_path / "none.json", missing_ok=True).stations() == []


def test_what_others_have_stored_meanwhile_stays(file):
    mine, theirs = (Credentials.load(file) for _ in range(2))
    mine.add("CP1", PASSWORD)
    theirs.add("CP2", PASSWORD)
    theirs.save()
    mine.save()
    assert list(Credentials.load(file).stations()) == ["CP1", "CP2", "CS-1"]
    assert mine.verify("CP2", PASSWORD)


def test_a_removed_station_does_not_come_back_with_the_next_change(file):
    mine, theirs = (Credentials.load(file) for _ in range(2))
    assert theirs.remove("CS-1")
    theirs.save()
    mine.add("CP2", PASSWORD)
    mine.save()
    assert list(Credentials.load(file).stations()) == ["CP2"]
