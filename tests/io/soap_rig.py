"""A gateway with SOAP peers that write their own envelopes and HTTP, none of our code in them."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from lxml import etree

from gateway.app import App, translating
from gateway.config import Config
from gateway.core.session.effects import Record
from gateway.io.clock import utc_clock
from gateway.storage import open_store
from gateway.storage.port import Store
from tests.io.rig import PATIENCE_S, standard
from tests.support import peers

SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
CS, CP = "urn://Ocpp/Cs/2015/10/", "urn://Ocpp/Cp/2015/10/"
MEDIA = "application/soap+xml; charset=utf-8"

HEARTBEAT = "<c:heartbeatRequest/>"
START = (
    "<c:startTransactionRequest><c:connectorId>1</c:connectorId><c:idTag>T</c:idTag>"
    "<c:timestamp>2025-06-01T14:00:00Z</c:timestamp><c:meterStart>0</c:meterStart>"
    "</c:startTransactionRequest>"
)
BOOT = (
    "<c:bootNotificationRequest><c:chargePointVendor>V</c:chargePointVendor>"
    "<c:chargePointModel>M</c:chargePointModel></c:bootNotificationRequest>"
)
NOW = "2025-06-01T14:00:00Z"
ALIVE = f"<c:heartbeatResponse><c:currentTime>{NOW}</c:currentTime></c:heartbeatResponse>"
ANSWERS = {
    "BootNotification": {"status": "Accepted", "currentTime": NOW, "interval": 300},
    "Heartbeat": {"currentTime": NOW},
    "StartTransaction": {"transactionId": 7, "idTagInfo": {"status": "Accepted"}},
    "DataTransfer": {"status": "Accepted"},
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
}
LOOPBACK = {"soap": {"callback_networks": ["127.0.0.0/8"]}}


def envelope(
    body: str,
    identity: str | None = "CP1",
    sender: str | None = None,
    namespace: str = CS,
    head: str = "",
    soap: str = SOAP12,
) -> str:
    """A message as a modest peer writes it. sender: the address in From."""
    if identity is not None:
        head += f"<c:chargeBoxIdentity>{identity}</c:chargeBoxIdentity>"
    if sender is not None:
        head += f"<a:From><a:Address>{sender}</a:Address></a:From>"
    return (
        f'<s:Envelope xmlns:s="{soap}" xmlns:a="{WSA}" xmlns:c="{namespace}">'
        f"<s:Header>{head}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


class Answer:
    """What came back over HTTP."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def fault(self) -> str:
        """Code and subcode of the fault, "" if it is none."""
        found = self.root.iter(f"{{{SOAP12}}}Value")
        return "/".join((value.text or "").rpartition(":")[2] for value in found)

    @property
    def content(self) -> str:
        """Local name and text of the body element."""
        body = self.root.find(f"{{{SOAP12}}}Body")
        assert body is not None
        return f"{etree.QName(body[0]).localname} {''.join(body[0].itertext())}".strip()

    def header(self, name: str) -> str | None:
        return self.root.findtext(f".//{{{WSA}}}{name}")


class JsonCsms:
    """A JSON CSMS. heard: calls, in order; answers: by action; silent: actions that get none;
    away: it lets nobody in. greeting: what it asks as soon as a link is open; greeted: that has
    ended."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, dict[str, Any]] = dict(ANSWERS)
        self.silent: set[str] = set()
        self.away = False
        self.refuses: dict[str, str] = {}
        self.links: list[peers.Link] = []
        self.gate: asyncio.Event | None = None
        self.greeting = ""
        self.greeted = asyncio.Event()
        self._more = asyncio.Event()

    async def has(self, number: int) -> None:
        """Wait until so many calls have come."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.heard) < number:
                self._more.clear()
                await self._more.wait()

    async def handle(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.heard.append((action, payload))
        self._more.set()
        if self.gate is not None:
            await self.gate.wait()
        if action in self.silent:
            raise peers.Silence
        if action in self.refuses:
            raise peers.Refused(self.refuses[action], "no")
        return self.answers.get(action, {})

    async def serve(self, _station: str, ws: Any) -> None:
        link = peers.Link(ws, self.handle)
        self.links.append(link)
        if self.greeting:
            asking = asyncio.ensure_future(link.call(self.greeting, {}))
            asking.add_done_callback(lambda done: (done.exception(), self.greeted.set()))
        await link.run()

    @property
    def actions(self) -> list[str]:
        return [action for action, _ in self.heard]


class SoapPeer:
    """Something that is posted to. answer: makes the response to each request."""

    def __init__(
        self, answer: Callable[[web.Request, bytes], Any], tls: ssl.SSLContext | None = None
    ) -> None:
        self.answer = answer
        self._tls = tls
        self.requests: list[tuple[Any, bytes]] = []
        self.came = asyncio.Event()
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/peer"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request, body))
        self.came.set()
        answer = self.answer(request, body)
        return await answer if asyncio.iscoroutine(answer) else answer

    @property
    def actions(self) -> list[str]:
        found = (re.search(rb"Body><\w+:(\w+)Request", body) for _, body in self.requests)
        return [match[1].decode() for match in found if match]


@asynccontextmanager
async def listening(peer: SoapPeer) -> AsyncIterator[SoapPeer]:
    """The peer, as long as it is wanted."""
    await peer.start()
    try:
        yield peer
    finally:
        await peer.stop()


CALLBACK = "http://gateway.example.com/callback"


def section(csms: SoapPeer, **more: Any) -> dict[str, Any]:
    """The configuration's section for that CSMS."""
    return {"url": csms.url, "callback": CALLBACK, **more}


FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>c:{}</s:Value></s:Subcode>"
    '</s:Code><s:Reason><s:Text xml:lang="en">reason</s:Text></s:Reason></s:Fault>'
)
"""A fault of OCPP with a place for its subcode."""


def soap_response(body: str, namespace: str, status: int = 200) -> web.Response:
    text = envelope(body, None, namespace=namespace)
    return web.Response(text=text, status=status, content_type="application/soap+xml")


def central_system(request: web.Request, body: bytes) -> web.Response:
    """Answers whatever a CentralSystemService is asked."""
    found = re.search(rb"Body><\w+:(\w+)Request", body)
    assert found is not None, body
    name = found[1].decode()
    inner = {
        "bootNotification": "<c:status>Accepted</c:status><c:currentTime>"
        f"{NOW}</c:currentTime><c:interval>300</c:interval>",
        "heartbeat": f"<c:currentTime>{NOW}</c:currentTime>",
        "startTransaction": "<c:transactionId>7</c:transactionId>"
        "<c:idTagInfo><c:status>Accepted</c:status></c:idTagInfo>",
        "authorize": "<c:idTagInfo><c:status>Accepted</c:status></c:idTagInfo>",
        "dataTransfer": "<c:status>Accepted</c:status>",
    }.get(name, "")
    return soap_response(f"<c:{name}Response>{inner}</c:{name}Response>", CS)


class SoapRig:
    """A running gateway. records: all it recorded."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.app: App
        self.http = http
        self.records: list[Record] = []
        self._waiting: list[tuple[str, asyncio.Future[Record]]] = []

    def record(self, station: str, record: Record) -> None:
        self.records.append(record)
        for outcome, future in self._waiting:
            if not future.done() and record.outcome == outcome:
                future.set_result(record)

    async def recorded(self, outcome: str) -> Record:
        """The first Record of that outcome, that came or will come."""
        for record in self.records:
            if record.outcome == outcome:
                return record
        future: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, future))
        async with asyncio.timeout(PATIENCE_S):
            return await future

    def outcomes(self) -> list[str]:
        return [record.outcome for record in self.records]

    def url(self, path: str = "/soap") -> str:
        return f"http://127.0.0.1:{self.app.port}{path}"

    async def post(
        self, body: str | bytes, path: str = "/soap", media: str | None = MEDIA, **options: Any
    ) -> Answer:
        headers = {**({"Content-Type": media} if media else {}), **options.pop("headers", {})}
        data = BytesIO(body.encode() if isinstance(body, str) else body)
        async with asyncio.timeout(PATIENCE_S):
            response = await self.http.post(self.url(path), data=data, headers=headers, **options)
            return Answer(response.status, response.headers, await response.read())

    async def said(self, body: str, **options: Any) -> Answer:
        """Post a message of CP1."""
        return await self.post(envelope(body), **options)

    async def raw(self, data: bytes) -> bytes:
        """Write bytes, and read what comes until the gateway closes or has answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.app.port)
        writer.write(data)
        async with asyncio.timeout(PATIENCE_S):
            head = await reader.readuntil(b"\r\n\r\n")
            found = re.search(rb"(?i)content-length: *(\d+)", head)
            body = await reader.readexactly(int(found[1])) if found else b""
        writer.close()
        await writer.wait_closed()
        return head + body


@asynccontextmanager
async def soap_gateway(
    csms: dict[str, Any],
    stations: dict[str, Any] | None = None,
    store: Store | None = None,
    clock: Callable[[], float] | None = None,
    **sections: Any,
) -> AsyncIterator[SoapRig]:
    """A gateway in front of that CSMS; further sections of the configuration by name."""
    open_to_all = {"listen": "127.0.0.1:0", "auth": "none", "allow_unauthenticated": True}
    given = {
        "stations": {**open_to_all, **(stations or {})},
        "csms": {"backoff_min_s": 0.001, "backoff_max_s": 0.01, **csms},
        "state": "memory:",
        **sections,
    }
    config = Config.model_validate(given)
    revision = standard()
    async with aiohttp.ClientSession(auto_decompress=True) as http:
        rig = SoapRig(http)
        rig.app = await App.start(
            config,
            rig.record,
            store=store or open_store("memory:", config.store),
            sessions=translating(config, revision),
            revision=revision,
            clock=clock or utc_clock(),
        )
        try:
            yield rig
        finally:
            await rig.app.stop()


@asynccontextmanager
async def json_gateway(
    stations: dict[str, Any] | None = None, **sections: Any
) -> AsyncIterator[tuple[SoapRig, JsonCsms]]:
    """In front of a JSON CSMS, of 1.6 unless `csms` says otherwise."""
    csms = JsonCsms()
    section = {"version": "1.6", **sections.pop("csms", {})}
    protocols = (f"ocpp{section['version']}",)
    async with (
        peers.Csms(csms.serve, protocols, lambda: csms.away) as server,
        soap_gateway({"url": server.url(), **section}, stations, **sections) as rig,
    ):
        yield rig, csms


def vectors(folder: str) -> list[Path]:
    return sorted((Path(__file__).parents[1] / "vectors" / folder).glob("*.json"))


def profiles_of(quirk: dict[str, Any]) -> list[str]:
    """Profiles that a vector of soap-quirks is run with: what is not well-formed and is to be read
    all the same is read by `xml_recover` alone (design/README.md decision 21)."""
    try:
        etree.fromstring(quirk["xml"].strip("\ufeff\0\r\n ").encode("utf-8", "surrogatepass"))
    except etree.XMLSyntaxError:
        return ["xml_recover"] if quirk["expect"] == "accept" else []
    return []
