"""zeep knows nothing but what `?wsdl` says, and calls both services that the gateway hosts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pytest
import zeep
from zeep.exceptions import Fault
from zeep.plugins import HistoryPlugin
from zeep.wsa import WsAddressingPlugin

from gateway.core.session.desk import Revision
from tests.interop import direction_a, zeep_peer
from tests.interop.answers import CSMS16, CSMS201, STATION16, STATION201
from tests.interop.peer import STATION, Heard, Payload, Session
from tests.interop.soap_session import Made, Place, session

ADDRESSING = {"wsa": "http://www.w3.org/2005/08/addressing"}
CHARGE_POINT = {"chargePointVendor": "Vendor", "chargePointModel": "AC-22"}


class Caller:
    """A SOAP peer that calls by description; an answer is what zeep makes of it."""

    def __init__(self, place: Place, heard: Heard) -> None:
        self.heard = heard
        self.complaints: list[str] = []
        self.partner = place.partner
        self.identity = STATION
        self.history = HistoryPlugin()

    @cached_property
    def client(self) -> zeep.Client:
        plugins = [WsAddressingPlugin(), self.history]
        settings = zeep.Settings(forbid_dtd=True, forbid_external=True)
        return zeep.Client(f"{self.partner}?wsdl", plugins=plugins, settings=settings)

    async def call(self, action: str, payload: Payload) -> Any:
        return await asyncio.to_thread(self._called, action, payload)

    def _called(self, action: str, payload: Payload) -> Any:
        header = {"ChargeBoxIdentity": self.identity}
        return self.client.service[action](**payload, _soapheaders=header)

    def sent(self, name: str) -> str | None:
        """The text of a header block of the latest request."""
        return _addressed(self.history.last_sent, name)

    def received(self, name: str) -> str | None:
        """Of the answer to it."""
        return _addressed(self.history.last_received, name)


def _addressed(message: dict[str, Any] | None, name: str) -> str | None:
    assert message is not None
    text: str | None = message["envelope"].findtext(f".//wsa:{name}", namespaces=ADDRESSING)
    return text


@asynccontextmanager
async def _peer(place: Place, heard: Heard) -> AsyncIterator[Made]:
    async with zeep_peer.peer(place, heard) as hosting:
        yield Made(hosting.url, Caller(place, heard))


@pytest.fixture
async def charge_point(revision: Revision) -> AsyncIterator[Session]:
    """It speaks SOAP, the CSMS 2.0.1."""
    async with session(_peer, "B", (STATION16, CSMS201), revision) as day:
        yield day


@pytest.fixture
async def central_system(revision: Revision) -> AsyncIterator[Session]:
    """It speaks SOAP, the station 2.0.1."""
    async with session(_peer, "A", (STATION201, CSMS16), revision) as day:
        await direction_a.boot(day)
        yield day


async def test_a_charge_point_calls_by_the_description(charge_point: Session) -> None:
    boots = await charge_point.call_csms("BootNotification", CHARGE_POINT)
    now = datetime(2025, 6, 1, 8, tzinfo=UTC)
    assert (boots.status, boots.currentTime, boots.interval) == ("Accepted", now, 300)
    asked = await charge_point.at_csms.take("BootNotification")
    assert asked["chargingStation"] == {"vendorName": "Vendor", "model": "AC-22"}
    assert await charge_point.call_csms("Heartbeat", {}) == now
    assert await charge_point.at_csms.take("Heartbeat") == {}


async def test_a_central_system_calls_by_the_description(central_system: Session) -> None:
    assert await central_system.call_station("GetLocalListVersion", {}) == 7
    assert await central_system.at_station.take("GetLocalListVersion") == {}
    unlocked = await central_system.call_station("UnlockConnector", {"connectorId": 1})
    assert unlocked == "Unlocked"
    asked = await central_system.at_station.take("UnlockConnector")
    assert asked == {"evseId": 1, "connectorId": 1}


async def test_the_address_described_is_the_one_asked(
    charge_point: Session, central_system: Session
) -> None:
    for caller in (charge_point.station, central_system.csms):
        assert isinstance(caller, Caller)
        assert await asyncio.to_thread(_address, caller) == caller.partner


def _address(caller: Caller) -> str:
    address: str = caller.client.service._binding_options["address"]
    return address


async def test_the_header_of_an_answer_answers_that_of_the_call(
    charge_point: Session, central_system: Session
) -> None:
    await charge_point.call_csms("Heartbeat", {})
    await central_system.call_station("ClearCache", {})
    for caller, action in (
        (charge_point.station, "Heartbeat"),
        (central_system.csms, "ClearCache"),
    ):
        assert isinstance(caller, Caller)
        assert caller.sent("Action") == f"/{action}"
        assert caller.received("Action") == f"/{action}Response"
        assert caller.received("RelatesTo") == caller.sent("MessageID")
        assert caller.received("MessageID")


async def test_a_call_for_another_station_is_refused_by_the_code_of_the_service(
    central_system: Session,
) -> None:
    assert isinstance(central_system.csms, Caller)
    central_system.csms.identity = "CP-9"
    with pytest.raises(Fault) as refused:
        await central_system.call_station("ClearCache", {})
    (subcode,) = refused.value.subcodes
    assert (subcode.namespace, subcode.localname) == ("urn://Ocpp/Cp/2015/10/", "IdentityMismatch")
