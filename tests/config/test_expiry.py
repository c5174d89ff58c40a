"""Certificates and revocation lists are warned of before they end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.config.expiry import expiry_warning
from gateway.config.file_rules import revocation_list

END = datetime(2031, 5, 1, 12, tzinfo=UTC)


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


def a_list(file: Path, end: datetime, lasting: timedelta) -> str:
    """A revocation list that ends then and was made so long before."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an authority")])
    builder = x509.CertificateRevocationListBuilder(name, end - lasting, end)
    crl = builder.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    file.write_bytes(crl.public_bytes(Encoding.PEM))
    return str(file)


@pytest.mark.parametrize(
    ("lasting", "before", "said"),
    [
        (8, 3, None),
        (8, 1, "expires at 2031-05-01 12:00 UTC"),
        (8, -1, "expired at 2031-05-01 12:00 UTC"),
        (400, 31, None),
        (400, 29, "expires at 2031-05-01 12:00 UTC"),
    ],
)
def test_a_revocation_list_is_warned_of_when_a_quarter_of_its_time_is_left(
    tmp_path, lasting, before, said
):
    file = a_list(tmp_path / "crl.pem", END, timedelta(days=lasting))
    warning = expiry_warning(file, (END - timedelta(days=before)).timestamp())
    assert warning == (said and f"a revocation list in {file} {said}")


def test_of_a_list_and_a_certificate_what_is_due_is_told(chain, tmp_path):
    file = a_list(tmp_path / "both.pem", END - timedelta(days=9), timedelta(days=4))
    Path(file).write_text(Path(file).read_text() + Path(chain).read_text())
    for days, name in ((20, "certificate"), (8, "revocation list")):
        warning = expiry_warning(file, (END - timedelta(days=days)).timestamp())
        assert warning is not None
        assert warning.startswith(f"a {name} in ")


def test_a_revocation_list_that_has_ended_is_told_with_its_key(tmp_path):
    where = ("stations", "tls", "crl")
    file = a_list(tmp_path / "crl.pem", datetime(2020, 1, 1, tzinfo=UTC), timedelta(days=7))
    [finding] = revocation_list(where, file)
    assert finding.where == where
    assert finding.message == f"a revocation list in {file} expired at 2020-01-01 00:00 UTC"
    assert not finding.fatal
