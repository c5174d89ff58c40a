"""Which SOAP address a request line names."""

import pytest

from gateway.config.model import ID_PATTERN, StationSoap
from gateway.core.codec.soap_service import Service
from gateway.io.identity import BadIdentity
from gateway.io.soap_paths import SoapPaths

STATIONS, CALLBACK = Service.CENTRAL_SYSTEM, Service.CHARGE_POINT
PATHS = SoapPaths(StationSoap().paths, ["https://gw.example.com/back/"], ID_PATTERN)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/soap", (STATIONS, "", False)),
        ("/soap/", (STATIONS, "", False)),
        ("/SOAP", (STATIONS, "", False)),
        ("/soap/CP1", (STATIONS, "CP1", False)),
        ("/soap/CP1/", (STATIONS, "CP1", False)),
        ("/Soap/cp%201", (STATIONS, "cp 1", False)),
        ("/soap/00:90:0B", (STATIONS, "00:90:0B", False)),
        ("/soap?wsdl", (STATIONS, "", True)),
        ("/soap/CP1?WSDL", (STATIONS, "CP1", True)),
        ("/soap%3Fwsdl", (STATIONS, "", True)),
        ("http://host:80/soap/CP1", (STATIONS, "CP1", False)),
        ("/back/CP1", (CALLBACK, "CP1", False)),
        ("/back", (CALLBACK, "", False)),
        ("/ocpp/CP1", None),
        ("/soapy", None),
        ("/", None),
        ("http://host", None),
    ],
)
def test_a_target(target, found):
    place = PATHS.find(target)
    assert (place and (place.service, place.station, place.asks_wsdl)) == found


@pytest.mark.parametrize("target", ["/soap/a%2fb", "/soap/a/b", "/soap/%2e%2e", "/soap/%ff"])
def test_what_cannot_be_an_id_is_told_apart_from_another_path(target):
    with pytest.raises(BadIdentity):
        PATHS.find(target)
