"""Records of a gateway's messages: what they tell, masked or as it is."""

import json

from gateway.core.dialects import Encoding, Leg, Side, Version
from gateway.observe.redaction import Redactor
from gateway.observe.trace import Heard, Trace

STATION = Leg(Side.STATION, Version.V16, 0.0)
CSMS = Leg(Side.CSMS, Version.V201, 0.0)
SOAP = Leg(Side.STATION, Version.V16, 0.0, Encoding.SOAP)
CALL = b'[2, "1", "Authorize", {"idTag": "04A1B2"}]'
NOW = 1748768520.25


def heard(data=CALL, leg=STATION, sender=Side.STATION, left_out=0):
    return Heard(NOW, "CP1", leg, sender, data, left_out)


def written(message, redactor=None):
    return json.loads(Trace(redactor).line(message))


def test_a_message_is_a_record_of_open_ocpp_trace():
    assert written(heard()) == {
        "schemaVersion": "1.1",
        "timestamp": "2025-06-01T09:02:00.250Z",
        "transport": "json",
        "direction": "cp-to-csms",
        "messageType": "CALL",
        "ocppVersion": "1.6",
        "chargePointId": "CP1",
        "messageId": "1",
        "action": "Authorize",
        "payload": {"idTag": "04A1B2"},
        "raw": CALL.decode(),
        "meta": {"leg": "station"},
    }


def test_answers_and_refusals_have_their_own_members():
    answer = written(heard(b'[3,"1",{"a":1}]', CSMS, Side.CSMS))
    assert (answer["messageType"], answer["payload"]) == ("CALLRESULT", {"a": 1})
    assert (answer["direction"], answer["meta"]["leg"]) == ("csms-to-cp", "csms")
    error = written(heard(b'[4,"1","FormationViolation","no",{}]'))
    assert error["error"] == {"code": "FormationViolation", "description": "no", "details": {}}


def test_masked_shows_no_token_and_no_secret_and_not_the_text():
    masked = written(heard(), Redactor(b"k"))
    assert "raw" not in masked
    assert masked["payload"]["idTag"].startswith("h:")
    key = b'[2,"2","ChangeConfiguration",{"key":"AuthorizationKey","value":"secret"}]'
    assert b"secret" not in Trace(Redactor(b"k")).line(heard(key))


def test_a_refusal_that_quotes_its_call_is_masked_too():
    trace = Trace(Redactor(b"k"))
    trace.line(heard())
    refusal = b'[4,"1","GenericError","04A1B2 is unknown",{"said": ["no 04A1B2 here", 1]}]'
    assert b"04A1B2" not in trace.line(heard(refusal, sender=Side.CSMS))


def test_a_soap_leg_is_told_from_its_frames():
    record = written(heard(leg=SOAP))
    assert (record["transport"], record["payload"]) == ("soap", {"idTag": "04A1B2"})
    assert "raw" not in record


def test_what_cannot_be_read_is_kept_as_it_is():
    record = written(heard(b'[2,"1"\xff'))
    assert record["raw"] == '[2,"1"\\xff'
    assert record["meta"]["unreadable"]
