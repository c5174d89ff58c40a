"""Stations and CSMSs of OCPP 1.6 over SOAP, made by the npm package `soap`.

It hosts the one service by our description, and calls the other one as `?wsdl` describes it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.interop import npm_process
from tests.interop.peer import STATION, Heard
from tests.interop.soap_session import Made, Place

NAME = "soap"


def missing() -> str:
    """Why the package cannot run here; "" if it can."""
    return npm_process.missing(NAME)


@asynccontextmanager
async def peer(place: Place, heard: Heard) -> AsyncIterator[Made]:
    arguments = (place.hosted, STATION, place.partner)
    async with npm_process.running(heard, "soap.js", *arguments) as made:
        yield Made(await made.url, made)
