"""A simulated peer that speaks OCPP 1.6 over SOAP, made by `zeep` from the service descriptions.

Nothing of the gateway's own codec is in it: what it writes and reads is another's work. It hosts
one of the two services and calls the other one.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import zeep
from aiohttp import web
from lxml import etree
from zeep.helpers import serialize_object
from zeep.wsa import WsAddressingPlugin

from gateway.cli.demo_peers import Watch, filled, transaction_in
from gateway.core.dialects import INTERNAL_ERROR, NOT_IMPLEMENTED, Side
from gateway.core.frames import Call, CallError, CallResult, Frame, JsonObject
from gateway.io.chance import uuids

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
ANONYMOUS = f"{ADDRESSING}/anonymous"
NAMESPACES = {Side.CSMS: "urn://Ocpp/Cs/2015/10/", Side.STATION: "urn://Ocpp/Cp/2015/10/"}
"""Of the service that a peer of that side hosts."""

PATIENCE_S = 10

Answers = Callable[[Call], JsonObject | None]


class Described:
    """One service as zeep understands its description. where: a file or a URL."""

    def __init__(self, where: str, side: Side) -> None:
        settings = zeep.Settings(forbid_dtd=True, forbid_external=True, raw_response=True)
        transport = zeep.Transport(timeout=PATIENCE_S, operation_timeout=PATIENCE_S)
        transport.session.trust_env = False  # A proxy of the environment is not for loopback.
        self.client = zeep.Client(
            where, plugins=[WsAddressingPlugin()], settings=settings, transport=transport
        )
        self.namespace = NAMESPACES[side]
        (self._binding,) = self.client.wsdl.bindings

    def posted(self, action: str, payload: JsonObject, address: str, header: list[Any]) -> Any:
        """The HTTP answer to a call. Raises what `requests` raises."""
        service = self.client.create_service(self._binding, address)
        return service[action](**payload, _soapheaders=header)

    def element(self, name: str, payload: JsonObject) -> etree._Element:
        """A body element."""
        described = self.client.get_element(f"{{{self.namespace}}}{name}")
        parent = etree.Element("parent")
        described.render(parent, described(**payload))
        return parent[0]

    def payload(self, element: etree._Element) -> JsonObject:
        """What a body element says. Raises KeyError for one that is not described."""
        described = self.client.get_element(element.tag)
        value = described.parse(element, self.client.wsdl.types)
        plain: JsonObject = _plain(serialize_object(value, dict) or {})
        return plain


class ZeepPeer:
    """One end of a conversation.

    answers: what a call to it is answered with, None: with a fault; descriptions: of both services,
    by the side that hosts them. url: where its own service is, after `open`; partner: where the
    other one is. transaction: the id by which it knows the transaction, None before there is one.
    """

    def __init__(
        self,
        side: Side,
        station: str,
        answers: Answers,
        watch: Watch,
        descriptions: Mapping[Side, str],
    ) -> None:
        self._side = side
        self._station = station
        self._answers = answers
        self._watch = watch
        self._hosted = Described(descriptions[side], side)
        self._called = Described(descriptions[side.other], side.other)
        self._ids = (f"{side.value[0]}{number}" for number in count(1))
        self._numbers = count(1)
        self._uuids = uuids()
        self._runner: web.AppRunner | None = None
        self.transaction: Any = None
        self.url = ""
        self.partner = ""

    async def open(self) -> str:
        """Host the service on a free port of this machine; its address."""
        app = web.Application()
        app.router.add_post("/ocpp", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/ocpp"
        return self.url

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def call(self, action: str, payload: JsonObject) -> Frame:
        """Post a call and wait for its answer. Raises OSError."""
        call = Call(next(self._ids), action, filled(payload, self.transaction))
        self._see(True, call)
        posting = asyncio.to_thread(
            self._called.posted, action, call.payload, self.partner, self._header()
        )
        answer = self._read(call, await posting)
        self._see(False, answer)
        return answer

    def _header(self) -> list[Any]:
        """What the addressing plugin does not add by itself."""
        identity = etree.Element(f"{{{self._called.namespace}}}chargeBoxIdentity")
        identity.text = self._station
        blocks = [identity]
        for name, address in (("From", self.url), ("ReplyTo", ANONYMOUS)):
            block = etree.Element(f"{{{ADDRESSING}}}{name}")
            etree.SubElement(block, f"{{{ADDRESSING}}}Address").text = address
            blocks.append(block)
        return blocks

    def _read(self, call: Call, response: Any) -> Frame:
        if not response.content:
            text = f"HTTP {response.status_code} without an envelope"
            return CallError(call.message_id, INTERNAL_ERROR, text, {})
        body = _body(etree.fromstring(response.content))
        if etree.QName(body).localname == "Fault":
            codes = [e.text or "" for e in body.iter(f"{{{SOAP}}}Value")]
            reason = body.findtext(f".//{{{SOAP}}}Text") or ""
            return CallError(call.message_id, codes[-1].rpartition(":")[2], reason, {})
        return CallResult(call.message_id, self._called.payload(body))

    async def _serve(self, request: web.Request) -> web.Response:
        envelope = etree.fromstring(await request.read())
        body = _body(envelope)
        name = etree.QName(body).localname.removesuffix("Request")
        action = name[0].upper() + name[1:]
        call = Call(f"z{next(self._numbers)}", action, self._hosted.payload(body))
        self._see(False, call)
        payload = self._answers(call)
        if payload is None:
            text = f"{action} is not simulated"
            self._see(True, CallError(call.message_id, NOT_IMPLEMENTED, text, {}))
            return self._sent(envelope, action, _fault(self._hosted.namespace, text), 500)
        self._see(True, CallResult(call.message_id, payload))
        return self._sent(envelope, action, self._hosted.element(f"{name}Response", payload), 200)

    def _sent(
        self, asked: etree._Element, action: str, body: etree._Element, status: int
    ) -> web.Response:
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "wsa": ADDRESSING})
        header = etree.SubElement(envelope, f"{{{SOAP}}}Header")
        said = {
            "Action": f"/{action}Response",
            "MessageID": UUID(next(self._uuids)).urn,
            "RelatesTo": asked.findtext(f".//{{{ADDRESSING}}}MessageID"),
            "To": ANONYMOUS,
        }
        for name, text in said.items():
            etree.SubElement(header, f"{{{ADDRESSING}}}{name}").text = text
        etree.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
        data = etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)
        return web.Response(body=data, status=status, content_type="application/soap+xml")

    def _see(self, sent: bool, frame: Frame) -> None:
        if self.transaction is None:
            self.transaction = transaction_in(frame)
        self._watch(self._side, sent, frame)


def _body(envelope: etree._Element) -> etree._Element:
    return envelope.find(f"{{{SOAP}}}Body")[0]  # type: ignore[index]


def _fault(namespace: str, text: str) -> etree._Element:
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP, "ocpp": namespace})
    code = etree.SubElement(fault, f"{{{SOAP}}}Code")
    etree.SubElement(code, f"{{{SOAP}}}Value").text = "soap:Receiver"
    subcode = etree.SubElement(code, f"{{{SOAP}}}Subcode")
    etree.SubElement(subcode, f"{{{SOAP}}}Value").text = "ocpp:NotSupported"
    reason = etree.SubElement(fault, f"{{{SOAP}}}Reason")
    said = etree.SubElement(reason, f"{{{SOAP}}}Text")
    said.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    said.text = text
    return fault


def _plain(value: Any) -> Any:
    """As JSON has it: no absent members, times and decimals as text and number."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item not in (None, [])}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return float(value) if isinstance(value, Decimal) else value
