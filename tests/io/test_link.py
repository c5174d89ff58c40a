"""A link under bad peers: framing, signs of life, slow readers, ends."""

import asyncio
import zlib

import pytest

from gateway.core.dialects import Side
from tests.io.rig import CsmsPeer, RawStation, frame, running

TAIL = b"\x00\x00\xff\xff"


async def open_raw(rig, **headers):
    station = await rig.raw()
    await station.upgrade(**headers)
    return station, await rig.csms.link()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(b"\x00", first=0x82), 1003),
        (frame(b"\xff"), 1007),
        (frame(b"[" + b"x" * 262144), 1009),
        (frame(b"[1]", mask=None), 1002),
        (frame(b"[1]", first=0xC1), 1002),
        (frame(b"[1]", first=0x83), 1002),
        (frame(b"", first=0x01) + 64 * frame(b"", first=0x00), 1002),
        (frame(b"\x03", first=0x88), 1002),
    ],
    ids=["binary", "utf8", "big", "unmasked", "rsv", "opcode", "fragments", "half-close"],
)
async def test_a_station_that_breaks_the_framing_is_told_and_its_csms_link_closes(data, code):
    async with running() as rig:
        station, csms = await open_raw(rig)
        station.send(frame(b"[0]") + data + frame(b"[9]"))
        assert await station.close_code() == code
        assert await csms.receive() == "[0]"
        assert await csms.closed() == 1000


async def test_a_ten_megabyte_frame_is_refused_at_its_header():
    async with running() as rig:
        station, csms = await open_raw(rig)
        station.send(frame(b"x" * 10_000_000))
        assert await station.close_code() == 1009
        assert await csms.closed() == 1000


async def test_sixty_four_fragments_are_a_message():
    async with running() as rig:
        station, csms = await open_raw(rig)
        middle = 62 * frame(b"x", first=0x00)
        station.send(frame(b"x", first=0x01) + middle + frame(b"x", first=0x80))
        assert await csms.receive() == "x" * 64


@pytest.mark.parametrize(
    ("message", "code"),
    [(b"\x00", 1003), ("x" * 262145, 1009)],
    ids=["binary", "big"],
)
async def test_a_csms_that_breaks_the_rules_is_told_and_dialled_again(message, code):
    async with running() as rig, rig.station() as station:
        csms = await rig.csms.link()
        await (csms.ws.send_bytes if isinstance(message, bytes) else csms.send)(message)
        assert await csms.closed() == code
        again = await rig.csms.link()
        await again.send("[1]")
        assert await station.receive() == "[1]"


async def test_pings_are_answered_with_what_they_carried():
    async with running() as rig:
        station, _ = await open_raw(rig)
        station.send(frame(b"are you there", first=0x89))
        assert await station.frame() == (0x8A, b"are you there")


async def test_a_close_is_answered_with_its_code_once():
    async with running() as rig:
        station, csms = await open_raw(rig)
        station.send(frame(b"\x0f\xa1bye", first=0x88) + frame(b"[1]"))
        assert await station.frame() == (0x88, b"\x0f\xa1")
        assert await station.reader.read() == b""
        assert await csms.closed() == 1000
        assert (Side.STATION, b"[1]") not in rig.sessions["CP1"].heard


async def test_a_close_with_a_code_that_none_may_send_is_answered_without_one():
    async with running() as rig:
        station, _ = await open_raw(rig)
        down = asyncio.ensure_future(rig.recorded(Side.STATION, "down"))
        await asyncio.sleep(0)
        station.send(frame(b"\x03\xee", first=0x88))
        assert await station.frame() == (0x88, b"")
        assert (await down).text == "1006"


async def test_the_record_says_why_the_gateway_closed_a_link():
    async with running() as rig:
        station, _ = await open_raw(rig)
        down = asyncio.ensure_future(rig.recorded(Side.STATION, "down"))
        await asyncio.sleep(0)
        station.send(frame(b"[1]", mask=None))
        assert (await down).text == "1002 a client masks its frames, a server does not"


async def test_a_cut_connection_is_noticed():
    async with running() as rig:
        station, csms = await open_raw(rig)
        station.cut()
        assert await csms.closed() == 1000


async def test_a_station_that_ends_its_half_of_the_connection_is_gone():
    async with running() as rig:
        station, csms = await open_raw(rig)
        station.writer.write_eof()
        assert await csms.closed() == 1000


async def test_a_peer_that_answers_no_ping_is_dropped_with_1011():
    quick = {"ping_interval_s": 0.05, "pong_timeout_s": 0.05}
    async with running(stations=quick) as rig:
        station, csms = await open_raw(rig)
        assert (await station.frame())[0] == 0x89
        assert await station.close_code() == 1011
        assert await csms.closed() == 1000


async def test_a_peer_that_answers_pings_stays():
    quick = {"ping_interval_s": 0.02, "pong_timeout_s": 0.01}
    async with running(stations=quick, csms=quick) as rig:
        station, _ = await open_raw(rig)
        for _ in range(5):
            first, payload = await station.frame()
            assert first == 0x89
            station.send(frame(payload, first=0x8A))
        assert rig.outcomes(Side.STATION) == ["up"]


SMALL = {"write_buffer_bytes": 4096, "messages_per_s": 1e9, "messages_burst": 10**9}
PLENTY = {**SMALL, "bytes_per_s": 1e12}


async def fill(rig, csms) -> asyncio.Task[int]:
    """Send to a station that reads nothing until the gateway finds it slow; tells how many.

    The last messages may still be on their way, held up by then.
    """
    slow = asyncio.ensure_future(rig.recorded(Side.STATION, "slow"))

    async def send() -> int:
        sent = 0
        while not slow.done():
            await csms.send("x" * 60_000)
            sent += 1
        return sent

    sending = asyncio.ensure_future(send())
    await slow
    return sending


async def test_a_slow_reader_stops_its_counterpart_and_loses_nothing_when_it_reads_again():
    async with running(limits={**PLENTY, "write_stall_s": 60}) as rig:
        station, csms = await open_raw(rig)
        sending = await fill(rig, csms)
        held = len(rig.sessions["CP1"].heard)
        await asyncio.sleep(0)
        assert len(rig.sessions["CP1"].heard) == held
        flowing = asyncio.ensure_future(rig.recorded(Side.STATION, "flowing"))
        await station.frame()
        reading = asyncio.ensure_future(read_until(station, b"[last]"))
        sent = await sending
        await csms.send("[last]")
        assert await reading == sent - 1
        await flowing


async def read_until(station: RawStation, last: bytes) -> int:
    """Read messages up to that one; how many came before it."""
    count = 0
    while True:
        first, payload = await station.frame()
        if payload == last:
            return count
        assert first == 0x81
        assert len(payload) == 60_000
        count += 1


async def test_a_slow_reader_is_dropped_with_1013_after_its_time():
    async with running(limits={**PLENTY, "write_stall_s": 0.05}) as rig:
        _, csms = await open_raw(rig)
        dropped = asyncio.ensure_future(rig.recorded(Side.STATION, "down"))
        sending = await fill(rig, csms)
        await dropped
        await asyncio.gather(sending, return_exceptions=True)
        assert await csms.closed() == 1000


async def test_other_stations_do_not_notice_a_slow_reader():
    async with running(limits={**PLENTY, "write_stall_s": 60}) as rig:
        _, slow = await open_raw(rig, station="SLOW")
        sending = await fill(rig, slow)
        async with rig.station("CP2") as station:
            csms = await rig.csms.link()
            await station.send("[1]")
            assert await csms.receive() == "[1]"
        sending.cancel()


async def test_a_2_0_1_leg_is_compressed_where_both_want_it():
    csms = CsmsPeer("ocpp2.0.1")
    csms.compress = True
    async with (
        running(csms, csms={"version": "2.0.1"}) as rig,
        rig.station(protocols=("ocpp2.0.1",), compress=15) as station,
    ):
        far = await csms.link()
        assert station.ws.compress
        assert far.ws.compress
        for text in ("[short]", "x" * 5000, "\u00e9" * 5000):
            await station.send(text)
            assert await far.receive() == text
            await far.send(text)
            assert await station.receive() == text
        assert "permessage-deflate" in csms.requests[0].headers["Sec-WebSocket-Extensions"]


@pytest.mark.parametrize(("compression", "on"), [("auto", False), ("on", True), ("off", False)])
async def test_a_1_6_leg_is_compressed_only_when_configured(compression, on):
    section = {"compression": compression}
    async with running(stations=section, csms=section) as rig, rig.station(compress=15) as station:
        assert bool(station.ws.compress) is on
        assert ("Sec-WebSocket-Extensions" in rig.csms.requests[0].headers) is on


async def test_a_compression_bomb_is_refused():
    async with running(stations={"compression": "on"}) as rig:
        station = await rig.raw()
        status, head, _ = await station.request(
            "/ocpp/CP1",
            "Sec-WebSocket-Protocol: ocpp1.6",
            "Sec-WebSocket-Extensions: permessage-deflate",
        )
        assert status == 101
        assert "permessage-deflate" in head
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = packer.compress(b"x" * 50_000_000) + packer.flush(zlib.Z_SYNC_FLUSH)
        assert len(bomb) < 60_000
        station.send(frame(bomb.removesuffix(TAIL), first=0xC1))
        assert await station.close_code() == 1009


async def test_a_flood_is_slowed_down_and_nothing_is_lost():
    slow = {"messages_per_s": 200, "messages_burst": 5}
    async with running(limits=slow) as rig:
        station, csms = await open_raw(rig)
        begun = asyncio.get_running_loop().time()
        station.send(b"".join(frame(b"[%d]" % n) for n in range(25)))
        assert [await csms.receive() for _ in range(25)] == [f"[{n}]" for n in range(25)]
        # 20 messages beyond the burst, at 200 a second: they cannot have come any sooner.
        assert asyncio.get_running_loop().time() - begun > 0.09
