"""Files that a configuration names: paths that are none, certificates that end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from gateway.config.file_rules import expiry_warning, recording, secret_file

END = datetime(2031, 5, 1, 12, tzinfo=UTC)
WHERE = ("stations", "credentials")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x" * 5000, "cannot be read: File name too long"),
        ("/", "is no file"),
        ("nowhere", "does not exist"),
        ("a\0b", "null byte"),
    ],
)
def test_a_path_to_no_file_is_told_in_a_sentence(tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    [finding] = secret_file(WHERE, name)
    assert said in finding.message
    assert finding.cure


def test_a_recording_in_a_folder_that_cannot_be(tmp_path):
    [finding] = recording(f"{tmp_path}/{'x' * 5000}/traffic.jsonl", "memory:")
    assert finding.message.startswith("there is no folder for ")


def test_a_recording_is_not_written_into_the_state(tmp_path):
    state = f"sqlite://{tmp_path}/state.db"
    (tmp_path / "link").symlink_to(tmp_path / "state.db")
    for name in ("state.db", "link", "../" + tmp_path.name + "/state.db"):
        [finding] = recording(f"{tmp_path}/{name}", state)
        assert finding.message.endswith("is the file of the state")
    assert list(recording(f"{tmp_path}/traffic.jsonl", state)) == []


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A certificate that ends at END, behind one that lasts."""
    folder = tmp_path_factory.mktemp("chain")
    file = folder / "chain.pem"
    leaves = [trustme.CA().issue_cert("a.example", not_after=at) for at in (None, END)]
    file.write_bytes(b"".join(leaf.cert_chain_pems[0].bytes() for leaf in leaves))
    return str(file)


@pytest.mark.parametrize(
    ("days", "said"),
    [(-31, None), (-29, "expires at 2031-05-01 12:00 UTC"), (1, "expired at 2031-05-01 12:00 UTC")],
)
def test_a_certificate_is_warned_of_before_it_ends(chain, days, said):
    warning = expiry_warning(chain, (END + timedelta(days=days)).timestamp())
    assert warning == (said and f"a certificate in {chain} {said}")


def test_years_of_two_and_of_four_digits(tmp_path):
    for year in (2049, 2051):
        end = datetime(year, 1, 2, 3, 4, tzinfo=UTC)
        leaf = trustme.CA().issue_cert("a.example", not_after=end)
        leaf.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        said = expiry_warning(str(tmp_path / "cert.pem"), end.timestamp() + 1)
        assert said is not None
        assert f"expired at {year}-01-02 03:04 UTC" in said


def test_a_certificate_that_is_half_written_is_not_warned_of(chain, tmp_path):
    text = Path(chain).read_text().splitlines()
    for kept in (1, 2, 5):
        (tmp_path / "half.pem").write_text("\n".join([*text[:kept], "-----END CERTIFICATE-----"]))
        assert expiry_warning(str(tmp_path / "half.pem"), END.timestamp()) is None


def test_a_file_without_a_certificate_is_not_warned_of(tmp_path):
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----")
    assert expiry_warning(str(tmp_path / "key.pem"), END.timestamp()) is None
