"""Stations and CSMSs of OCPP 1.6 over SOAP, made by the PyPI package `zeep`.

zeep reads the description of the service and makes the messages; the WS-Addressing headers are its
plugin's. It is a client: the HTTP server around its serialiser is aiohttp's.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.cli.demo_zeep import ZeepPeer
from gateway.core.dialects import Side
from gateway.core.frames import Call, CallError, CallResult, Frame
from tests.interop.peer import STATION, Heard, Payload, Refused
from tests.interop.soap_session import DESCRIPTIONS, Made, Place

NAME = "zeep"


class Zeep:
    """A peer of a session."""

    def __init__(self, place: Place, heard: Heard) -> None:
        self.heard = heard
        self.complaints: list[str] = []
        self.zeep = ZeepPeer(place.side, STATION, self._answer, _unseen, DESCRIPTIONS)
        self.zeep.partner = place.partner

    async def call(self, action: str, payload: Payload) -> Payload:
        answer = await self.zeep.call(action, payload)
        if isinstance(answer, CallError):
            raise Refused(answer.code, answer.description)
        assert isinstance(answer, CallResult)
        return answer.payload

    def _answer(self, call: Call) -> Payload | None:
        if call.action not in self.heard.answers:
            return None
        return self.heard.asked(call.action, call.payload)


def missing() -> str:
    """It is among the test tools."""
    return ""


@asynccontextmanager
async def peer(place: Place, heard: Heard) -> AsyncIterator[Made]:
    made = Zeep(place, heard)
    try:
        yield Made(await made.zeep.open(), made)
    finally:
        await made.zeep.close()


def _unseen(side: Side, sent: bool, frame: Frame) -> None:
    """Nobody watches."""
