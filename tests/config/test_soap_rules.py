"""What one key alone cannot say about SOAP."""

import pytest

from gateway.config import Config
from gateway.config.soap_rules import soap_problems

CSMS = {"url": "http://csms.example.com/cs", "callback": "http://gw.example.com/callback"}


def places(**sections: object) -> list[str]:
    config = Config.model_validate(sections)
    return [".".join(map(str, problem.where)) for problem in soap_problems(config)]


@pytest.mark.parametrize("version", ["auto", "1.6-soap"])
def test_a_soap_csms_with_a_callback_is_sound(version):
    assert places(csms={**CSMS, "version": version}) == []


@pytest.mark.parametrize(
    ("csms", "place"),
    [
        ({"url": "ws://h/x", "version": "1.6-soap"}, "csms.url"),
        ({**CSMS, "version": "1.6"}, "csms.version"),
        ({**CSMS, "version": "2.0.1"}, "csms.version"),
        ({"url": "http://h/cs"}, "csms.callback"),
        ({**CSMS, "callback": "http://h"}, "csms.callback"),
        ({**CSMS, "callback": "ws://h/callback"}, "csms.callback"),
        ({**CSMS, "callback": "http://h/soap/"}, "csms.callback"),
        ({**CSMS, "callback": "http://h/OCPP"}, "csms.callback"),
        ({**CSMS, "callback": "http://h/back/{station}"}, "csms.callback"),
        ({**CSMS, "callback_auth": "basic"}, "csms.callback_auth"),
        ({**CSMS, "soap": {"prefix": "wsa"}}, "csms.soap.prefix"),
        ({**CSMS, "callback_auth": "mtls"}, "csms.callback_auth"),
        (
            {**CSMS, "callback_auth": "basic", "callback_password": "x", "callback_username": ":"},
            "csms.callback_username",
        ),
    ],
)
def test_what_a_csms_lacks_is_told(csms, place):
    assert places(csms=csms) == [place]


@pytest.mark.parametrize(
    ("soap", "place"),
    [
        ({"paths": ["soap"]}, "stations.soap.paths.0"),
        ({"paths": ["/{station}/{station}"]}, "stations.soap.paths.0"),
        ({"paths": ["/x{station}"]}, "stations.soap.paths.0"),
        ({"callback_url": "ftp://h/x"}, "stations.soap.callback_url"),
        ({"callback_url": "http://h/{station}"}, "stations.soap.callback_url"),
        ({"callback_networks": ["home"]}, "stations.soap.callback_networks"),
        ({"callback_networks": ["10.0.0.1/8"]}, "stations.soap.callback_networks"),
        ({"callback_ports": "http"}, "stations.soap.callback_ports"),
        ({"callback_ports": "80-99999"}, "stations.soap.callback_ports"),
        ({"prefix": "soap"}, "stations.soap.prefix"),
        ({"prefix": "a:b"}, "stations.soap.prefix"),
        ({"prefix": "xmlns"}, "stations.soap.prefix"),
    ],
)
def test_what_is_wrong_with_the_stations_is_told(soap, place):
    assert places(stations={"soap": soap}) == [place]


def test_networks_and_ports_in_digits_are_sound():
    soap = {"callback_networks": ["public", "10.1.0.0/16"], "callback_ports": "80, 8000-8999"}
    assert places(stations={"soap": soap}) == []


def test_a_route_is_told_where_it_stands():
    routes = [{"match": "A*"}, {"match": "*", "csms": {"url": "http://h/cs"}}]
    assert places(routes=routes) == ["routes.1.csms.callback"]


def test_paths_are_no_matter_of_a_route():
    routes = [{"match": "A*", "stations": {"soap": {"paths": ["/elsewhere"]}}}]
    assert places(routes=routes) == ["routes.0.stations.soap.paths"]
