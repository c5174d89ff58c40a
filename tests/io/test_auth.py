"""HTTP Basic and certificates against the identity in the URL."""

import base64
import json
import ssl

import pytest

from gateway.io.auth import (
    Basic,
    BasicAuthenticator,
    basic_credentials,
    certificate_is,
    certificate_names,
)
from gateway.io.credentials import Credentials, Secret


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([basic(b"CP1:secret")], Basic(b"CP1", b"secret")),
        ([basic(b"CP1:se:cr:et")], Basic(b"CP1", b"se:cr:et")),
        ([basic(b"CP1:")], Basic(b"CP1", b"")),
        ([basic(b"CP1:\xff\x00\xfe")], Basic(b"CP1", b"\xff\x00\xfe")),
        (["basic " + basic(b"CP1:x")[6:]], Basic(b"CP1", b"x")),
        (["Basic   " + basic(b"CP1:x")[6:] + " "], Basic(b"CP1", b"x")),
        ([], None),
        ([basic(b"CP1:x"), basic(b"CP1:x")], None),
        ([basic(b"CP1")], None),
        (["Basic"], None),
        (["Basic !!!!"], None),
        (["Basic Q1AxOng"], None),
        (["Bearer abc"], None),
        (["Digest " + basic(b"CP1:x")[6:]], None),
        ([""], None),
        (["Basic \udcff"], None),
    ],
)
def test_credentials_are_bytes_split_at_the_first_colon(headers, expected):
    assert basic_credentials(headers) == expected


@pytest.fixture
def stored(tmp_path):
    credentials = Credentials.load(tmp_path / "credentials", missing_ok=True)
    credentials.add("CP1", b"secret")
    credentials.add("CP2", bytes(range(240, 256)))
    credentials.save()
    return credentials


@pytest.mark.parametrize(
    ("station", "shown", "right"),
    [
        ("CP1", Basic(b"CP1", b"secret"), True),
        ("CP1", Basic(b"CP1", b"Secret"), False),
        ("CP1", Basic(b"CP2", b"secret"), False),
        ("CP1", Basic(b"", b"secret"), False),
        ("CP3", Basic(b"CP3", b"secret"), False),
        ("CP2", Basic(b"CP2", bytes(range(240, 256))), True),
        ("CP1", None, False),
    ],
)
async def test_user_and_password_must_be_the_stations(stored, station, shown, right):
    assert await BasicAuthenticator(stored, False).accepts(station, shown) is right


@pytest.mark.parametrize(("accept_hex", "right"), [(True, True), (False, False)])
async def test_the_hex_digits_of_a_key_are_accepted_where_allowed(stored, accept_hex, right):
    shown = Basic(b"CP2", bytes(range(240, 256)).hex().upper().encode())
    assert await BasicAuthenticator(stored, accept_hex).accepts("CP2", shown) is right


async def test_a_password_that_was_right_is_wrong_once_it_has_changed(stored):
    authenticator = BasicAuthenticator(stored, False)
    old, new = Basic(b"CP1", b"secret"), Basic(b"CP1", b"newer")
    assert await authenticator.accepts("CP1", old)
    stored.add("CP1", b"newer")
    assert not await authenticator.accepts("CP1", old)
    assert await authenticator.accepts("CP1", new)


class Counting:
    """Credentials that count how often a hash is made."""

    def __init__(self, inner):
        self.inner = inner
        self.hashes = 0

    def verify(self, station, password):
        self.hashes += 1
        return self.inner.verify(station, password)

    def stored(self, station):
        return self.inner.stored(station)


async def test_every_wrong_login_costs_a_hash_and_a_right_one_only_the_first_time(stored):
    counting = Counting(stored)
    authenticator = BasicAuthenticator(counting, False)
    wrong = [
        ("CP1", Basic(b"CP1", b"no")),
        ("nobody", Basic(b"nobody", b"no")),
        ("CP1", Basic(b"CP2", b"secret")),
        ("CP1", None),
    ]
    for station, shown in wrong:
        before = counting.hashes
        assert not await authenticator.accepts(station, shown)
        assert counting.hashes == before + 1
    before = counting.hashes
    for _ in range(3):
        assert await authenticator.accepts("CP1", Basic(b"CP1", b"secret"))
    assert counting.hashes == before + 1


def test_names_of_a_certificate():
    certificate = {
        "subject": ((("organizationName", "Acme"),), (("commonName", "CP1"),)),
        "subjectAltName": (("DNS", "cp1.example"), ("URI", "urn:cp1")),
    }
    assert certificate_names(certificate) == {"CP1", "cp1.example", "urn:cp1"}


def test_without_a_certificate_nobody_is_anybody():
    assert not certificate_is("CP1", None)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="x")
    with pytest.raises(ValueError, match="handshake"):
        certificate_is("CP1", tls)


class Clock:
    """A clock that only hashing moves, by what it costs: scrypt's time goes with N, r and p."""

    def __init__(self) -> None:
        self.now = 0

    def derive(self, password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
        self.now += n * r * p
        return password.ljust(32, b"\0")[:32]


RIGHT, WRONG = b"sixteen bytes ok", b"sixteen bytes no"


def stored_at(tmp_path, costs):
    """Credentials of one station for each scrypt cost N, their hashes made by the clock."""
    clock = Clock()
    path = tmp_path / "timed"
    hashes = {
        f"CP{number}": str(Secret(n, 8, 1, b"salt", clock.derive(RIGHT, b"", 0, 0, 0)))
        for number, n in enumerate(costs)
    }
    path.write_text(json.dumps(hashes))
    return clock, Credentials.load(path, derive=clock.derive)


async def taken(clock, credentials, station, shown, accept_hex_key=False):
    """(whether it was accepted, how long that took) of a first login."""
    authenticator, before = BasicAuthenticator(credentials, accept_hex_key), clock.now
    return await authenticator.accepts(station, shown), clock.now - before


@pytest.mark.parametrize("accept_hex_key", [False, True])
async def test_the_time_tells_not_which_stations_exist(tmp_path, accept_hex_key):
    clock, credentials = stored_at(tmp_path, [1 << 14])
    tries = {
        "wrong password": ("CP0", Basic(b"CP0", WRONG)),
        "right password": ("CP0", Basic(b"CP0", RIGHT)),
        "unknown station": ("CP9", Basic(b"CP9", WRONG)),
        "another's password": ("CP9", Basic(b"CP0", RIGHT)),
        "another user": ("CP0", Basic(b"CP9", RIGHT)),
        "no password": ("CP0", Basic(b"CP0", b"")),
        "nothing": ("CP0", None),
        "nothing for nobody": ("CP9", None),
    }
    found = {
        name: [
            await taken(clock, credentials, *tried, accept_hex_key=accept_hex_key)
            for _ in range(1000 // len(tries))
        ]
        for name, tried in tries.items()
    }
    assert {time for times in found.values() for _, time in times} == {(1 << 14) * 8}
    assert [name for name, times in found.items() if any(right for right, _ in times)] == [
        "right password"
    ]


async def test_a_password_that_may_be_hex_digits_takes_as_long_for_a_station_that_is_unknown(
    tmp_path,
):
    clock, credentials = stored_at(tmp_path, [1 << 14])
    digits = RIGHT.hex().encode()
    known = await taken(clock, credentials, "CP0", Basic(b"CP0", digits), accept_hex_key=True)
    unknown = await taken(clock, credentials, "CP9", Basic(b"CP9", digits), accept_hex_key=True)
    assert known == (True, 2 * (1 << 14) * 8)
    assert unknown == (False, 2 * (1 << 14) * 8)


async def test_unknown_stations_cost_what_known_ones_do_where_hashes_are_of_different_ages(
    tmp_path,
):
    clock, credentials = stored_at(tmp_path, [1 << 13, 1 << 13, 1 << 14])
    stations = [f"NO{number}" for number in range(60)]
    times = {
        station: {
            (await taken(clock, credentials, station, Basic(station.encode(), WRONG)))[1]
            for _ in range(3)
        }
        for station in stations
    }
    assert all(len(each) == 1 for each in times.values())
    assert set().union(*times.values()) == {(1 << 13) * 8, (1 << 14) * 8}
