"""Records of Open OCPP Trace as entries, however their payloads were read."""

import pytest

from gateway.core.codec.templates import Templates
from gateway.core.dialects import Side
from gateway.core.frames import Call, CallResult
from gateway.logs.traces import entry_of

PAYLOAD = {"currentTime": "2025-06-01T12:00:00Z"}


@pytest.mark.parametrize("payload", [PAYLOAD, Templates().of("", PAYLOAD)])
def test_a_record_is_an_entry_by_its_action(payload):
    about = 3, "12:00", "CP1", Side.STATION, "1.6", "id"
    call = entry_of("a.log", (*about, "Heartbeat", payload))
    result = entry_of("a.log", (*about, None, payload))
    assert call.frame == Call("id", "Heartbeat", PAYLOAD)
    assert result.frame == CallResult("id", PAYLOAD)
    assert call[:5] == result[:5] == ("a.log", 3, "12:00", "CP1", Side.STATION)
    assert (call.version, call.shape, call.exact) == ("1.6", "jsonl", True)
