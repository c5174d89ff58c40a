"""Who gets in: passwords, profiles, one answer for all that do not."""

import base64
from typing import Any

import pytest
from aiohttp import web

from gateway.core.dialects import Side
from gateway.io.admittance import UNAUTHORIZED, Spellings
from gateway.io.credentials import Credentials
from tests.io.rig import SUBPROTOCOL, CsmsPeer, frame, running

OFFER = f"{SUBPROTOCOL}: ocpp1.6"


def login(user: str, password: bytes) -> str:
    return "Authorization: Basic " + base64.b64encode(user.encode() + b":" + password).decode()


@pytest.fixture
def guarded(tmp_path):
    path = tmp_path / "credentials"
    credentials = Credentials.load(path, missing_ok=True)
    credentials.add("CP1", b"\xffsecret")
    credentials.save()
    return {"auth": "basic", "credentials": str(path)}


async def test_the_right_password_opens(guarded):
    async with running(stations=guarded) as rig:
        station = await rig.raw()
        status, _, _ = await station.request("/ocpp/CP1", OFFER, login("CP1", b"\xffsecret"))
        assert status == 101


WRONG = {
    "no login": ("/ocpp/CP1", []),
    "wrong password": ("/ocpp/CP1", [login("CP1", b"wrong")]),
    "unknown station": ("/ocpp/CP9", [login("CP9", b"\xffsecret")]),
    "another station's login": ("/ocpp/CP9", [login("CP1", b"\xffsecret")]),
    "another user": ("/ocpp/CP1", [login("CP9", b"\xffsecret")]),
    "two logins": ("/ocpp/CP1", 2 * [login("CP1", b"\xffsecret")]),
    "another scheme": ("/ocpp/CP1", ["Authorization: Bearer x"]),
    "bad base64": ("/ocpp/CP1", ["Authorization: Basic %%%"]),
    "unknown path": ("/elsewhere/CP1", [login("CP1", b"\xffsecret")]),
}


@pytest.mark.parametrize(("path", "headers"), WRONG.values(), ids=WRONG.keys())
async def test_everything_else_gets_one_and_the_same_answer(guarded, path, headers):
    async with running(stations=guarded) as rig:
        station = await rig.raw()
        status, head, _ = await station.request(path, OFFER, *headers)
        assert status == 401
        assert 'WWW-Authenticate: Basic realm="ocpp"' in head
        assert f"Content-Length: {len(UNAUTHORIZED) + 1}\r\n" in head
        assert rig.csms.requests == []


WHY = {
    "no login": "It shows no password.",
    "wrong password": "Its password is not the one that is stored for it, if one is.",
    "unknown station": "Its password is not the one that is stored for it, if one is.",
    "another user": "The user that it shows is not the station.",
    "another scheme": "Its Authorization header is no Basic login.",
    "unknown path": "There is no charging station endpoint at this path.",
}


@pytest.mark.parametrize("case", WHY)
async def test_the_log_says_why(guarded, caplog, case):
    path, headers = WRONG[case]
    async with running(stations=guarded) as rig:
        await (await rig.raw()).request(path, OFFER, *headers)
    assert caplog.messages[-1] == f"{path} from 127.0.0.1 is refused: 401 {WHY[case]}"


async def test_an_id_with_a_colon_is_told_of(guarded, caplog):
    async with running(stations=guarded) as rig:
        await (await rig.raw()).request("/ocpp/A:1", OFFER, login("A:1", b"secret"))
    assert caplog.messages[-1].endswith(
        "Its id has a colon, at which HTTP Basic ends the user name."
    )


async def test_a_stranger_never_touches_the_live_link(guarded):
    async with running(stations=guarded) as rig:
        station = await rig.raw()
        await station.request("/ocpp/CP1", OFFER, login("CP1", b"\xffsecret"))
        await rig.csms.link()
        stranger = await rig.raw()
        assert (await stranger.request("/ocpp/CP1", OFFER, login("CP1", b"x")))[0] == 401
        assert [r.outcome for _, r in rig.records] == ["up", "up"]


async def test_where_the_csms_checks_a_login_must_at_least_name_the_station():
    async with running(stations={"auth": "basic"}, csms={"auth": "station"}) as rig:
        for headers, status in (
            ([], 401),
            ([login("CP9", b"x")], 401),
            ([login("CP1", b"x")], 101),
        ):
            station = await rig.raw()
            assert (await station.request("/ocpp/CP1", OFFER, *headers))[0] == status


def judge(csms: CsmsPeer, *right: bytes) -> None:
    """From now on the CSMS takes these passwords only."""
    logins = {login("CP1", password).partition(": ")[2] for password in right}

    def answer(request: web.BaseRequest) -> Any:
        known = request.headers["Authorization"] in logins
        return csms.accept(request) if known else web.Response(status=401)

    csms.answer = answer


async def test_where_the_csms_checks_nobody_joins_a_session_on_an_unseen_password():
    async with running(stations={"auth": "basic"}, csms={"auth": "station"}) as rig:
        judge(rig.csms, b"right")
        station = await rig.raw()
        assert (await station.request("/ocpp/CP1", OFFER, login("CP1", b"right")))[0] == 101
        session = rig.sessions["CP1"]
        session.keeps_csms = True
        station.cut()
        await session.heard.until(("down", Side.STATION))
        stranger = await rig.raw()
        assert (await stranger.request("/ocpp/CP1", OFFER, login("CP1", b"wrong")))[0] == 401
        again = await rig.raw()
        assert (await again.request("/ocpp/CP1", OFFER, login("CP1", b"right")))[0] == 101
        assert rig.sessions["CP1"] is session


async def test_where_the_csms_checks_nobody_ends_a_session_on_an_unseen_password():
    replacing = {"auth": "basic", "duplicate_policy": "replace"}
    async with running(stations=replacing, csms={"auth": "station"}) as rig:
        judge(rig.csms, b"right")
        station = await rig.raw()
        await station.request("/ocpp/CP1", OFFER, login("CP1", b"right"))
        stranger = await rig.raw()
        assert (await stranger.request("/ocpp/CP1", OFFER, login("CP1", b"wrong")))[0] == 401
        station.send(frame(b"[1]"))
        await rig.told(Side.STATION, b"[1]")


async def test_a_password_that_the_csms_takes_now_begins_a_session_of_its_own():
    async with running(stations={"auth": "basic"}, csms={"auth": "station"}) as rig:
        judge(rig.csms, b"old", b"new")
        station = await rig.raw()
        await station.request("/ocpp/CP1", OFFER, login("CP1", b"old"))
        session = rig.sessions["CP1"]
        session.keeps_csms = True
        station.cut()
        await session.heard.until(("down", Side.STATION))
        judge(rig.csms, b"new")
        again = await rig.raw()
        assert (await again.request("/ocpp/CP1", OFFER, login("CP1", b"new")))[0] == 101
        assert rig.sessions["CP1"] is not session


async def test_a_station_below_its_security_profile_gets_403():
    route = {"match": "SAFE*", "stations": {"security_profile": 1}}
    async with running(routes=[route]) as rig:
        assert await rig.refused("SAFE1") == 403
        async with rig.station("CP1"):
            await rig.csms.link()


@pytest.mark.parametrize("name", ["Host", "Upgrade", "Sec-WebSocket-Key", "Authorization"])
async def test_a_header_that_must_stand_once_stands_twice(name):
    async with running() as rig:
        station = await rig.raw()
        lines = [f"{name}: websocket"] * (2 if name == "Authorization" else 1)
        status, _, _ = await station.request("/ocpp/CP1", OFFER, *lines)
        assert status == 400
        assert rig.csms.requests == []


@pytest.mark.parametrize(
    "lines",
    [
        ("X-Folded: one\r\n two",),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("X-Blank : one",),
    ],
    ids=["a folded line", "two lengths", "two different lengths", "a blank before the colon"],
)
async def test_heads_that_two_readers_could_read_differently_are_refused(lines, caplog):
    async with running() as rig:
        station = await rig.raw()
        assert (await station.request("/ocpp/CP1", OFFER, *lines))[0] == 400
        assert rig.csms.requests == []


def test_ids_that_differ_in_case_are_one_where_configured():
    spellings = Spellings(["Berlin-1"], ignore_case=True)
    assert spellings.of("BERLIN-1") == "Berlin-1"
    assert [spellings.of("NEW"), spellings.of("New")] == ["NEW", "New"]
    spellings.keep("New")
    assert spellings.of("NEW") == "New"
    assert Spellings(["Berlin-1"], ignore_case=False).of("BERLIN-1") == "BERLIN-1"


async def test_a_stranger_does_not_spell_the_id_of_a_station():
    guarded = {"auth": "basic", "id_case_insensitive": True, "duplicate_policy": "reject"}
    async with running(stations=guarded, csms={"auth": "station"}) as rig:
        stranger, station, other = await rig.raw(), await rig.raw(), await rig.raw()
        assert (await stranger.request("/ocpp/cp1", OFFER))[0] == 401
        assert (await station.request("/ocpp/CP1", OFFER, login("CP1", b"x")))[0] == 101
        assert (await other.request("/ocpp/cp1", OFFER, login("CP1", b"x")))[0] == 409
