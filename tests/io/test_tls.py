"""TLS on both legs: certificates, their owners, their renewal."""

import asyncio
import datetime
import os
import ssl
import subprocess
import sys

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from gateway.config.model import ServerTls
from gateway.io.tls import Following, station_context
from tests.io.rig import PATIENCE_S, SUBPROTOCOL, CsmsPeer, RawStation, running

OFFER = f"{SUBPROTOCOL}: ocpp1.6"


@pytest.fixture
def ca():
    return trustme.CA()


class Files:
    """Certificate files as an operator has them."""

    def __init__(self, folder):
        self.cert, self.key = folder / "cert.pem", folder / "key.pem"
        self.client_ca = folder / "client-ca.pem"

    def renew(self, ca, *names, common_name=None):
        leaf = ca.issue_cert(*names, common_name=common_name)
        leaf.private_key_pem.write_to_path(self.key)
        with self.cert.open("wb") as file:
            for blob in leaf.cert_chain_pems:
                file.write(blob.bytes())
        # Two renewals in one tick of the file system's clock would look alike.
        os.utime(self.cert, ns=(self.cert.stat().st_mtime_ns + 10**9,) * 2)
        return leaf

    def section(self):
        return {"cert": str(self.cert), "key": str(self.key)}


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def trusting(ca, leaf=None):
    context = ssl.create_default_context()
    ca.configure_trust(context)
    if leaf is not None:
        leaf.configure_cert(context)
    return context


async def dial(port, context, name="127.0.0.1"):
    async with asyncio.timeout(PATIENCE_S):
        return RawStation(
            *await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
        )


async def hang_up(station):
    station.writer.close()
    try:
        await station.writer.wait_closed()
    except (OSError, ssl.SSLError):
        return


async def served(port, context, name="127.0.0.1"):
    """The certificate that a new connection is shown."""
    station = await dial(port, context, name)
    certificate = station.writer.get_extra_info("peercert")
    await hang_up(station)
    return certificate


async def test_stations_are_served_over_tls(ca, files):
    files.renew(ca, "127.0.0.1")
    async with running(stations={"tls": files.section()}) as rig:
        station = await dial(rig.app.port, trusting(ca))
        assert (await station.request("/ocpp/CP1", OFFER))[0] == 101
        csms = await rig.csms.link()
        await csms.send("x" * 200_000)
        assert (await station.frame())[1] == b"x" * 200_000
        await hang_up(station)
        assert await csms.closed() == 1000


async def test_a_renewed_certificate_is_used_from_the_next_handshake_on(ca, files, monkeypatch):
    monkeypatch.setattr("gateway.io.tls.CHECK_EVERY_S", 0.0)
    files.renew(ca, "127.0.0.1")
    async with running(stations={"tls": files.section()}) as rig:
        before = await served(rig.app.port, trusting(ca))
        station = await dial(rig.app.port, trusting(ca))
        assert (await station.request("/ocpp/CP1", OFFER))[0] == 101
        csms = await rig.csms.link()
        files.renew(ca, "127.0.0.1", "renewed.example")
        after = await served(rig.app.port, trusting(ca))
        assert before["serialNumber"] != after["serialNumber"]
        assert ("DNS", "renewed.example") in after["subjectAltName"]
        files.cert.write_text("half a certif")
        assert await served(rig.app.port, trusting(ca)) == after
        # The link that was there all the time is not touched.
        await csms.send("[1]")
        assert (await station.frame())[1] == b"[1]"
        await hang_up(station)


async def test_a_csms_is_checked_against_its_ca(ca, files, tmp_path):
    trusted = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    csms = CsmsPeer()
    await csms.start(context)
    url = csms.url.replace("ws:", "wss:")
    async with (
        running(csms, csms={"url": url, "tls": {"ca": str(trusted)}}) as rig,
        rig.station() as station,
    ):
        far = await csms.link()
        await station.send("[1]")
        assert await far.receive() == "[1]"


@pytest.mark.parametrize("name", ["other.example"])
async def test_a_csms_with_a_wrong_certificate_is_not_dialled(ca, tmp_path, name):
    trusted = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    csms = CsmsPeer()
    await csms.start(context)
    url = csms.url.replace("ws:", "wss:")
    async with running(csms, csms={"url": url, "tls": {"ca": str(trusted)}}) as rig:
        assert await rig.refused() == 503
        assert csms.requests == []


@pytest.fixture
def mutual(ca, files):
    files.renew(ca, "127.0.0.1")
    ca.cert_pem.write_to_path(files.client_ca)
    return {"auth": "mtls", "tls": {**files.section(), "client_ca": str(files.client_ca)}}


@pytest.mark.parametrize(
    ("name", "common_name", "station_id", "status"),
    [
        ("cp1.example", "CP1", "CP1", 101),
        ("cp1", None, "cp1", 101),
        ("cp2.example", "CP2", "CP1", 401),
        ("cp1.example", None, "CP1", 401),
    ],
)
async def test_a_client_certificate_must_name_the_station(
    ca, mutual, name, common_name, station_id, status
):
    leaf = ca.issue_cert(name, common_name=common_name)
    async with running(stations=mutual) as rig:
        station = await dial(rig.app.port, trusting(ca, leaf))
        assert (await station.request(f"/ocpp/{station_id}", OFFER))[0] == status
        await hang_up(station)


@pytest.mark.parametrize("kind", ["none", "of another CA"])
async def test_without_a_trusted_certificate_there_is_no_connection(ca, mutual, kind):
    leaf = None if kind == "none" else trustme.CA().issue_cert("CP1")
    async with running(stations=mutual) as rig:
        # With TLS 1.3 the client finds out when it reads.
        station = await dial(rig.app.port, trusting(ca, leaf))
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await station.request("/ocpp/CP1", OFFER)
        await hang_up(station)
        assert rig.csms.requests == []


async def test_a_revoked_certificate_opens_nothing(ca, mutual, tmp_path):
    good = ca.issue_cert("cp1.example", common_name="CP1")
    revoked = ca.issue_cert("cp2.example", common_name="CP2")
    list_file = tmp_path / "crl.pem"
    list_file.write_bytes(revocation_list(ca, revoked))
    mutual["tls"]["crl"] = str(list_file)
    async with running(stations=mutual) as rig:
        station = await dial(rig.app.port, trusting(ca, good))
        assert (await station.request("/ocpp/CP1", OFFER))[0] == 101
        await hang_up(station)
        station = await dial(rig.app.port, trusting(ca, revoked))
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await station.request("/ocpp/CP2", OFFER)
        await hang_up(station)


def revocation_list(ca, leaf):
    issuer = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    key = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)
    serial = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes()).serial_number
    day = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(day).build()
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
    builder = builder.last_update(day).next_update(
        datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC)
    )
    signed = builder.add_revoked_certificate(entry).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


async def test_tls_below_1_2_is_refused(ca, files):
    files.renew(ca, "127.0.0.1")
    context = station_context(ServerTls(**files.section()), ssl.CERT_NONE)
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    names = {cipher["name"] for cipher in context.get_ciphers()}
    assert names
    assert all("GCM" in name or "CHACHA20" in name for name in names), names


def test_files_are_looked_at_now_and_then_only(ca, files):
    files.renew(ca, "127.0.0.1")
    time = [0.0]
    made = []

    def build() -> ssl.SSLContext:
        made.append(time[0])
        return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    following = Following((str(files.cert),), build, 2.0, lambda: time[0])
    first = following.context()
    files.renew(ca, "127.0.0.1")
    time[0] = 1.9
    assert following.context() is first
    time[0] = 2.0
    second = following.context()
    assert second is not first
    files.cert.unlink()
    time[0] = 10.0
    assert following.context() is second
    assert made == [0.0, 2.0]


def test_a_key_with_a_passphrase_is_never_asked_for_on_the_terminal(ca, files):
    files.renew(ca, "localhost")
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    secret = serialization.BestAvailableEncryption(b"passphrase")
    form = serialization.PrivateFormat.TraditionalOpenSSL
    files.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, secret))
    program = (
        "import ssl, sys; from gateway.config.model import ServerTls\n"
        "from gateway.io.tls import station_context\n"
        f"station_context(ServerTls(cert={str(files.cert)!r}, key={str(files.key)!r}), 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=b"passphrase\n",
        capture_output=True,
        start_new_session=True,  # so that there is no terminal but these
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert b"pass phrase" not in done.stderr
