"""Puts the faces of a gateway together: where stations come in, and what leads to the CSMS."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config import Config
from gateway.core.codec.soap_service import Service
from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Revision
from gateway.core.session.state import Loaded
from gateway.core.settings import Translation
from gateway.io.admission import Admission
from gateway.io.admittance import Admittance
from gateway.io.chance import uuids
from gateway.io.csms_soap import CallbackFace, CsmsSoapFace
from gateway.io.front_door import FrontDoor
from gateway.io.link import LinkLimits
from gateway.io.proxies import Proxies
from gateway.io.sessions import Ports, Sessions
from gateway.io.soap_door import Face, SoapDoor
from gateway.io.soap_link import SoapTools
from gateway.io.soap_paths import SoapPaths
from gateway.io.soap_post import Poster
from gateway.io.station_soap import StationSoapFace
from gateway.io.station_ws import StationFace
from gateway.soap_files import configured_soap
from gateway.storage.port import Store


@dataclass(frozen=True, slots=True)
class SoapParts:
    """What the SOAP faces share. lacks: actions that cannot be sent to a side over SOAP."""

    tools: SoapTools
    dialling: CsmsSoapFace
    lacks: Mapping[Side, frozenset[str]]


def soap_parts(config: Config, revision: Revision, store: Store) -> SoapParts:
    """Raises OperatorError: stylesheets or descriptions are wrong."""
    codec = configured_soap(config)
    maps = revision.maps
    money = frozenset(
        action
        for (version, action), known in maps.entries.items()
        if version is Version.V16 and any(d.retry for d in known.directions.values())
    )
    boots = maps.registering.action(Version.V16) or ""

    def boot16(boot: JsonObject) -> JsonObject | None:
        if revision.catalog.is_valid(Version.V16, boots, "request", boot):
            return boot
        translate = maps.registering.to(Version.V16).request
        nobody = Bindings(Loaded(), Translation())
        return None if translate is None else translate(boot, nobody, {}, [])

    tools = SoapTools(codec, uuids(), Poster(config.limits.max_soap_bytes), boots, boot16, money)
    actions = frozenset(revision.catalog.actions(Version.V16))
    lacks = {
        Side.STATION: actions - codec.actions(Service.CHARGE_POINT),
        Side.CSMS: actions - codec.actions(Service.CENTRAL_SYSTEM),
    }
    return SoapParts(tools, CsmsSoapFace(tools, store), lacks)


def front_door(
    ports: Ports,
    admission: Admission,
    admittance: Admittance,
    limits: LinkLimits,
    tools: SoapTools,
) -> tuple[FrontDoor, StationFace]:
    """The door of the listener, and the face behind it that has to be stopped."""
    sessions = Sessions(ports, admittance)
    sockets = StationFace(ports, sessions, admission, admittance, limits)
    config = ports.config
    soap: dict[Service, Face] = {
        Service.CENTRAL_SYSTEM: StationSoapFace(ports, sessions, admission, admittance, tools),
        Service.CHARGE_POINT: CallbackFace(
            ports.routing, ports.store, ports.registry, tools, admittance.spelled
        ),
    }
    door = SoapDoor(
        tools.codec,
        _soap_paths(config),
        soap,
        tools.ids,
        most=config.limits.max_soap_bytes,
        body_s=config.limits.body_s,
    )
    proxies = Proxies(config.stations.trusted_proxies)
    return FrontDoor(sockets, door, proxies, config.limits.header_bytes), sockets


def _soap_paths(config: Config) -> SoapPaths:
    callbacks = {entry.csms.callback for entry in config.effective if entry.csms.callback}
    stations = config.stations
    return SoapPaths(stations.soap.paths, callbacks, stations.id_pattern)
