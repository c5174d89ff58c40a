"""HTTP as SOAP uses it: bodies in, envelopes out (soap.md 2)."""

import asyncio
import gzip
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from gateway.core.codec.soap_service import SENDER, SOAP11, Fault
from gateway.io.refusals import Refused

if TYPE_CHECKING:
    from zlib import _Decompress as Inflater

WORTH_BYTES = 1024
"""Below this a body is not compressed."""

PLAIN = ("", "identity")
CODINGS = (*PLAIN, "gzip", "deflate")
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


async def body_of(request: web.BaseRequest, most: int, within_s: float) -> bytes:
    """The body of a request, decompressed. Raises Refused: 400, 408, 413, 415."""
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in CODINGS:
        raise Refused(415, "The body may be compressed with gzip or deflate only.")
    if coding in PLAIN and (request.content_length or 0) > most:
        raise _too_long(most)
    if request.headers.get("Expect", "").strip().lower() == "100-continue":
        await request.writer.write(_CONTINUE)
        request.writer.output_size = 0
    try:
        async with asyncio.timeout(within_s):
            return await at_most(request.content, most, coding)
    except TimeoutError:
        raise Refused(408, "The body did not come in time.") from None
    except TooLong:
        raise _too_long(most) from None
    except (Unreadable, web.RequestPayloadError, aiohttp.ClientError, OSError):
        raise Refused(400, "The body cannot be read.") from None


def _too_long(most: int) -> Refused:
    return Refused(413, f"The body is longer than {most} bytes.")


class TooLong(ValueError):
    """A body goes on beyond its limit; the peer's fault."""


class Unreadable(ValueError):
    """A body is not compressed as its header says; the peer's fault."""


async def at_most(content: aiohttp.StreamReader, most: int, coding: str) -> bytes:
    """Everything that is left of a stream, decompressed; never more than `most` is kept of it.

    coding: one of CODINGS. Raises TooLong, Unreadable.
    """
    body = bytearray()
    inflater: Inflater | None = None
    async for part in content.iter_any():
        if coding in PLAIN:
            body += part
        else:
            inflater = inflater or _inflater(coding, part)
            body += _inflated(inflater, part, most + 1 - len(body))
        if len(body) > most:
            raise TooLong(f"more than {most} bytes")
    if inflater is not None and not inflater.eof:
        raise Unreadable("the compressed body is cut short")
    return bytes(body)


def _inflater(coding: str, beginning: bytes) -> "Inflater":
    """Half of the clients mean zlib by deflate, the others the bare stream."""
    if coding == "gzip":
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    is_zlib = beginning[0] & 0x0F == 8
    return zlib.decompressobj(wbits=zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


def _inflated(inflater: "Inflater", part: bytes, room: int) -> bytes:
    try:
        return inflater.decompress(part, room)
    except zlib.error as error:
        raise Unreadable(str(error)) from None


def content_type(envelope: str, action: str = "") -> str:
    """envelope: its namespace; action: of a request, named in SOAP 1.2 (soap.md 2)."""
    if envelope == SOAP11:
        return "text/xml; charset=utf-8"
    named = f'; action="/{action}"' if action else ""
    return f"application/soap+xml; charset=utf-8{named}"


def packed(data: bytes, compress: bool) -> tuple[bytes, dict[str, str]]:
    """A body as it is sent, and the header that says so."""
    if compress and len(data) > WORTH_BYTES:
        return gzip.compress(data, mtime=0), {"Content-Encoding": "gzip"}
    return data, {}


def answer(data: bytes, envelope: str, status: int, compress: bool) -> web.Response:
    """An envelope as the answer to a request."""
    body, headers = packed(data, compress)
    headers["Content-Type"] = content_type(envelope)
    return web.Response(status=status, body=body, headers=headers)


def no_answer(headers: Mapping[str, str] | None = None) -> web.Response:
    """What a request gets that must not be taken for refused: no SOAP body (soap.md 6)."""
    return web.Response(status=503, headers={"Content-Type": "text/plain", **(headers or {})})


def status_of(fault: Fault, fault_status: int | str) -> int:
    """fault_status: 500, or `spec` for the letter of SOAP 1.2, Part 2, 7.4.2."""
    return 400 if fault_status == "spec" and fault.code == SENDER else 500
