"""Frames put out as SOAP envelopes of OCPP 1.6, in the same three formats.

    jsonl    Open OCPP Trace with transport soap: the payload as JSON, the envelope in `raw`
    csv      the columns of `output.py`, and the envelope in one more
    frames   one envelope a line

A log tells no addresses, so there is no From, and To is the anonymous one. Ids are those of the
frames; an answer's own is made of its call's, so that equal input gives equal output. What SOAP
cannot carry (messages of the security extension, integers beyond 32 bits) is a finding, and stands
in the output as the frame that it is, `untranslated`. `envelopes.py` reads all of it again.
Spec: soap.md 3, 6, 7 and 8.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from orjson import OPT_APPEND_NEWLINE, dumps, loads

from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_fault import fault_of_error
from gateway.core.codec.soap_service import REQUEST, RESPONSE, Service
from gateway.core.codec.soap_write import Letter, Written
from gateway.core.dialects import Side
from gateway.core.errors import MappingError, PayloadInvalid
from gateway.core.frames import Call, CallError
from gateway.logs.entry import SOAP
from gateway.logs.envelopes import URN, made_up_id
from gateway.logs.findings import Totals
from gateway.logs.output import COLUMNS, Out, cells, plain, separated, traced
from gateway.logs.rules import Finding, level_of

TO_SOAP = "1.6-soap"
"""How the command line and the configuration call the dialect."""

MOST_OPEN = 4096
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}").fullmatch
_ITEM = re.compile(r"\[\d+\]")
_NOT_TRANSLATED = "not_translated"
_SERVICES = {Side.STATION: Service.CENTRAL_SYSTEM, Side.CSMS: Service.CHARGE_POINT}
"""Whom a call goes to, by who sends it."""


class _Asked(NamedTuple):
    """A call that was put out. source: where it stands in the log; carried: SOAP can say it."""

    source: dict[str, Any]
    carried: bool


class SoapLines:
    """Makes the lines of frames. form: one of FORMS; found: gets what SOAP cannot carry."""

    def __init__(
        self, codec: Soap, form: str, found: Callable[[Finding], None], totals: Totals
    ) -> None:
        self._codec = codec
        self._form, self._without = FORMS[form]
        self._found = found
        self._totals = totals
        self._asked: dict[tuple[str, Side, str], _Asked] = {}

    def __call__(self, out: Out) -> bytes:
        if out.meta.get("untranslated"):
            return self._without(out)
        asked = self._call_of(out)
        try:
            written = self._written(out) if asked.carried else None
        except (PayloadInvalid, MappingError) as error:
            self._note(out, asked, str(error))
            written = None
        if type(out.frame) is Call:
            self._remember(out, asked._replace(carried=written is not None))
        if written is None:
            return self._without(out._replace(meta={**out.meta, "untranslated": "refused"}))
        return self._form(self._with_losses(out, written.losses), _on_one_line(written.data))

    # -- calls and their answers --------------------------------------------------------------

    def _call_of(self, out: Out) -> _Asked:
        """What is known of the call that a frame is, or answers."""
        if type(out.frame) is not Call:
            key = (out.station, out.side.other, out.frame.message_id)
            return self._asked.pop(key, _Asked({}, True))
        asked = _Asked(dict(out.meta.get("source", {})), True)
        if out.action in self._codec.actions(_SERVICES[out.side]):
            return asked
        self._note(out, asked, "OCPP 1.6 has no such message over SOAP")
        return asked._replace(carried=False)

    def _remember(self, out: Out, asked: _Asked) -> None:
        self._asked[out.station, out.side, out.frame.message_id] = asked
        if len(self._asked) > MOST_OPEN:
            del self._asked[next(iter(self._asked))]

    def _written(self, out: Out) -> Written:
        """Raises PayloadInvalid and MappingError for what SOAP cannot carry."""
        _, station, side, _, frame, action, _ = out
        said = _said(frame.message_id)
        write = self._codec.write
        if isinstance(frame, Call):
            return write.call(_SERVICES[side], action, frame.payload, Letter(station, said))
        own = URN + made_up_id(f"{station}\0{frame.message_id}\0answer")
        letter, service = Letter(station, own, relates_to=said), _SERVICES[side.other]
        if isinstance(frame, CallError):
            fault = fault_of_error(frame.code, frame.description)
            return Written(write.fault(service, action, fault, letter))
        return write.answer(service, action, frame.payload, letter)

    # -- what is told -------------------------------------------------------------------------

    def _with_losses(self, out: Out, losses: tuple[str, ...]) -> Out:
        if not losses:
            return out
        part = REQUEST if type(out.frame) is Call else RESPONSE
        named = [f"{out.action}.{part.lower()}:{loss.removeprefix('$.')}" for loss in losses]
        self._totals.losses.update(_ITEM.sub("[]", loss.partition(": ")[0]) for loss in named)
        return out._replace(meta={**out.meta, "losses": [*out.meta.get("losses", ()), *named]})

    def _note(self, out: Out, asked: _Asked, text: str) -> None:
        file, line = asked.source.get("file", ""), asked.source.get("line", 0)
        level, message_id = level_of(_NOT_TRANSLATED), out.frame.message_id
        self._found(
            Finding(
                file, line, level, _NOT_TRANSLATED, "", text, out.station, out.action, message_id
            )
        )


def _said(message_id: str) -> str:
    return URN + message_id if _UUID(message_id) else message_id


def _on_one_line(envelope: bytes) -> bytes:
    """Line ends only stand in values: between its elements an envelope of ours has nothing."""
    return envelope.replace(b"\n", b"&#10;")


def _traced(out: Out, envelope: bytes) -> bytes:
    record = loads(traced(out))
    meta = record.pop("meta", None)
    record |= {"transport": SOAP, "raw": envelope.decode()}
    if meta:
        record["meta"] = meta
    return dumps(record, option=OPT_APPEND_NEWLINE)


def _row(out: Out, envelope: bytes) -> bytes:
    return separated((*cells(out), envelope.decode()))


def _row_without(out: Out) -> bytes:
    return separated((*cells(out), ""))


def _bare(out: Out, envelope: bytes) -> bytes:
    return envelope + b"\n"


FORMS: dict[str, tuple[Callable[[Out, bytes], bytes], Callable[[Out], bytes]]] = {
    "jsonl": (_traced, traced),
    "csv": (_row, _row_without),
    "frames": (_bare, plain),
}
"""The line of a frame with its envelope, and of one that has none."""

HEADS = {"csv": separated((*COLUMNS, "raw"))}
"""What stands before the first line."""
