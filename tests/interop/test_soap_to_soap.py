"""A transaction passes between two stacks of SOAP.

The npm package writes members in the order in which it was given them; the peer may insist on that
of the description. Bodies pass as they are, unless the gateway is to repair them.
"""

from types import ModuleType
from typing import Any

import pytest
from zeep.exceptions import XMLParseError

from gateway.core.session.desk import Revision
from tests.interop import node_red, npm_soap, zeep_peer
from tests.interop.answers import ACCEPTED, BOOTED, CSMS16, NOW, STATION16, TX16
from tests.interop.soap_session import between

PAIRS = ((zeep_peer, npm_soap), (npm_soap, node_red), (node_red, zeep_peer))
TAG = "04A2B3C4D5E680"
READING = {"value": "13200", "context": "Sample.Periodic", "unit": "Wh"}
VALUES = [{"timestamp": NOW, "sampledValue": [READING, {"value": "16", "unit": "A"}]}]
STATUS = {"connectorId": 1, "errorCode": "NoError", "timestamp": NOW}


def said(action: str, payload: Any, answer: Any) -> tuple[str, Any, Any]:
    return action, payload, answer


BEGINNING = (
    said("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}, BOOTED),
    said("StatusNotification", {**STATUS, "status": "Preparing"}, {}),
    said("Authorize", {"idTag": TAG}, {"idTagInfo": ACCEPTED}),
    said(
        "StartTransaction",
        {"connectorId": 1, "idTag": TAG, "meterStart": 10500, "timestamp": NOW},
        {"transactionId": TX16, "idTagInfo": ACCEPTED},
    ),
    said("MeterValues", {"connectorId": 1, "transactionId": TX16, "meterValue": VALUES}, {}),
)
STOP = {"transactionId": TX16}
END = {"transactionId": TX16, "meterStop": 18751, "timestamp": NOW, "reason": "Remote"}


def pairs() -> list[Any]:
    return [
        pytest.param(*pair, id=" to ".join(p.NAME for p in pair), marks=_skipped(pair))
        for pair in PAIRS
    ]


def _skipped(pair: tuple[ModuleType, ...]) -> pytest.MarkDecorator:
    reasons = [reason for package in pair if (reason := package.missing())]
    return pytest.mark.skipif(bool(reasons), reason="; ".join(reasons))


@pytest.mark.parametrize(("station", "csms"), pairs())
async def test_a_transaction_passes(station: Any, csms: Any, revision: Revision) -> None:
    answers = (STATION16, CSMS16)
    async with between(station.peer, csms.peer, answers, revision, "repair") as day:
        for action, payload, answer in BEGINNING:
            assert await day.call_csms(action, payload) == answer, action
            assert await day.at_csms.take(action) == payload
        assert await day.call_station("RemoteStopTransaction", STOP) == ACCEPTED
        assert await day.at_station.take("RemoteStopTransaction") == STOP
        ending = {**END, "transactionData": VALUES}
        assert await day.call_csms("StopTransaction", ending) == {"idTagInfo": ACCEPTED}
        assert await day.at_csms.take("StopTransaction") == ending
        assert day.at_csms.calls == day.at_station.calls == []


@pytest.mark.skipif(bool(npm_soap.missing()), reason=npm_soap.missing())
async def test_by_default_a_body_passes_as_it_is(revision: Revision) -> None:
    action, payload, _ = BEGINNING[0]
    async with between(zeep_peer.peer, npm_soap.peer, (STATION16, CSMS16), revision) as day:
        with pytest.raises(XMLParseError, match=r"Unexpected element .*currentTime"):
            await day.call_csms(action, payload)
        assert await day.at_csms.take(action) == payload
