"""A message inside the DataTransfer of another: vendorId, messageId, its payload as JSON text.

The Plug & Charge note, the cost note and the gateway's own tunnel all travel so. Which message
carries data between vendors is the map's affair: the one with the procedure `data_transfer`.
"""

from collections.abc import Generator
from typing import Any, NamedTuple

import orjson

from gateway.core.dialects import UNSUPPORTED, Side, Version
from gateway.core.frames import JsonObject
from gateway.core.json_text import value_in
from gateway.core.mapping.model import Direction
from gateway.core.session.desk import Desk
from gateway.core.session.requests import Ask, Outcome, Reply

PROCEDURE = "data_transfer"
ACCEPTED, REJECTED = "Accepted", "Rejected"
UNKNOWN_VENDOR, UNKNOWN_MESSAGE = "UnknownVendorId", "UnknownMessageId"
CUSTOM_DATA = "customData"


class Carried(NamedTuple):
    """How a message in an envelope ended.

    payload: its answer, {} where the envelope came back empty; None where there is no good one.
    status: of the envelope, "" where a CallError or nothing came back; reply: as it came.
    """

    payload: JsonObject | None
    status: str
    reply: Reply

    @property
    def is_silent(self) -> bool:
        """Nobody answered: the other side may have acted."""
        return self.reply.outcome in (Outcome.NONE, Outcome.LOST)

    @property
    def is_error(self) -> bool:
        """A CallError that says nothing of whether such messages are known."""
        error = self.reply.error
        return error is not None and error.code not in UNSUPPORTED


def envelope(desk: Desk, to: Version) -> Direction:
    """The direction of the map whose message carries others."""
    return desk.revision.maps.with_procedure(PROCEDURE).to(to)


def sealed(vendor: str, message: str, payload: JsonObject) -> JsonObject:
    """The envelope around a payload."""
    data = orjson.dumps(payload).decode()
    return {"vendorId": vendor, "messageId": message, "data": data}


def opened(data: Any) -> JsonObject | None:
    """The payload in an envelope's data; None where there is none that is an object."""
    if not isinstance(data, str):
        return None
    try:
        payload = value_in(data)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def carried(
    desk: Desk, side: Side, vendor: str, message: str, payload: JsonObject
) -> Generator[Ask, Reply, Carried]:
    """Send a payload to a peer in an envelope and open the answer. Whether that is valid is the
    caller's question."""
    action = envelope(desk, desk.versions[side]).action
    return read((yield Ask(side, action, sealed(vendor, message, payload))))


def read(reply: Reply) -> Carried:
    """What came back in an envelope."""
    status = str(reply.payload.get("status", ""))
    data = reply.payload.get("data")
    if status != ACCEPTED:
        return Carried(None, status, reply)
    return Carried({} if data is None else opened(data), status, reply)


def plain(value: Any) -> Any:
    """The value without customData, wherever in it that is."""
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items() if name != CUSTOM_DATA}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def answer(payload: JsonObject) -> JsonObject:
    """The answer to an envelope: accepted, with the answer to what was in it."""
    return {"status": ACCEPTED, "data": orjson.dumps(payload).decode()}
