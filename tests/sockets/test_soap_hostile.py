"""What hostile peers post to either SOAP face, and what they answer: exactly what becomes of each.

Nothing of it reaches the other peer, nothing is fetched, and the next good message is served.
"""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from tests.io.soap_rig import CP, CS, SOAP12, SoapPeer, envelope
from tests.sockets.soap_faces import (
    DONE,
    GOOD,
    Asking,
    callback_face,
    csms_answers,
    station_answers,
    station_face,
    whole,
)
from tests.support import peers

EXPANDING = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>'
XI = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

Make = Callable[[str, str, str], str]
"""A body from a good message with a hole, the namespace of the service, and the URL of a trap."""


def before(prolog: str) -> Make:
    """A document type before the message, of which the message uses an entity."""
    return lambda good, ns, trap: prolog.replace("TRAP", trap) + whole(good % "&e;", ns)


def within(content: str) -> Make:
    return lambda good, ns, trap: whole(good % content.replace("TRAP", trap), ns)


MALFORMED: dict[str, Make] = {
    "an external entity": before('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'),
    "an external entity of the network": before('<!DOCTYPE x [<!ENTITY e SYSTEM "TRAP">]>'),
    "a parameter entity": before('<!DOCTYPE x [<!ENTITY % e SYSTEM "TRAP"> %e;]>'),
    "entities that expand": lambda good, ns, trap: EXPANDING + whole(good % "&i;", ns),
    "an entity used often": lambda good, ns, trap: QUADRATIC + whole(good % ("&a;" * 5000), ns),
    "an entity in an attribute": lambda good, ns, trap: (
        EXPANDING + whole(good.replace("<c:data>", '<c:data a="&i;">') % "x", ns)
    ),
    "an empty document type": lambda good, ns, trap: "<!DOCTYPE x>" + whole(good % "x", ns),
    "a document type by address": lambda good, ns, trap: (
        f'<!DOCTYPE x SYSTEM "{trap}">' + whole(good % "x", ns)
    ),
    "a document type by name": lambda good, ns, trap: (
        f'<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "{trap}">' + whole(good % "x", ns)
    ),
    "an entity that nobody declared": within("&e;"),
    "XInclude": within(f'a<xi:include {XI} href="file:///etc/hostname" parse="text"/>b'),
    "XInclude of the network": within(f'<xi:include {XI} href="TRAP"/>'),
    "deep nesting": within("<x>" * 40 + "</x>" * 40),
    "very deep nesting": within("<x>" * 50_000 + "</x>" * 50_000),
    "deep nesting without an end": within("<x>" * 100_000),
    "too many elements": within("<x/>" * 20_001),
    "a header that is not closed": lambda good, ns, trap: whole(good % "x", ns).replace(
        "</s:Header>", ""
    ),
    "a tag that is not closed": lambda good, ns, trap: whole(good % "x", ns)[:-20],
    "an element too many": lambda good, ns, trap: whole(
        (good % "x").replace("</c:data>", "</c:data><c:data>y</c:data>"), ns
    ),
    "a control character": within("&#1;"),
    "a surrogate": within("&#xD800;"),
    "a lone zero": within("\0"),
    "HTML": lambda good, ns, trap: "<html><body>Log in</body></html>",
    "HTML as people write it": lambda good, ns, trap: (
        "<!DOCTYPE html><html><body>Log in<br></html>"
    ),
    "JSON": lambda good, ns, trap: '[2,"1","Heartbeat",{}]',
    "text": lambda good, ns, trap: "Heartbeat, please",
    "nothing": lambda good, ns, trap: "",
    "another root": lambda good, ns, trap: f"<root>{whole(good % 'x', ns)}</root>",
    "no Body": lambda good, ns, trap: f'<s:Envelope xmlns:s="{SOAP12}"/>',
    "an empty Body": lambda good, ns, trap: whole("", ns),
    "UTF-7": lambda good, ns, trap: '<?xml version="1.0" encoding="UTF-7"?>' + whole(good, ns),
    "EBCDIC": lambda good, ns, trap: '<?xml version="1.0" encoding="cp037"?>' + whole(good, ns),
}
WRONG_TYPES = ["text/html", "application/json", "multipart/form-data; boundary=x", "image/png"]


FACES = pytest.mark.parametrize("face", [station_face, callback_face], ids=["station", "csms"])


@pytest.fixture
async def trap() -> AsyncIterator[SoapPeer]:
    """Who comes here has followed an address that it read."""
    peer = SoapPeer(lambda request, body: web.Response(text="caught"))
    await peer.start()
    yield peer
    assert peer.requests == []
    await peer.stop()


@FACES
@pytest.mark.parametrize("name", MALFORMED)
async def test_it_is_a_protocol_error_and_goes_no_further(face, name: str, trap: SoapPeer) -> None:
    async with face() as side:
        body = MALFORMED[name](GOOD, side.ns, trap.url)
        answer = await side.post(body)
        assert (answer.status, answer.fault) == (500, "Sender/ProtocolError")
        assert side.heard == []
        assert b"hostname" not in answer.body, "parsers quote what they read"
        await side.is_alive()


@FACES
async def test_everything_at_once_does_not_add_up(face, trap: SoapPeer) -> None:
    async with face() as side:
        bodies = [make(GOOD, side.ns, trap.url) for make in MALFORMED.values()]
        answers = await asyncio.gather(*(side.post(body) for body in bodies))
        assert {(a.status, a.fault) for a in answers} == {(500, "Sender/ProtocolError")}
        await side.is_alive()


@FACES
@pytest.mark.parametrize("kind", WRONG_TYPES)
async def test_a_content_type_of_something_else(face, kind: str) -> None:
    async with face() as side:
        answer = await side.post(whole(GOOD % "x", side.ns), media=kind)
        assert (answer.status, answer.fault) == (500, "Sender/ProtocolError")
        assert side.heard == []
        await side.is_alive()


@FACES
@pytest.mark.parametrize("size", [1 << 20, 8 << 20])
async def test_text_beyond_the_limit(face, size: int) -> None:
    async with face() as side:
        answer = await side.post(whole(GOOD % ("x" * size), side.ns))
        assert (answer.status, len(answer.body.splitlines())) == (413, 1)
        await side.is_alive()


@FACES
@pytest.mark.parametrize("more", ["", "Expect: 100-continue\r\n"])
async def test_a_body_that_is_said_to_be_too_long_is_not_waited_for(face, more: str) -> None:
    async with face() as side:
        head = f"POST {side.path} HTTP/1.1\r\nHost: h\r\n{more}Content-Length: {1 << 40}\r\n\r\n"
        assert (await side.rig.raw(head.encode())).startswith(b"HTTP/1.1 413 ")
        await side.is_alive()


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


GZIP = partial(gzip.compress, mtime=0)
"""Not the time of day: what is sent stands in the names of the tests."""
CUT = GZIP(b"x" * 1000)[:-9]
SPOILT = GZIP(b"x" * 1000)[:-8] + b"\1" * 8


@FACES
@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", b"<no gzip/>", 400),
        ("gzip", b"", 500),
        ("gzip", CUT, 400),
        ("gzip", SPOILT, 400),
        ("gzip", zlib.compress(b"<x/>"), 400),
        ("deflate", b"<no deflate/>", 400),
        ("deflate", GZIP(b"<x/>"), 400),
        ("gzip", GZIP(GZIP(b"<x/>")), 500),
        ("gzip", GZIP(bytes(50 << 20)), 413),
        ("deflate", zlib.compress(bytes(50 << 20)), 413),
        ("deflate", raw_deflate(bytes(50 << 20)), 413),
        ("br", b"x", 415),
        ("gzip, gzip", b"x", 415),
    ],
)
async def test_compression_that_is_none_or_too_much(
    face, coding: str, body: bytes, status: int
) -> None:
    async with face() as side:
        answer = await side.post(body, headers={"Content-Encoding": coding})
        assert answer.status == status
        assert (answer.fault if status == 500 else "") in ("", "Sender/ProtocolError")
        await side.is_alive()


@FACES
async def test_a_request_without_an_end(face) -> None:
    """The body goes on for ever; it is listened to as far as the limit."""
    async with face() as side:
        reader, writer = await asyncio.open_connection("127.0.0.1", side.rig.app.port)
        writer.write(f"POST {side.path} HTTP/1.1\r\nHost: h\r\n".encode())
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        answered = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
        chunk = b"10000\r\n" + b"<x>aaaaa" * 8192 + b"\r\n"
        sent = 0
        while not answered.done() and sent < 64:
            writer.write(chunk)
            await writer.drain()
            sent += 1
        assert (await answered).startswith(b"HTTP/1.1 413 ")
        writer.transport.abort()
        await side.is_alive()


MUST = '<x:Security xmlns:x="urn:x" s:mustUnderstand="%s"%s/>'


@FACES
@pytest.mark.parametrize(
    ("mode", "value", "fault"),
    [
        ("repair", "true", ""),
        ("enforce", "true", "MustUnderstand"),
        ("enforce", "1", "MustUnderstand"),
        ("enforce", "0", ""),
        ("enforce", "false", ""),
    ],
)
async def test_a_header_that_must_be_understood(face, mode: str, value: str, fault: str) -> None:
    async with face(validation=mode) as side:
        head = MUST % (value, "")
        message = envelope(GOOD % "x", "CP1", namespace=side.ns, head=head)
        answer = await side.post(message)
        assert (answer.status, answer.fault) == ((500, fault) if fault else (200, ""))
        assert len(side.heard) == (0 if fault else 1)


@FACES
async def test_a_header_for_somebody_else_need_not_be(face) -> None:
    async with face(validation="enforce") as side:
        head = MUST % ("true", ' s:role="urn:somebody-else"')
        message = envelope(GOOD % "x", "CP1", namespace=side.ns, head=head)
        assert (await side.post(message)).status == 200


@FACES
async def test_a_header_that_is_not_closed_is_read_with_the_profile(face) -> None:
    async with face(profiles=["xml_recover"]) as side:
        message = whole(GOOD % "x", side.ns).replace("</s:Header>", "")
        assert (await side.post(message)).content == "dataTransferResponse Accepted"
        assert (await side.rig.recorded("soap_repaired")).text == "xml_recover"


@FACES
async def test_a_place_where_a_schema_is_said_to_be_is_not_looked_at(face, trap) -> None:
    async with face() as side:
        hint = f'{XSI} xsi:schemaLocation="{side.ns} {trap.url}"'
        message = whole((GOOD % "x").replace("Request>", f"Request {hint}>", 1), side.ns)
        assert (await side.post(message)).content == "dataTransferResponse Accepted"


# -- answers ----------------------------------------------------------------------------------


ANSWERERS = pytest.mark.parametrize(
    "answerer", [station_answers, csms_answers], ids=["station", "csms"]
)


def answers(body: str | bytes, status: int = 200, **headers: str) -> Any:
    data = body.encode() if isinstance(body, str) else body
    named = {"Content-Type": "application/soap+xml", **headers}
    return lambda request, _: web.Response(status=status, body=data, headers=named)


async def refused(asking: Asking) -> str:
    with pytest.raises(peers.Refused) as found:
        await asking.ask()
    return found.value.code


@ANSWERERS
@pytest.mark.parametrize("name", MALFORMED)
async def test_such_an_answer_is_an_internal_error(answerer, name: str, trap: SoapPeer) -> None:
    async with answerer() as asking:
        asking.soap.answer = answers(MALFORMED[name](DONE, asking.ns, trap.url))
        assert await refused(asking) == "InternalError"
        await asking.is_alive()


def endless(coding: str | None) -> Any:
    async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        headers = {"Content-Type": "application/soap+xml"}
        packer = zlib.compressobj(wbits=31) if coding else None
        if coding:
            headers["Content-Encoding"] = coding
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        part = b"<x>" * 100_000
        try:
            while True:
                await response.write(packer.compress(part) or b"" if packer else part)
                await asyncio.sleep(0)
        except (ConnectionError, OSError):
            return response

    return answer


NO_ANSWERS = ["empty", "202", "500", "html", "redirect", "file", "br", "no-gzip", "cut-gzip"]
NO_ANSWERS += ["bomb", "deflated-bomb", "endless", "endless-gzip"]


@ANSWERERS
@pytest.mark.parametrize(
    "answer",
    [
        answers("", 200),
        answers("", 202),
        answers("", 500),
        answers("<html><body>Log in</body></html>", **{"Content-Type": "text/html"}),
        answers("", 307, Location="http://127.0.0.1:1/elsewhere"),
        answers("", 301, Location="file:///etc/hostname"),
        answers(b"x", **{"Content-Encoding": "br"}),
        answers(b"<no gzip/>", **{"Content-Encoding": "gzip"}),
        answers(CUT, **{"Content-Encoding": "gzip"}),
        answers(gzip.compress(bytes(50 << 20)), **{"Content-Encoding": "gzip"}),
        answers(zlib.compress(bytes(50 << 20)), **{"Content-Encoding": "deflate"}),
        endless(None),
        endless("gzip"),
    ],
    ids=NO_ANSWERS,
)
async def test_what_is_no_answer_is_an_internal_error(answerer, answer: Any) -> None:
    async with answerer() as asking:
        asking.soap.answer = answer
        assert await refused(asking) == "InternalError"
        await asking.is_alive()


@ANSWERERS
async def test_an_answer_to_another_operation_is_an_internal_error(answerer) -> None:
    async with answerer() as asking:
        other = {CS: "<c:heartbeatResponse/>", CP: "<c:clearCacheResponse/>"}[asking.ns]
        for body in (other, GOOD % "x"):
            asking.soap.answer = answers(whole(body, asking.ns))
            assert await refused(asking) == "InternalError"
        await asking.is_alive()


@ANSWERERS
async def test_no_answer_in_time_is_an_internal_error(answerer) -> None:
    gate = asyncio.Event()

    async def silent(request: web.Request, body: bytes) -> web.Response:
        await gate.wait()
        return web.Response()

    quick = {"upstream_timeout_s": 0.1, "station_timeout_s": 0.1}
    async with answerer(translation=quick) as asking:
        asking.soap.answer = silent
        assert await refused(asking) == "InternalError"
        gate.set()
        await asking.is_alive()


@ANSWERERS
async def test_a_connection_that_breaks_is_an_internal_error(answerer) -> None:
    async def cut(request: web.Request, body: bytes) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with answerer() as asking:
        asking.soap.answer = cut
        assert await refused(asking) == "InternalError"
        await asking.is_alive()


@ANSWERERS
@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate)],
)
async def test_compressed_and_chunked_answers_are_read(answerer, coding: str, pack: Any) -> None:
    async with answerer() as asking:

        async def packed(request: web.Request, body: bytes) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Encoding": coding})
            response.enable_chunked_encoding()
            await response.prepare(request)
            data = pack(whole(DONE % ("x" * 5000), asking.ns).encode())
            for at in range(0, len(data), 50):
                await response.write(data[at : at + 50])
            return response

        asking.soap.answer = packed
        assert await asking.ask() == {"status": "Accepted", "data": "x" * 5000}


@ANSWERERS
async def test_an_answer_never_has_to_be_understood(answerer) -> None:
    async with answerer(validation="enforce") as asking:
        head = MUST % ("true", "")
        text = envelope(DONE % "x", None, namespace=asking.ns, head=head)
        asking.soap.answer = answers(text)
        assert await asking.ask() == {"status": "Accepted", "data": "x"}


@ANSWERERS
async def test_an_answer_with_an_unclosed_header_is_read_with_the_profile(answerer) -> None:
    async with answerer(profiles=["xml_recover"]) as asking:
        asking.soap.answer = answers(whole(DONE % "x", asking.ns).replace("</s:Header>", ""))
        assert await asking.ask() == {"status": "Accepted", "data": "x"}
