"""Tokens become a keyed hash, secrets vanish; everything else stays readable."""

import re

import orjson
import pytest

from gateway.observe.redaction import MASK, Redactor, first_token, without_url_secrets

REDACTOR = Redactor(b"k" * 32)
PASSWORD = {"name": "BasicAuthPassword"}
HASHED = re.compile("h:[0-9a-f]{12}").fullmatch


def test_a_token_is_a_hash_that_belongs_to_one_installation():
    assert HASHED(REDACTOR.token("04AABB"))
    assert REDACTOR.token("04AABB") == REDACTOR.token("04AABB")
    assert REDACTOR.token("04AABB") != REDACTOR.token("04AABC")
    assert REDACTOR.token("04AABB") != Redactor(b"j" * 32).token("04AABB")


@pytest.mark.parametrize(
    "payload",
    [
        {"idTag": "CANARY"},
        {"id_tag": "CANARY"},
        {"idTagInfo": {"parentIdTag": "CANARY"}},
        {"idToken": {"idToken": "CANARY", "type": "ISO14443"}},
        {"idTokenInfo": {"groupIdToken": {"idToken": "CANARY", "type": "Central"}}},
        {"idToken": {"idToken": "x", "additionalInfo": [{"additionalIdToken": "CANARY"}]}},
        {"localAuthorizationList": [{"idTag": "CANARY"}, {"idTag": "b"}]},
        {"emaid": "CANARY"},
        {"customerIdentifier": "CANARY"},
        {"vendorId": "V", "data": '{"idTag": "CANARY"}'},
        {"idTag": ["CANARY"]},
    ],
)
def test_tokens_are_hashed_wherever_they_stand(payload):
    shown = orjson.dumps(REDACTOR.payload(payload)).decode()
    assert "CANARY" not in shown
    assert REDACTOR.token("CANARY") in shown.replace('\\"', '"')


@pytest.mark.parametrize(
    "payload",
    [
        {"key": "AuthorizationKey", "value": "CANARY"},
        {"key": "SecurityCtrlr.BasicAuthPassword", "value": "CANARY"},
        {"key": "securityctrlr.basic%41uthpassword#Target", "value": "CANARY"},
        {"configurationKey": [{"key": "authorizationkey", "readonly": False, "value": "CANARY"}]},
        {"setVariableData": [{"attributeValue": "CANARY", "variable": PASSWORD}]},
        {"reportData": [{"variable": PASSWORD, "variableAttribute": [{"value": "CANARY"}]}]},
        {"eventData": [{"actualValue": "CANARY", "variable": PASSWORD}]},
        {"connectionData": {"apn": {"apnPassword": "CANARY"}}},
        {"connectionData": {"vpn": {"key": "CANARY", "password": "CANARY"}}},
        {"certificate": "-----BEGIN CERTIFICATE-----CANARY"},
        {"certificateChain": "CANARY"},
        {"csr": "CANARY"},
        {"exiRequest": "CANARY"},
        {"location": "ftp://user:CANARY@host/dir"},
        {"idTag": {"x": "CANARY"}},
        {"location": "ftp://user:CAN@CANARY@host/dir"},
        {"location": "ftp://user:CAN/CANARY@host/dir"},
        {"location": "https://host/dir/file?X-Signature=CANARY&CANARY"},
        {"vendorId": "V", "data": '[{"password": "CANARY"}]'},
        {"vendorId": "V", "data": '{"password": "CANARY"'},
        {"password": {"value": "CANARY"}},
    ],
)
def test_secrets_vanish(payload):
    shown = orjson.dumps(REDACTOR.payload(payload)).decode()
    assert "CANARY" not in shown
    assert MASK in shown


def test_what_is_no_secret_stays():
    payload = {
        "configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "60"}],
        "transactionId": 7,
        "location": "https://host/dir",
        "vendorId": "V",
        "data": "plain text",
        "sampledValue": [{"value": 21.4}, None, True],
    }
    assert REDACTOR.payload(payload) == payload


def test_a_payload_is_never_changed_itself():
    payload = {"idTag": "A", "list": [{"password": "b"}]}
    REDACTOR.payload(payload)
    assert payload == {"idTag": "A", "list": [{"password": "b"}]}


def test_a_sentence_loses_the_values_that_its_payload_hides():
    payload = {"idTag": "CANARY-TOO-LONG", "idTagInfo": {"parentIdTag": "CANARY"}, "n": "visible"}
    text = REDACTOR.text("'CANARY-TOO-LONG' is longer than 20; CANARY; visible", payload)
    assert "CANARY" not in text
    assert text.endswith("; visible")


def test_a_sentence_loses_passwords_by_whatever_name():
    payload = {"apn": {"apnPassword": "CANARY-1"}, "vpn": {"key": "CANARY-2"}}
    assert "CANARY" not in REDACTOR.text("CANARY-1 is too short, CANARY-2 too long", payload)


@pytest.mark.parametrize(
    ("payload", "token"),
    [
        ({"idTag": "A"}, "A"),
        ({"idToken": {"idToken": "B", "type": "Central"}}, "B"),
        ({"status": "Accepted"}, None),
        (None, None),
        ([], None),
    ],
)
def test_the_token_that_a_payload_is_about(payload, token):
    assert first_token(payload) == token


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("wss://u:p@host/x and ws://host", "wss://***@host/x and ws://host"),
        ("ws://u:a/b@host/{station}", "ws://***@host/{station}"),
        ("ws://host:90/ocpp/a@b", "ws://host:90/ocpp/a@b"),
        ("ws://h/o?key=k&station={station}&k", "ws://h/o?key=***&station={station}&***"),
        ("see https://h/?a=1;b= and ?c=2", "see https://h/?a=***;b= and ?c=2"),
    ],
)
def test_urls_lose_user_and_arguments(text, shown):
    assert without_url_secrets(text) == shown
