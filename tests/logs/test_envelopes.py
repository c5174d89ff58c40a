"""SOAP envelopes of logs: whose they are, which call they answer, and what is told of the rest."""

import re

import pytest

from gateway.core.codec.soap_read import ReadSettings
from gateway.core.dialects import Side
from gateway.core.errors import ConfigError
from gateway.core.frames import Call, CallError, CallResult
from gateway.logs.entry import SOAP, Entry, Envelope
from gateway.logs.envelopes import MOST_OPEN, Decoding, Envelopes
from gateway.soap_files import load_soap

CS, CP = "urn://Ocpp/Cs/2015/10/", "urn://Ocpp/Cp/2015/10/"
HEARTBEAT = "<o:heartbeatRequest/>"
BEAT = (
    "<o:heartbeatResponse><o:currentTime>2025-03-04T08:00:01Z</o:currentTime></o:heartbeatResponse>"
)
TRANSFER = "<o:dataTransferRequest><o:vendorId>x</o:vendorId></o:dataTransferRequest>"
FAULT = (
    "<e:Fault><e:Code><e:Value>e:Receiver</e:Value><e:Subcode><e:Value>o:InternalError</e:Value>"
    "</e:Subcode></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>"
)


@pytest.fixture(scope="module")
def codec():
    return load_soap()


@pytest.fixture
def reading(codec):
    """Reads envelopes of one log; gives entries and remarks."""
    envelopes = Envelopes(lambda: Decoding(codec, ReadSettings()))

    def read(*written):
        return [item for envelope in written for item in envelopes.items(envelope)]

    return read


def envelope(body, *, space=CS, said="", relates="", identity="DEPOT-7", line=1, **about):
    head = f"<o:chargeBoxIdentity>{identity}</o:chargeBoxIdentity>" if identity else ""
    name = re.match(r"(?:<\w*:)?(\w*)", body)[1].removesuffix("Request")
    action = f"/{name[:1].upper()}{name[1:]}"
    head += f"<a:Action>{action}</a:Action>"
    head += f"<a:MessageID>{said}</a:MessageID>" if said else ""
    head += f"<a:RelatesTo>{relates}</a:RelatesTo>" if relates else ""
    data = (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:o="{space}">'
        f"<e:Header>{head}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    ).encode()
    parts = {"file": "a.log", "time": "", "station": "", "sender": None, "shape": "soap"}
    return Envelope(**{**parts, "line": line, "data": data, **about})


def told(found):
    return [(e.station, e.sender, e.frame) for e in found if isinstance(e, Entry)]


def remarks(found):
    return [(item.rule, item.text) for item in found if not isinstance(item, Entry)]


def test_a_call_and_its_answer_are_frames_of_one_id(reading):
    found = reading(
        envelope(HEARTBEAT, said="urn:uuid:abc"), envelope(BEAT, said="2", relates="urn:uuid:abc")
    )
    assert told(found) == [
        ("DEPOT-7", Side.STATION, Call("abc", "Heartbeat", {})),
        ("DEPOT-7", Side.CSMS, CallResult("abc", {"currentTime": "2025-03-04T08:00:01Z"})),
    ]
    assert remarks(found) == []
    assert {(e.transport, e.version, e.data) for e in found} == {(SOAP, "1.6", b"")}


def test_the_service_tells_who_calls(reading):
    found = reading(envelope(TRANSFER, space=CS, said="1"), envelope(TRANSFER, space=CP, said="2"))
    assert [sender for _, sender, _ in told(found)] == [Side.STATION, Side.CSMS]


@pytest.mark.parametrize("sender", list(Side))
def test_where_no_namespace_tells_the_line_does(reading, sender):
    bare = TRANSFER.replace("o:", "")
    ((_, found, frame),) = told(reading(envelope(bare, said="1", sender=sender)))
    assert (found, frame.action) == (sender, "DataTransfer")


def test_an_answer_without_a_station_is_that_of_its_call(reading):
    found = reading(envelope(HEARTBEAT, said="1"), envelope(BEAT, relates="1", identity=""))
    assert [station for station, _, _ in told(found)] == ["DEPOT-7", "DEPOT-7"]


def test_an_exchange_tells_more_than_relates_to(reading):
    found = reading(
        envelope(HEARTBEAT, said="1", exchange="x"),
        envelope(HEARTBEAT, said="2", exchange="y"),
        envelope(BEAT, relates="1", exchange="y"),
    )
    assert told(found)[2][2].message_id == "2"


def test_a_wrong_relates_to_leaves_the_newest_call_that_fits(reading):
    found = reading(
        envelope(HEARTBEAT, said="1"),
        envelope(HEARTBEAT, said="2"),
        envelope(TRANSFER, said="3"),
        envelope(BEAT, relates="0"),
    )
    assert told(found)[3][2].message_id == "2"


def test_calls_without_an_id_have_one_made_up_the_same_each_time(codec):
    runs = []
    for _ in range(2):
        envelopes = Envelopes(lambda: Decoding(codec, ReadSettings()))
        items = [
            item
            for line in (1, 2)
            for e in (envelope(HEARTBEAT, line=line), envelope(BEAT, line=line))
            for item in envelopes.items(e)
        ]
        runs.append([e.frame.message_id for e in items])
    first = runs[0]
    assert runs[0] == runs[1]
    assert first[0] == first[1] != first[2] == first[3]
    assert len(first[0]) == 36


def test_an_id_that_no_frame_can_have_becomes_one_that_it_can(reading):
    long = "http://charger.example/" + "1" * 40
    found = reading(envelope(HEARTBEAT, said=long), envelope(BEAT, relates=long))
    ids = {frame.message_id for _, _, frame in told(found)}
    assert len(ids) == 1
    assert len(ids.pop()) == 36


def test_a_fault_is_the_refusal_of_its_call(reading):
    found = reading(
        envelope(HEARTBEAT, said="1"), envelope(FAULT, relates="1", identity="", status=500)
    )
    details = {"subcode": "InternalError", "httpStatus": 500}
    assert told(found)[1] == (
        "DEPOT-7",
        Side.CSMS,
        CallError("1", "InternalError", "no", details),
    )


def test_answers_to_nothing_are_entries_all_the_same(reading):
    """The conversation tells that their call is missing."""
    found = reading(envelope(BEAT, relates="7"), envelope(FAULT, relates="8", sender=Side.STATION))
    assert [(sender, frame.message_id) for _, sender, frame in told(found)] == [
        (Side.CSMS, "7"),
        (Side.STATION, "8"),
    ]


def test_what_had_to_be_put_right_is_told(reading):
    found = reading(envelope("<o:heartbeatRequest><o:x/></o:heartbeatRequest>", said="1"))
    assert remarks(found) == [("mended", "Heartbeat: unknown_element")]
    assert len(told(found)) == 1


@pytest.mark.parametrize(
    ("body", "space", "text"),
    [
        (HEARTBEAT, "urn://Ocpp/Cs/2012/06/", "Heartbeat: an envelope of OCPP 1.5"),
        (HEARTBEAT, "urn://Ocpp/Cs/2010/08/", "Heartbeat: an envelope of OCPP 1.2"),
        (HEARTBEAT, "urn://Ocpp/Cs/2099/01/", "Heartbeat: urn://Ocpp/Cs/2099/01/ is not"),
        (HEARTBEAT, "urn:else", "heartbeatRequest is no message of OCPP 1.6"),
        ("<o:teleportRequest/>", CS, "Teleport: the service has no such operation"),
        ("<o:resetRequest/>", CP, "Reset: resetRequest is incomplete"),
        ("<o:meterValuesRequest><o:connectorId>1</o:connectorId></o:meterValuesRequest>", CS,
         "MeterValues: JSON has no such request"),
        ("<o:heartbeatResponse/>", CS, "Heartbeat: "),
        ("", CS, "the envelope has no body"),
        ("<o:heartbeatRequest>", CS, "the body is not well-formed XML"),
    ],
)  # fmt: skip
def test_what_cannot_be_decoded_is_told_with_its_place(reading, body, space, text):
    found = reading(envelope(body, space=space, line=12))
    ((rule, sentence),) = remarks(found)
    assert (rule, told(found)) == ("soap", [])
    assert sentence.startswith(text)
    assert (found[0].file, found[0].line) == ("a.log", 12)


def test_ill_formed_envelopes_are_recovered_where_the_profile_is_on(codec):
    broken = envelope(HEARTBEAT, said="1")
    broken = broken._replace(data=broken.data.replace(b"</e:Header>", b""))
    for recover, rules in ((False, ["soap"]), (True, ["mended"])):
        envelopes = Envelopes(lambda: Decoding(codec, ReadSettings(recover=recover)))  # noqa: B023
        assert [rule for rule, _ in remarks(envelopes.items(broken))] == rules


def test_what_is_open_is_bounded(reading):
    calls = [envelope(HEARTBEAT, said=str(number)) for number in range(MOST_OPEN + 1)]
    reading(*calls)
    forgotten = reading(envelope(BEAT, relates="0"))
    assert told(forgotten)[0][2].message_id == str(MOST_OPEN)


def test_no_envelope_is_too_strange(reading):
    data = envelope(HEARTBEAT, said="1").data
    for place in range(0, len(data), 2):
        for letter in b"\0<&\xff":
            strange = data[:place] + bytes((letter,)) + data[place + 1 :]
            assert all(i.file for i in reading(envelope(HEARTBEAT)._replace(data=strange)))


def test_the_codec_is_loaded_when_the_first_envelope_comes():
    def fail():
        raise ConfigError("no stylesheet")

    envelopes = Envelopes(fail)
    with pytest.raises(ConfigError):
        list(envelopes.items(envelope(HEARTBEAT)))
