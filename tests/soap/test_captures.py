"""What real implementations sent: recorded traffic, and envelopes of other projects' tests."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.core.codec.soap_fault import error_of_fault
from gateway.core.codec.soap_read import Reading, ReadSettings
from gateway.core.codec.soap_service import Service, SoapRefused
from gateway.core.dialects import Side, Version
from gateway.core.session.desk import Revision
from tests.support.soap import CAPTURES, CORPUS, CP, CS, RECORDED_AMISS, RECORDED_FAULTS, soap

RECOVER = ReadSettings(recover=True)

TEMPLATE = "039-1.6-heartbeatResponse"
"""Holds `$time` where a time belongs."""


def recorded() -> list[dict[str, Any]]:
    index = CAPTURES / "index.json"
    return json.loads(index.read_text("utf-8")) if index.exists() else []


def with_verdict(part: str, *verdicts: str) -> list[Any]:
    entries = [e for e in recorded() if str(e[f"{part}_body_xsd"]).startswith(verdicts)]
    return [pytest.param(e, id=e["id"]) for e in entries]


needs_captures = pytest.mark.skipif(not recorded(), reason="the captures are not at hand")


def message(entry: dict[str, Any], part: str) -> tuple[str | None, bytes]:
    """Content type and body, as an HTTP library would give them."""
    raw = (CAPTURES / f"{entry['id']}.{part}.http").read_bytes()
    start, _, body = raw.partition(b"\r\n\r\n")
    lines = (line.partition(b":") for line in start.split(b"\r\n")[1:])
    headers = {name.decode().lower(): value.strip().decode() for name, _, value in lines}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(chunks(body))
    if "content-encoding" in headers:
        unpack = {"gzip": gzip.decompress, "deflate": zlib.decompress}
        body = unpack[headers["content-encoding"]](body)
    return headers.get("content-type"), body


def chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, body = body.partition(b"\r\n")
        yield body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]


def service_of(entry: dict[str, Any]) -> Service:
    return CP if "ChargePointService" in entry["role"] else CS


def read(entry: dict[str, Any], part: str, settings: ReadSettings) -> Reading:
    kind, body = message(entry, part)
    service, action = service_of(entry), entry["id"].split("-")[2]
    if part == "request":
        return soap().read.call(service, body, kind, settings)
    return soap().read.answer(service, action, body, kind, settings)


@needs_captures
@pytest.mark.parametrize("part", ["request", "response"])
def test_every_valid_body_becomes_a_valid_payload(part, revision: Revision):
    entries = [entry.values[0] for entry in with_verdict(part, "valid")]
    assert len(entries) > 30
    for entry in entries:
        reading = read(entry, part, ReadSettings("enforce"))
        assert reading.repairs == (), entry["id"]
        assert revision.catalog.is_valid(Version.V16, reading.action, part, reading.payload)


@needs_captures
@pytest.mark.parametrize("entry", with_verdict("response", "not well-formed: Opening"))
def test_headers_that_are_never_closed_need_the_profile(entry):
    with pytest.raises(SoapRefused):
        read(entry, "response", ReadSettings())
    if entry["id"] in RECORDED_AMISS:
        with pytest.raises(SoapRefused, match="incomplete"):
            read(entry, "response", RECOVER)
    else:
        assert read(entry, "response", RECOVER).repairs == ("xml_recover",)


@needs_captures
@pytest.mark.parametrize("entry", with_verdict("response", "fault"))
def test_every_fault_becomes_a_callerror(entry):
    reading = read(entry, "response", ReadSettings())
    assert reading.fault is not None
    assert error_of_fault(reading.fault, Side.STATION) == RECORDED_FAULTS[entry["id"]]


@needs_captures
def test_a_stack_trace_is_no_answer():
    entry = next(e for e in recorded() if e["id"].startswith("067"))
    with pytest.raises(SoapRefused):
        read(entry, "response", RECOVER)


@needs_captures
@pytest.mark.parametrize("entry", with_verdict("request", "not checked"))
def test_an_older_edition_is_not_supported(entry):
    with pytest.raises(SoapRefused) as refused:
        read(entry, "request", ReadSettings())
    assert refused.value.fault.subcode == "NotSupported"


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not at hand")
def test_envelopes_of_other_projects():
    """Of this edition all are read; some put everything in no namespace."""
    seen = 0
    for path in sorted(CORPUS.glob("*-1.6-*.xml")):
        element = path.stem.split("-")[-1]
        action = element[0].upper() + element[1:].removesuffix("Request").removesuffix("Response")
        data = path.read_bytes()
        if path.stem == TEMPLATE:
            with pytest.raises(SoapRefused, match="currentTime has a value of another type"):
                soap().read.answer(CS, action, data, None)
            continue
        if element.endswith("Request"):
            reading = soap().read.call(CS, data, None)
        else:
            reading = soap().read.answer(CS, action, data, None)
        assert reading.action == action
        assert reading.payload is not None, path.name
        seen += 1
    assert seen > 10


def test_the_captures_are_where_they_should_be():
    assert not CAPTURES.exists() or len(list(Path(CAPTURES).glob("*.http"))) == 140
