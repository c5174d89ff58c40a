"""Stations and CSMSs of OCPP 1.6 over SOAP, made of the nodes of the npm package
`node-red-contrib-ocpp`.

They read the official descriptions, of which the package has a copy. Its charge point does not say
where it listens, and all its answers but the first have a header that is never closed: the
configuration of the gateway says the one and has a profile for the other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.cli.demo_peers import free_port
from tests.interop import npm_process
from tests.interop.peer import STATION, Heard
from tests.interop.soap_session import Made, Needs, Place

NAME = "node-red-contrib-ocpp"


def missing() -> str:
    """Why the package cannot run here; "" if it can."""
    return npm_process.missing(NAME)


@asynccontextmanager
async def peer(place: Place, heard: Heard) -> AsyncIterator[Made]:
    arguments = (str(place.side), str(free_port()), STATION, place.partner)
    async with npm_process.running(heard, "nodered.js", *arguments) as made:
        url = await made.url
        yield Made(url, made, Needs({"callback_url": url}, ("xml_recover",)))
