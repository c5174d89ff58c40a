"""The opening handshake of a WebSocket, as server and as client. Spec: RFC 6455, 4."""

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping

from multidict import MultiMapping

from gateway.core.errors import TransportError

SUBPROTOCOL = "Sec-WebSocket-Protocol"
EXTENSIONS = "Sec-WebSocket-Extensions"
KEY = "Sec-WebSocket-Key"
VERSION = "Sec-WebSocket-Version"
ACCEPT = "Sec-WebSocket-Accept"

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def is_upgrade(method: str, headers: MultiMapping[str]) -> bool:
    """Whether a request asks for a WebSocket at all."""
    return (
        method == "GET"
        and headers.get("Upgrade", "").strip().lower() == "websocket"
        and "upgrade" in _tokens(",".join(headers.getall("Connection", ())))
    )


def is_sound(headers: Mapping[str, str]) -> bool:
    """Whether an upgrade request has a version that we speak, a key, and no body: what follows it
    are frames (RFC 6455, 4.1)."""
    if headers.get(VERSION, "").strip() != "13" or "Transfer-Encoding" in headers:
        return False
    if headers.get("Content-Length", "0").strip() != "0":
        return False
    try:
        return len(base64.b64decode(headers.get(KEY, "").strip(), validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def response(headers: Mapping[str, str], subprotocol: str | None, extensions: str | None) -> bytes:
    """The answer to a sound upgrade request."""
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"{ACCEPT}: {_accept(headers[KEY].strip())}",
    ]
    if subprotocol is not None:
        lines.append(f"{SUBPROTOCOL}: {subprotocol}")
    if extensions is not None:
        lines.append(f"{EXTENSIONS}: {extensions}")
    return "\r\n".join((*lines, "", "")).encode("ascii")


def request(subprotocols: tuple[str, ...], extensions: str | None) -> dict[str, str]:
    """The headers of our own upgrade request."""
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        VERSION: "13",
        KEY: base64.b64encode(os.urandom(16)).decode(),
        SUBPROTOCOL: ", ".join(subprotocols),
    }
    if extensions is not None:
        headers[EXTENSIONS] = extensions
    return headers


def check(asked: Mapping[str, str], answered: Mapping[str, str]) -> None:
    """Check the headers of a 101 against those of our request. Raises TransportError."""
    if answered.get("Upgrade", "").strip().lower() != "websocket":
        raise TransportError("the CSMS upgraded to something else than a WebSocket")
    if answered.get(ACCEPT, "").strip() != _accept(asked[KEY]):
        raise TransportError("the CSMS did not prove that it read the handshake")
    if EXTENSIONS in answered and EXTENSIONS not in asked:
        raise TransportError("the CSMS answered with an extension that was not offered")


def _accept(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()


def _tokens(value: str) -> set[str]:
    return {token.strip().lower() for token in value.split(",")}
