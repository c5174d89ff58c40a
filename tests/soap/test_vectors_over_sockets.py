"""The vectors of tests/vectors/soap and soap-quirks through a running gateway, in both directions.

A SOAP station and a JSON CSMS, then a JSON station and a SOAP CSMS; what reaches either of them is
compared to the letter. Every vector has a station of its own, so that none meets what another left.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from lxml import etree

from gateway.core.codec.soap_service import Service
from tests.io.soap_rig import (
    BOOT,
    LOOPBACK,
    MEDIA,
    Answer,
    SoapPeer,
    SoapRig,
    envelope,
    profiles_of,
    soap_gateway,
    soap_response,
    vectors,
)
from tests.support import peers
from tests.support.soap import CP, CS, same

Vector = dict[str, Any]
QUIRKS: list[Vector] = [json.loads(path.read_text("utf-8")) for path in vectors("soap-quirks")]
BODIES: dict[str, Vector] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in vectors("soap")
}


def of_kind(kind: str) -> list[Any]:
    return [
        pytest.param(service, [name for name, vector in _of(service, kind)], id=f"{service}-{kind}")
        for service in Service
    ]


def _of(service: Service, kind: str) -> Iterator[tuple[str, Vector]]:
    for name, vector in BODIES.items():
        if (vector["service"], vector["kind"]) == (service, kind):
            yield name, vector


def other_half(vector: Vector) -> Vector:
    """A vector of the same operation: the response to a request, or the other way round."""
    wanted = "response" if vector["kind"] == "request" else "request"
    service = Service(vector["service"])
    found = [v for _, v in _of(service, wanted) if v["action"] == vector["action"]]
    return found[0] if found else WITHOUT_VECTOR[vector["action"]]


WITHOUT_VECTOR: dict[str, Vector] = {
    "StatusNotification": {
        "json": {},
        "xml": f'<s:statusNotificationResponse xmlns:s="{CS.namespace}"/>',
    },
    "Reset": {
        "action": "Reset",
        "json": {"type": "Soft"},
        "xml": f'<s:resetRequest xmlns:s="{CP.namespace}"><s:type>Soft</s:type></s:resetRequest>',
    },
}


class World:
    """One SOAP peer and one JSON peer with a gateway between them.

    script: by station, what each peer answers it next: XML to the one, JSON to the other.
    heard: what came to the JSON peer; a station that it does not know the gateway asks to boot.
    told: by station, the body element that came to the SOAP peer last.
    """

    def __init__(self) -> None:
        self.soap = SoapPeer(self._answer_xml)
        self.rig: SoapRig
        self.script: dict[str, Any] = {}
        self.heard: list[tuple[str, str, dict[str, Any]]] = []
        self.told: dict[str, etree._Element] = {}

    @asynccontextmanager
    async def soap_peer(self) -> AsyncIterator[None]:
        await self.soap.start()
        try:
            yield
        finally:
            await self.soap.stop()

    async def _answer_xml(self, request: web.Request, body: bytes) -> web.Response:
        root = etree.fromstring(body)
        station = next(root.iter("{*}chargeBoxIdentity")).text or ""
        self.told[station] = root[-1][0]
        answer = self.script[station]
        return answer if isinstance(answer, web.Response) else soap_response(*answer)

    def handler(self, station: str) -> peers.Handler:
        async def answer(action: str, payload: dict[str, Any]) -> dict[str, Any]:
            scripted = self.script[station]
            if not isinstance(scripted, dict):
                raise peers.Refused("NotImplemented")
            self.heard.append((station, action, payload))
            return scripted

        return answer

    async def post(self, service: Service, station: str, xml: str, path: str) -> Answer:
        return await self.rig.post(envelope(xml, station, namespace=service.namespace), path)


class SoapStations(World):
    """SOAP stations in front of a JSON CSMS."""

    service_called, service_hosted = CP, CS

    def __init__(self) -> None:
        super().__init__()
        self._links: dict[str, peers.Link] = {}

    async def serve(self, station: str, ws: Any) -> None:
        link = self._links[station] = peers.Link(ws, self.handler(station))
        await link.run()

    @asynccontextmanager
    async def running(self, **sections: Any) -> AsyncIterator["SoapStations"]:
        async with self.soap_peer(), peers.Csms(self.serve, ("ocpp1.6",)) as csms:
            section = {"url": csms.url(), "version": "1.6"}
            async with soap_gateway(section, LOOPBACK, **sections) as self.rig:
                yield self

    async def call(self, station: str, action: str, payload: dict[str, Any]) -> Any:
        """A call of the CSMS, once the station has said where it is."""
        told = self.script.pop(station)
        self.script[station] = {
            "status": "Accepted",
            "currentTime": "2026-11-22T05:40:00Z",
            "interval": 300,
        }
        hello = await self.rig.post(envelope(BOOT, station, self.soap.url))
        assert hello.status == 200
        self.script[station] = told
        return await self._links[station].call(action, payload)

    async def said(self, station: str, xml: str) -> Answer:
        return await self.post(CS, station, xml, "/soap")


class SoapCsms(World):
    """JSON stations in front of a SOAP CSMS."""

    service_called, service_hosted = CS, CP

    @asynccontextmanager
    async def running(self, **sections: Any) -> AsyncIterator["SoapCsms"]:
        async with self.soap_peer():
            section = {"url": self.soap.url, "callback": "http://gateway.example.com/callback"}
            async with soap_gateway(section, **sections) as self.rig:
                yield self

    async def call(self, station: str, action: str, payload: dict[str, Any]) -> Any:
        """A call of the station."""
        async with self._dialled(station) as link:
            return await link.call(action, payload)

    async def said(self, station: str, xml: str) -> Answer:
        async with self._dialled(station):
            return await self.post(CP, station, xml, f"/callback/{station}")

    def _dialled(self, station: str) -> Any:
        url = self.rig.app.station_url(station)
        return peers.dialled(url, ("ocpp1.6",), self.handler(station))


WORLDS: dict[Service, type[SoapStations | SoapCsms]] = {CS: SoapStations, CP: SoapCsms}
"""By the service that the gateway hosts."""


def named(names: list[str]) -> Iterator[tuple[str, str]]:
    """Each vector with the id of its station."""
    return ((f"CP{number}", name) for number, name in enumerate(names))


@pytest.mark.parametrize(("service", "names"), of_kind("request"))
async def test_a_request_in_soap_reaches_the_json_peer(service: Service, names: list[str]) -> None:
    """Vectors whose messages are answered by a JSON peer."""
    async with WORLDS[service]().running() as world:
        for station, name in named(names):
            vector = BODIES[name]
            world.script[station] = other_half(vector)["json"]
            answer = await world.said(station, vector["xml"])
            assert answer.status == 200, (name, answer.body)
            assert (station, vector["action"], vector["json"]) in world.heard, name


@pytest.mark.parametrize(("service", "names"), of_kind("response"))
async def test_a_response_in_json_reaches_the_soap_peer(service: Service, names: list[str]) -> None:
    async with WORLDS[service]().running() as world:
        for station, name in named(names):
            vector = BODIES[name]
            world.script[station] = vector["json"]
            answer = await world.said(station, other_half(vector)["xml"])
            assert answer.headers["Content-Type"] == MEDIA
            assert same(answer.root[-1][0], etree.fromstring(vector["xml"])), (name, answer.body)


@pytest.mark.parametrize(("service", "names"), of_kind("request"))
async def test_a_request_in_json_reaches_the_soap_peer(service: Service, names: list[str]) -> None:
    async with _calling(service).running() as world:
        for station, name in named(names):
            vector, answer = BODIES[name], other_half(BODIES[name])
            world.script[station] = (answer["xml"], service.namespace)
            assert await world.call(station, vector["action"], vector["json"]) == answer["json"], (
                name
            )
            assert same(world.told[station], etree.fromstring(vector["xml"])), name


@pytest.mark.parametrize(("service", "names"), of_kind("response"))
async def test_a_response_in_soap_reaches_the_json_peer(service: Service, names: list[str]) -> None:
    async with _calling(service).running() as world:
        for station, name in named(names):
            vector = BODIES[name]
            request = other_half(vector)
            world.script[station] = (vector["xml"], service.namespace)
            assert await world.call(station, vector["action"], request["json"]) == vector["json"], (
                name
            )


def _calling(service: Service) -> SoapStations | SoapCsms:
    return SoapStations() if service is CP else SoapCsms()


ANSWERS = [vector for vector in QUIRKS if vector["kind"] != "request"]


@pytest.mark.parametrize("vector", ANSWERS, ids=lambda vector: vector["name"])
async def test_a_quirky_answer_comes_out_as_its_vector_says(vector: Vector) -> None:
    """Responses of the service that the vector is of; faults of both services."""
    services = list(Service)
    if vector["kind"] == "response":
        services = [CP if CP.namespace in vector["xml"] else CS]
    for service in services:
        async with _calling(service).running(profiles=profiles_of(vector)) as world:
            body = vector["xml"].encode("utf-8", "surrogatepass")
            headers = {"Content-Type": vector["content_type"]} if vector["content_type"] else {}
            status = 500 if vector["kind"] == "fault" else 200
            world.script["CP1"] = web.Response(status=status, body=body, headers=headers)
            await _answered(world, service, vector)


async def _answered(world: SoapStations | SoapCsms, service: Service, vector: Vector) -> None:
    if vector["kind"] == "response":
        request = other_half({**vector, "service": service})
        assert await world.call("CP1", vector["action"], request["json"]) == vector["json"]
        return
    action, payload = ("Authorize", {"idTag": "T"}) if service is CS else ("ClearCache", {})
    with pytest.raises(peers.Refused) as found:
        await world.call("CP1", action, payload)
    towards_csms = vector.get("errorCodeTowardsCentralSystem", vector["errorCode"])
    assert found.value.code == (vector["errorCode"] if service is CS else towards_csms)
    assert found.value.description.endswith(vector["errorDescription"])
