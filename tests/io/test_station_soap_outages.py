"""SOAP stations while the CSMS is away, silent, or the gateway has been restarted."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.io.soap_link import MOST_OPEN
from gateway.storage import open_store
from tests.io.soap_rig import (
    BOOT,
    CP,
    HEARTBEAT,
    LOOPBACK,
    NOW,
    START,
    SoapPeer,
    envelope,
    json_gateway,
    soap_gateway,
    soap_response,
)

DONE = f"heartbeatResponse {NOW}"
CLEARED = "<c:clearCacheResponse><c:status>Accepted</c:status></c:clearCacheResponse>"
READING = (
    "<c:meterValuesRequest><c:connectorId>1</c:connectorId><c:transactionId>{}</c:transactionId>"
    "<c:meterValue><c:timestamp>2025-06-01T14:05:00Z</c:timestamp><c:sampledValue><c:value>1"
    "</c:value></c:sampledValue></c:meterValue></c:meterValuesRequest>"
)
IMPATIENT = {"upstream_timeout_s": 0.1, "csms_grace_s": 0.1}


@pytest.mark.parametrize("body", [HEARTBEAT, START, BOOT])
async def test_while_the_csms_is_away_nothing_is_answered(body: str) -> None:
    async with soap_gateway({"url": "ws://127.0.0.1:1/x", "version": "1.6"}) as rig:
        answer = await rig.said(body)
        assert (answer.status, answer.body) == (503, b"")
        assert answer.headers["Content-Length"] == "0"
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("body", [HEARTBEAT, START, BOOT])
async def test_from_the_loss_of_the_csms_to_its_return_nothing_is_answered(body: str) -> None:
    async with json_gateway(translation={"csms_grace_s": 0.1}) as (rig, csms):
        assert (await rig.said(HEARTBEAT)).content == DONE
        csms.away = True
        await csms.links[0].close()
        for _ in range(3):
            answer = await rig.said(body)
            assert (answer.status, answer.body) == (503, b"")
        assert csms.actions == ["Heartbeat"]
        csms.away = False
        assert (await rig.said(body)).status == 200
        assert (await rig.said(HEARTBEAT)).content == DONE


async def test_a_csms_that_speaks_first_is_heard_while_the_session_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = open_store("memory:")
    bindings = store.bindings
    async with json_gateway(store=store) as (rig, csms):

        async def slow(station: str) -> tuple[tuple[str, str, bytes], ...]:
            with suppress(TimeoutError):
                await asyncio.wait_for(csms.greeted.wait(), 0.1)
            return await bindings(station)

        monkeypatch.setattr(store, "bindings", slow)
        csms.greeting = "ClearCache"
        assert (await rig.said(HEARTBEAT)).content == DONE
        await csms.greeted.wait()


async def test_a_link_that_comes_back_in_time_is_as_if_it_had_stayed() -> None:
    async with json_gateway(translation=IMPATIENT) as (rig, csms):
        assert (await rig.said(HEARTBEAT)).content == DONE
        csms.gate = asyncio.Event()
        waiting = asyncio.ensure_future(rig.said(HEARTBEAT))
        await csms.has(2)
        await csms.links[0].close()
        await csms.has(3)
        csms.gate.set()
        assert (await waiting).content == DONE


async def test_a_transaction_message_without_an_answer_gets_none() -> None:
    async with json_gateway(translation=IMPATIENT) as (rig, csms):
        csms.silent.add("StartTransaction")
        answer = await rig.said(START)
        assert (answer.status, answer.body) == (503, b"")


async def test_requests_that_pile_up_get_none_beyond_a_number() -> None:
    async with json_gateway({"max_unauthenticated_per_address": 200}) as (rig, csms):
        assert (await rig.said(HEARTBEAT)).content == DONE
        csms.gate = asyncio.Event()
        waiting = [asyncio.ensure_future(rig.said(HEARTBEAT)) for _ in range(MOST_OPEN + 5)]
        soonest = asyncio.as_completed(waiting)
        first = [await next(soonest) for _ in range(5)]
        assert {(answer.status, answer.body) for answer in first} == {(503, b"")}
        csms.gate.set()
        answers = await asyncio.gather(*waiting)
        assert [answer.status for answer in answers].count(200) == MOST_OPEN


async def test_any_other_message_without_an_answer_gets_a_fault() -> None:
    async with json_gateway(translation=IMPATIENT) as (rig, csms):
        csms.silent.add("Heartbeat")
        answer = await rig.said(HEARTBEAT)
        assert (answer.status, answer.fault) == (500, "Receiver/InternalError")


async def test_the_longest_time_for_an_answer_holds() -> None:
    async with json_gateway({"soap": {"answer_s": 0.05}}) as (rig, csms):
        csms.silent.add("Heartbeat")
        assert (await rig.said(HEARTBEAT)).status == 503


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("NotImplemented", "Receiver/NotSupported"),
        ("GenericError", "Receiver/InternalError"),
        ("FormationViolation", "Sender/ProtocolError"),
        ("OccurrenceConstraintViolation", "Sender/ProtocolError"),
        ("SecurityError", "Sender/SecurityError"),
    ],
)
async def test_a_refusal_of_the_csms_is_a_fault(code: str, fault: str) -> None:
    async with json_gateway() as (rig, csms):
        csms.refuses["Authorize"] = code
        answer = await rig.said("<c:authorizeRequest><c:idTag>T</c:idTag></c:authorizeRequest>")
        assert answer.fault == fault


async def test_after_a_restart_the_station_just_goes_on(tmp_path: Path) -> None:
    station = SoapPeer(lambda request, body: soap_response(CLEARED, CP))
    await station.start()
    state = f"sqlite://{tmp_path}/state.db"
    async with json_gateway(LOOPBACK, store=open_store(state)) as (rig, _):
        assert (await rig.post(envelope(BOOT, "CP1", station.url))).status == 200
    async with json_gateway(LOOPBACK, store=open_store(state)) as (rig, csms):
        assert (await rig.said(HEARTBEAT)).content == DONE
        assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}
    await station.stop()


async def test_numbers_too_large_for_soap_get_others_that_outlive_a_restart(
    tmp_path: Path,
) -> None:
    large = (1 << 40) + 5
    stopped = "<c:remoteStopTransactionResponse><c:status>Accepted</c:status>"
    stopped += "</c:remoteStopTransactionResponse>"
    station = SoapPeer(lambda request, body: soap_response(stopped, CP))
    await station.start()
    state = f"sqlite://{tmp_path}/state.db"

    async def starts(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"transactionId": large, "idTagInfo": {"status": "Accepted"}}

    async with json_gateway(LOOPBACK, store=open_store(state)) as (rig, csms):
        assert (await rig.post(envelope(BOOT, "CP1", station.url))).status == 200
        csms.links[0]._handler = starts
        answer = await rig.said(START)
        number = int(next(answer.root.iter("{*}transactionId")).text or "")
        assert 0 < number < 1 << 31
    async with json_gateway(LOOPBACK, store=open_store(state)) as (rig, csms):
        assert (await rig.said(READING.format(number))).status == 200
        assert csms.heard[-1][1]["transactionId"] == large
        stop = {"transactionId": large}
        answered = await csms.links[0].call("RemoteStopTransaction", stop)
        assert answered == {"status": "Accepted"}
        assert f":transactionId>{number}<".encode() in station.requests[0][1]
    await station.stop()


async def test_a_csms_that_wants_a_boot_first_gets_the_stored_one(tmp_path: Path) -> None:
    state = f"sqlite://{tmp_path}/state.db"
    async with json_gateway(store=open_store(state)) as (rig, _):
        assert (await rig.said(BOOT)).status == 200
    async with json_gateway(store=open_store(state)) as (rig, csms):
        csms.refuses["Heartbeat"] = "SecurityError"

        async def booted(action: str, payload: dict[str, Any]) -> dict[str, Any]:
            if action == "BootNotification":
                csms.refuses.clear()
            return await handle(action, payload)

        handle, csms.handle = csms.handle, booted  # type: ignore[method-assign]
        assert (await rig.said(HEARTBEAT)).content == DONE
        assert csms.actions == ["Heartbeat", "BootNotification", "Heartbeat"]


async def test_without_a_stored_boot_the_station_is_told_that_it_has_to_boot() -> None:
    async with json_gateway() as (rig, csms):
        csms.refuses["Heartbeat"] = "SecurityError"
        answer = await rig.said(HEARTBEAT)
        assert (answer.status, answer.fault) == (500, "Sender/SecurityError")
        assert csms.actions == ["Heartbeat"]


async def test_a_silent_station_is_gone_until_its_next_request() -> None:
    now = [1_750_000_000.0]
    async with json_gateway(clock=lambda: now[0]) as (rig, csms):
        assert (await rig.said(BOOT)).status == 200
        now[0] += 599
        assert rig.app.connected == 1
        (pump,) = rig.app.pumps
        now[0] += 2
        pump._alarm()
        await asyncio.shield(pump.ended)
        assert "silent" in rig.outcomes()
        assert (await rig.said(HEARTBEAT)).content == DONE
        assert len(csms.links) == 2


async def test_a_repeated_request_takes_the_place_of_the_first() -> None:
    async with json_gateway() as (rig, csms):
        csms.gate = asyncio.Event()
        first = asyncio.ensure_future(rig.said(START))
        await csms.has(1)
        again = asyncio.ensure_future(rig.said(START))
        answer = await first
        assert (answer.status, answer.body) == (503, b"")
        csms.gate.set()
        assert (await again).content == "startTransactionResponse 7Accepted"
        assert csms.actions == ["StartTransaction"]


async def test_a_late_answer_is_that_of_the_repeat() -> None:
    async with json_gateway(translation=IMPATIENT) as (rig, csms):
        csms.gate = asyncio.Event()
        assert (await rig.said(START)).status == 503
        csms.gate.set()
        await rig.recorded("late")
        assert (await rig.said(START)).content == "startTransactionResponse 7Accepted"
        assert csms.actions == ["StartTransaction"]
