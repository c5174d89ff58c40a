"""What a station and a CSMS do with each other in the same words in either direction."""

from tests.interop.answers import LOG_FILE, NOW
from tests.interop.peer import Session


async def heartbeat(s: Session) -> None:
    assert await s.call_csms("Heartbeat", {}) == {"currentTime": NOW}
    assert await s.at_csms.take("Heartbeat") == {}


async def security(s: Session) -> None:
    event = {"type": "SettingSystemTime", "timestamp": NOW, "techInfo": "ntp"}
    assert await s.call_csms("SecurityEventNotification", event) == {}
    assert await s.at_csms.take("SecurityEventNotification") == event
    log = {"remoteLocation": "sftp://files.example.org/security"}
    wish = {"logType": "SecurityLog", "requestId": 12, "log": log}
    answer = await s.call_station("GetLog", wish)
    assert answer == {"status": "Accepted", "filename": LOG_FILE}
    assert await s.at_station.take("GetLog") == wish
    told = {"status": "Uploaded", "requestId": 12}
    assert await s.call_csms("LogStatusNotification", told) == {}
    assert await s.at_csms.take("LogStatusNotification") == told


async def data_transfer(s: Session) -> None:
    message = {"vendorId": "org.example", "messageId": "Ping", "data": "abc"}
    for call, heard in ((s.call_csms, s.at_csms), (s.call_station, s.at_station)):
        assert await call("DataTransfer", message) == {"status": "Accepted", "data": "cba"}
        assert await heard.take("DataTransfer") == message
