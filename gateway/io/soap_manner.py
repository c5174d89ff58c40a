"""How each SOAP peer is spoken to and read, by the configuration of its station."""

from gateway.config import Effective
from gateway.core.codec.soap_read import ReadSettings
from gateway.core.codec.soap_tolerance import Charging
from gateway.io.negotiate import speaks_soap
from gateway.io.soap_link import Manner

RECOVER = "xml_recover"


def read_settings(route: Effective, station_soap: bool, charging: Charging) -> ReadSettings:
    """station_soap: whether the station speaks SOAP; charging: for words of an older edition."""
    one_dialect = station_soap and speaks_soap(route.csms)
    mode = route.validation_mode(translating=not one_dialect)
    return ReadSettings(
        mode,
        RECOVER in route.profiles,
        charging,
        opened=True,
        zone=route.translation.timezone_default,
    )


def station_manner(route: Effective, passes: bool, charging: Charging) -> Manner:
    """Of a SOAP station. passes: bodies go to the CSMS as they are."""
    soap = route.stations.soap
    return Manner(
        soap.must_understand,
        soap.prefix or "",
        soap.compress,
        soap.fault_status,
        soap.answer_s,
        read_settings(route, True, charging),
        passes,
    )


def csms_manner(route: Effective, station_soap: bool, passes: bool) -> Manner:
    """Of a SOAP CSMS. station_soap: whether its station speaks SOAP, too."""
    soap = route.csms.soap
    return Manner(
        soap.must_understand,
        soap.prefix or "",
        soap.compress,
        soap.fault_status,
        route.stations.soap.answer_s,
        read_settings(route, station_soap, lambda connector: False),
        passes,
    )
