"""zeep, which shares no code with us, builds from our descriptions what it builds from the official
ones: canonical messages are the same byte for byte. Their digests are kept in
schemas/soap/messages.sha256, so that the comparison does not need the official files.

To write the digests anew, with the official files at hand: `python -m tests.soap.test_zeep`.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from zeep import Client, Settings
from zeep.helpers import serialize_object

from gateway.core.codec.soap_service import ADDRESSING, Service
from tests.support.soap import LETTER, OFFICIAL, OURS, ROOT, soap

DIGESTS = ROOT / "schemas/soap/messages.sha256"
VECTORS = [
    (path.stem, json.loads(path.read_text("utf-8")))
    for path in sorted((ROOT / "tests/vectors/soap").glob("*.json"))
]
REQUESTS = [(name, vector) for name, vector in VECTORS if vector["kind"] == "request"]
RESPONSES = [(name, vector) for name, vector in VECTORS if vector["kind"] == "response"]

needs_official = pytest.mark.skipif(
    not all(path.exists() for path in OFFICIAL.values()),
    reason="the official descriptions are not at hand (they may not be copied)",
)


def by_name(value: Any) -> str | None:
    return value if isinstance(value, str) else None


@cache
def client(path: Path) -> Client:
    return Client(str(path), settings=Settings(forbid_dtd=True, forbid_external=True))


def canonical(path: Path, service: Service, vector: dict[str, Any]) -> bytes:
    """The message that zeep makes of a request; the id, which differs from call to call, and the
    address, which differs from file to file, are put in."""
    zeep = client(path)
    envelope = zeep.create_message(
        zeep.service, vector["action"], _soapheaders={"ChargeBoxIdentity": "CP1"}, **vector["json"]
    )
    for block, text in (("MessageID", "urn:uuid:1"), ("To", "http://peer.example/ocpp")):
        envelope.find(f".//{{{ADDRESSING}}}{block}").text = text
    message: bytes = etree.tostring(envelope, method="c14n")
    return message


def reply(path: Path, service: Service, vector: dict[str, Any]) -> Any:
    """What zeep reads out of a response that we wrote."""
    data = soap().write.answer(service, vector["action"], vector["json"], LETTER).data
    binding = client(path).wsdl.bindings[f"{{{service.namespace}}}{service}Soap"]
    return serialize_object(binding.get(vector["action"]).process_reply(etree.fromstring(data)))


def digests() -> dict[str, str]:
    lines = DIGESTS.read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


@pytest.mark.parametrize(("name", "vector"), REQUESTS, ids=by_name)
def test_zeep_builds_from_ours_what_it_builds_from_the_official_one(name, vector):
    service = Service(vector["service"])
    assert sha256(canonical(OURS[service], service, vector)).hexdigest() == digests()[name]


@needs_official
@pytest.mark.parametrize(("name", "vector"), REQUESTS, ids=by_name)
def test_the_digests_are_those_of_the_official_description(name, vector):
    service = Service(vector["service"])
    ours = canonical(OURS[service], service, vector)
    assert canonical(OFFICIAL[service], service, vector) == ours
    assert sha256(ours).hexdigest() == digests()[name]


@pytest.mark.parametrize(("name", "vector"), REQUESTS, ids=by_name)
def test_what_zeep_builds_is_read(name, vector):
    service = Service(vector["service"])
    reading = soap().read.call(service, canonical(OURS[service], service, vector), None)
    assert (reading.action, reading.payload) == (vector["action"], vector["json"])
    assert (reading.head.identity, reading.head.message_id) == ("CP1", "urn:uuid:1")


@pytest.mark.parametrize(("name", "vector"), RESPONSES, ids=by_name)
def test_zeep_reads_what_we_answer(name, vector):
    service = Service(vector["service"])
    read = reply(OURS[service], service, vector)
    if OFFICIAL[service].exists():
        assert read == reply(OFFICIAL[service], service, vector)
    # Of a response with one element zeep gives what is in the element.
    status = vector["json"].get("status")
    if status is not None:
        assert (read if isinstance(read, str) else read["status"]) == status


def write_digests() -> None:
    lines = []
    for name, vector in REQUESTS:
        service = Service(vector["service"])
        message = canonical(OFFICIAL[service], service, vector)
        lines.append(f"{sha256(message).hexdigest()}  {name}\n")
    DIGESTS.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    write_digests()
