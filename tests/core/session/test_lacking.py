"""Messages of the security extension where a leg cannot carry them (soap.md 7)."""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version

EVENT = {"type": "SettingSystemTime", "timestamp": "2025-06-01T08:10:00Z"}


@pytest.mark.parametrize("station", Version)
def test_what_a_station_only_reports_is_taken(script: Any, station: Version) -> None:
    s = script(station=station, csms=Version.V16, soap=(Side.CSMS,))
    s.station(2, "e", "SecurityEventNotification", EVENT)
    assert s.sent(Side.CSMS) == []
    assert s.sent(Side.STATION) == [[3, "e", {}]]
    assert "not_on_this_leg" in s.outcomes()


def test_unless_the_configuration_says_otherwise(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.CSMS,), absorb_security=False)
    s.station(2, "e", "SecurityEventNotification", EVENT)
    assert s.sent(Side.STATION)[0][:3] == [4, "e", "NotImplemented"]


def test_what_wants_a_real_answer_is_not_implemented(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.CSMS,))
    s.station(2, "e", "SignCertificate", {"csr": "PEM"})
    assert s.sent(Side.CSMS) == []
    assert s.sent(Side.STATION)[0][:3] == [4, "e", "NotImplemented"]


def test_a_csms_is_told_not_implemented(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.STATION,))
    install = {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"}
    s.csms(2, "c", "InstallCertificate", install)
    assert s.sent(Side.STATION) == []
    assert s.sent(Side.CSMS)[0][:3] == [4, "c", "NotImplemented"]


def test_a_newer_csms_hears_that_the_station_has_no_such_thing(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201, soap=(Side.STATION,))
    install = {"certificateType": "CSMSRootCertificate", "certificate": "PEM"}
    s.csms(2, "c", "InstallCertificate", install)
    assert s.sent(Side.STATION) == []
    assert s.sent(Side.CSMS)[0][2]["status"] == "Rejected"
