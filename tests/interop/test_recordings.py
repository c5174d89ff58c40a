"""What was recorded of nine implementations passes through the SOAP faces as zeep reads it.

The other side speaks 1.6 JSON, so that what arrives there is what was said here.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from gateway.cli.demo_peers import free_port
from gateway.core.dialects import Side
from gateway.core.session.desk import Revision
from tests.interop.answers import CSMS16, STATION16
from tests.interop.peer import Heard, Payload
from tests.interop.recordings import (
    Echo,
    Message,
    Reader,
    Recording,
    echo,
    envelopes,
    leaves,
    recordings,
    said_again,
)
from tests.interop.soap_session import Needs, gateway
from tests.support import peers
from tests.support.soap import RECORDED_AMISS, RECORDED_FAULTS

recorded = pytest.mark.skipif(not recordings(), reason="the recordings are not at hand")
kept = pytest.mark.skipif(not envelopes(), reason="the envelopes are not at hand")

ACCEPTED = {"status": "Accepted"}
CSMS: dict[str, Any] = {**CSMS16, "DataTransfer": ACCEPTED}
STATION: dict[str, Any] = {**STATION16, "DataTransfer": ACCEPTED}
SAID: dict[str, Payload] = {
    "Authorize": {"idTag": "T"},
    "DataTransfer": {"vendorId": "V"},
    "FirmwareStatusNotification": {"status": "Idle"},
    "GetConfiguration": {},
}
"""For answers the question of which is not of this edition, or not at hand."""


def those(side: Side, part: int, *verdicts: str) -> list[Recording]:
    found = [r for r in recordings() if r.side is side and r.verdicts[part].startswith(verdicts)]
    assert found, f"nothing recorded of {side} is {verdicts}"
    return found


def told(value: Any) -> Any:
    """What zeep would tell: times, not their spelling, and nothing of an empty text."""
    if isinstance(value, dict):
        return {name: told(item) for name, item in value.items() if item != ""}
    if isinstance(value, list | tuple):
        return [told(item) for item in value]
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else value
    except ValueError:
        return value


def said(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Names and texts of a payload."""
    if isinstance(value, dict):
        for inner, item in value.items():
            yield from said(inner, item)
    elif isinstance(value, list):
        for item in value:
            yield from said(name, item)
    elif value != "":
        yield name, told(str(value))


class Site:
    """A gateway, and 1.6 JSON peers at one side of it. links: to them, by station."""

    def __init__(self, answers: dict[str, Any], far: Echo) -> None:
        self.heard = Heard(answers)
        self.far = far
        self.port = free_port()
        self.links: dict[str, peers.Link] = {}
        self.zeep = Reader()

    async def handle(self, action: str, payload: Payload) -> Payload:
        return self.heard.asked(action, payload)

    async def serve(self, station: str, ws: Any) -> None:
        self.links[station] = peers.Link(ws, self.handle)
        await self.links[station].run()

    def read(self, recording: Recording, raw: bytes) -> Payload:
        return self.zeep.payload(recording.side, Message(raw).element)


@asynccontextmanager
async def charge_points(revision: Revision) -> AsyncIterator[Site]:
    """Recorded charge points may speak; far: where they are called."""
    async with AsyncExitStack() as stack:
        site = Site(CSMS, await stack.enter_async_context(echo()))
        csms = await stack.enter_async_context(peers.Csms(site.serve, ("ocpp1.6",)))
        needs = Needs({"callback_url": site.far.url}, ("xml_recover",))
        await stack.enter_async_context(gateway(site.port, csms.url(), "1.6", revision, needs))
        yield site


@asynccontextmanager
async def central_systems(revision: Revision, *stations: str) -> AsyncIterator[Site]:
    """Recorded central systems may speak; far: where they are called."""
    async with AsyncExitStack() as stack:
        site = Site(STATION, await stack.enter_async_context(echo()))
        app = await stack.enter_async_context(
            gateway(site.port, site.far.url, "1.6-soap", revision)
        )
        for station in stations:
            link = peers.dialled(app.station_url(station), ("ocpp1.6",), site.handle)
            site.links[station] = await stack.enter_async_context(link)
        yield site


async def passes(site: Site, recording: Recording, path: str) -> None:
    """A recorded request arrives at the other side as zeep reads it, and gets a good answer."""
    reply = await said_again(recording.request, site.port, path)
    assert reply.status == 200, recording.name
    (call,) = site.heard.calls
    site.heard.calls.clear()
    said = (recording.action, site.read(recording, recording.request))
    assert told(call) == told(said), recording.name


async def comes_back(site: Site, station: str, recording: Recording) -> None:
    """A recorded response answers the call of the other side as zeep reads it."""
    site.far.response = recording.response
    said = site.read(recording, recording.request)
    answer = await site.links[station].call(recording.action, said)
    read = site.read(recording, recording.response)
    assert told(answer) == told(read), recording.name


async def is_refused(site: Site, station: str, recording: Recording) -> None:
    """A recorded fault is a CALLERROR."""
    site.far.response = recording.response
    action = recording.action if recording.action in SAID else "Authorize"
    with pytest.raises(peers.Refused) as refused:
        await site.links[station].call(action, SAID[action])
    assert refused.value.code == RECORDED_FAULTS[recording.name], recording.name


@recorded
async def test_what_charge_points_said(revision: Revision) -> None:
    async with charge_points(revision) as site:
        for recording in those(Side.CSMS, 0, "valid"):
            await passes(site, recording, "/soap")


@recorded
async def test_what_central_systems_said(revision: Revision) -> None:
    said = {Message(r.request).identity: r for r in those(Side.STATION, 0, "valid")}
    async with central_systems(revision, *said) as site:
        for recording in those(Side.STATION, 0, "valid"):
            identity = Message(recording.request).identity
            await passes(site, recording, f"/callback/{identity}")


@recorded
async def test_what_central_systems_answered(revision: Revision) -> None:
    async with central_systems(revision, "CP-1") as site:
        for recording in those(Side.CSMS, 1, "valid"):
            await comes_back(site, "CP-1", recording)
        for recording in those(Side.CSMS, 1, "fault"):
            await is_refused(site, "CP-1", recording)


@recorded
async def test_what_charge_points_answered(revision: Revision) -> None:
    """One of them never closes its header; one of its answers lacks a member."""
    async with charge_points(revision) as site:
        boot = next(r for r in those(Side.CSMS, 0, "valid") if r.action == "BootNotification")
        await passes(site, boot, "/soap")
        station = Message(boot.request).identity
        for recording in those(Side.STATION, 1, "valid", "not well-formed"):
            if recording.name not in RECORDED_AMISS:
                await comes_back(site, station, recording)
        for recording in those(Side.STATION, 1, "fault"):
            await is_refused(site, station, recording)


@recorded
async def test_what_charge_points_of_another_edition_said(revision: Revision) -> None:
    async with charge_points(revision) as site:
        for recording in those(Side.CSMS, 0, "not checked"):
            reply = await said_again(recording.request, site.port, "/soap")
            (subcode,) = reply.element.xpath("//*[local-name()='Subcode']/*")
            assert (reply.status, subcode.text.split(":")[1]) == (500, "NotSupported")
        assert site.heard.calls == []


@kept
async def test_what_other_projects_keep_as_requests(revision: Revision) -> None:
    """Half of them put all elements in no namespace, and in an order of their own."""
    async with charge_points(revision) as site:
        for envelope in envelopes():
            if envelope.kind == "request":
                reply = await said_again(envelope.request, site.port, "/soap")
                assert reply.status == 200, envelope.name
                ((action, payload),) = site.heard.calls
                site.heard.calls.clear()
                written = told(leaves(Message(envelope.request).element))
                assert action == envelope.action
                assert sorted(said("", payload)) == sorted(map(tuple, written)), envelope.name


@kept
async def test_what_other_projects_keep_as_responses(revision: Revision) -> None:
    async with central_systems(revision, "CP-1") as site:
        for envelope in envelopes():
            if envelope.kind == "response":
                site.far.response = envelope.response
                answer = await site.links["CP-1"].call(envelope.action, SAID[envelope.action])
                written = told(leaves(Message(envelope.response).element))
                assert sorted(said("", answer)) == sorted(map(tuple, written)), envelope.name
