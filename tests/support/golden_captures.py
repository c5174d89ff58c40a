"""The captures among the golden logs: `python -m tests.support.golden_captures` writes them anew.

All but the one of TLS come out the same each time; that one holds its key log.
"""

import ssl
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.support.captures import Deflater, Talk, framed, pcap, pcapng, upgrade
from tests.support.tls_talks import Said, talked

GOLDEN = Path(__file__).parents[1] / "logs" / "golden"
MASK = b"\x11\x22\x33\x44"
CALL = b'[2,"a1","Heartbeat",{}]'
ANSWER = b'[3,"a1",{"currentTime":"2025-06-01T09:00:00Z"}]'


def websocket() -> bytes:
    """A conversation in packed messages; the last one is no frame."""
    talk, station, csms = Talk(), Deflater(), Deflater()
    upgrade(talk, extensions="permessage-deflate")
    talk.say(True, framed(station(CALL), mask=MASK, first=0xC1), 9)
    talk.say(False, framed(csms(ANSWER), first=0xC1))
    talk.say(True, framed(station(b"bye"), mask=MASK, first=0xC1))
    talk.end()
    return pcap(talk.packets)


def soap() -> bytes:
    """A station's connection with two calls, and one of the CSMS to it: by length, in chunks,
    packed. The MessageIDs of the answers speak of other calls."""
    heartbeat = _envelope("Cs", "Heartbeat", "<s:heartbeatRequest/>", "1")
    told = "<s:heartbeatResponse><s:currentTime>2025-06-01T09:00:00Z</s:currentTime>"
    answer = _envelope("Cs", "HeartbeatResponse", told + "</s:heartbeatResponse>", "2", "9")
    talk = Talk()
    talk.say(True, _post(heartbeat) + _post(heartbeat.replace(b">1<", b">3<"), "gzip"))
    talk.say(False, b"HTTP/1.1 100 Continue\r\n\r\n" + _ok(answer), 300)
    talk.say(False, _ok(answer.replace(b">2<", b">4<"), chunked=True), 300)
    talk.end()
    called = Talk(client=(b"\x0a\0\0\x02", 41000), server=(b"\x0a\0\0\x01", 8080))
    called.say(True, _post(_envelope("Cp", "ClearCache", "<s:clearCacheRequest/>", "5")))
    fault = "<e:Fault><e:Code><e:Value>e:Receiver</e:Value><e:Subcode><e:Value>s:NotSupported"
    fault += "</e:Value></e:Subcode></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>"
    refusal = _ok(_envelope("Cp", "ClearCacheResponse", fault, "6")).replace(b"200 OK", b"500 No")
    called.say(False, refusal)
    called.end()
    return pcapng([*talk.packets, *called.packets])


def spoken() -> Said:
    """A conversation over a WebSocket, before it is encrypted."""

    class Plain(Talk):
        def __init__(self) -> None:
            self.said: Said = []

        def say(self, by_client: bool, data: bytes, size: int = 1400) -> None:
            self.said.append((by_client, data))

    plain = Plain()
    upgrade(plain)
    plain.say(True, framed(CALL, mask=MASK))
    plain.say(False, framed(ANSWER))
    return plain.said


def tls() -> bytes:
    talk = Talk()
    secret = talked(spoken(), ssl.TLSVersion.TLSv1_3)
    for by_client, data in secret.wire:
        talk.say(by_client, data)
    talk.end()
    return pcapng(talk.packets, secret.key_log.encode())


class Heartbeats:
    """HTTP messages with a heartbeat each, of one station."""

    def request(
        self, number: int, coding: str = "", packed: Callable[[bytes], bytes] = bytes
    ) -> bytes:
        body = packed(_envelope("Cs", "Heartbeat", "<s:heartbeatRequest/>", str(number)))
        head = f"POST / HTTP/1.1\r\nContent-Length: {len(body)}\r\n"
        head += f"Content-Encoding: {coding}\r\n" if coding else ""
        return f"{head}\r\n".encode() + body

    def answer(self, number: int) -> bytes:
        told = "<s:heartbeatResponse><s:currentTime>2025-06-01T09:00:00Z</s:currentTime>"
        told += "</s:heartbeatResponse>"
        return _ok(_envelope("Cs", "HeartbeatResponse", told, f"A{number}", str(number)))


def _envelope(service: str, action: str, body: str, message_id: str, relates: str = "") -> bytes:
    head = f"<s:chargeBoxIdentity>DEPOT-7</s:chargeBoxIdentity><a:Action>/{action}</a:Action>"
    head += f"<a:MessageID>{message_id}</a:MessageID>"
    head += f"<a:RelatesTo>{relates}</a:RelatesTo>" if relates else ""
    names = (
        f'xmlns:s="urn://Ocpp/{service}/2015/10/" xmlns:a="http://www.w3.org/2005/08/addressing"'
    )
    return (
        f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" {names}>'
        f"<e:Header>{head}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    ).encode()


def _post(body: bytes, coding: str = "") -> bytes:
    # Not by `gzip`: what it writes for the operating system depends on the version of Python.
    packed = zlib.compress(body, 9, wbits=31) if coding else body
    head = "POST /soap HTTP/1.1\r\nHost: x\r\nContent-Type: application/soap+xml\r\n"
    head += f"Content-Encoding: {coding}\r\n" if coding else ""
    return f"{head}Content-Length: {len(packed)}\r\n\r\n".encode() + packed


def _ok(body: bytes, *, chunked: bool = False) -> bytes:
    if not chunked:
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    half = len(body) // 2
    chunks = b"".join(f"{len(p):x}\r\n".encode() + p + b"\r\n" for p in (body[:half], body[half:]))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


WRITTEN = {"websocket.pcap": websocket, "soap.pcapng": soap}


def main() -> None:
    for name, made in {**WRITTEN, "tls.pcapng": tls}.items():
        (GOLDEN / name).write_bytes(made())


if __name__ == "__main__":
    main()
