"""A station without a connection is asked again for the stop that did not reach it (7.5)."""

from typing import Any

import orjson

from gateway.core.dialects import Side, Version

START = {"connectorId": 1, "idTag": "A", "meterStart": 10, "timestamp": "2025-01-01T00:00:01Z"}
READING = {"timestamp": "2025-01-01T00:00:02Z", "sampledValue": [{"value": "20"}]}
METER = {"connectorId": 1, "transactionId": 1, "meterValue": [READING]}
STOP = {"transactionId": 1, "meterStop": 30, "timestamp": "2025-01-01T00:00:03Z"}


def said(s: Any, action: str, payload: dict[str, Any], **answer: Any) -> list[str]:
    """A request of the station that the CSMS answers, and what the station is asked meanwhile;
    none of it reaches the station."""
    s.station(2, action, action, payload)
    for frame in s.sent(Side.CSMS):
        if frame[0] == 2:
            s.csms(3, frame[1], answer)
    asked = [frame for frame in s.sent(Side.STATION) if frame[0] == 2]
    for frame in asked:
        error = orjson.dumps([4, frame[1], "InternalError", "", {}])
        s.raw(Side.STATION, error, handle=None, unanswered=True)
    return [frame[2] for frame in asked]


def test_not_for_a_transaction_that_the_station_reports_as_ended(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201, soap=(Side.STATION,))
    said(s, "StartTransaction", START, idTokenInfo={"status": "Accepted"})
    refused = said(s, "MeterValues", METER, idTokenInfo={"status": "Blocked"})
    assert refused == ["RemoteStopTransaction"]
    assert said(s, "DataTransfer", {"vendorId": "V"}, status="Rejected") == refused
    assert said(s, "StopTransaction", STOP) == []
