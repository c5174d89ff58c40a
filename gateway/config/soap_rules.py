"""Rules about SOAP that one key alone cannot say."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.config.finding import Finding, Loc
from gateway.config.model import Config, Csms, Stations, StationSoap

_PORTS = re.compile(r"\d{1,5}(-\d{1,5})?(,\s*\d{1,5}(-\d{1,5})?)*").fullmatch
_HIGHEST_PORT = 65535
_PREFIX = re.compile(r"(?!xml)[a-z_][a-z0-9_.-]*", re.IGNORECASE).fullmatch
_OTHERS = ("soap", "wsa")
"""Prefixes that our envelopes have for other namespaces."""


def soap_problems(config: Config) -> Iterator[Finding]:
    """Every broken rule; where: from the top of the file."""
    yield from _paths(config.stations)
    for number, route in enumerate(config.routes):
        if route.stations is not None and "paths" in route.stations.soap.model_fields_set:
            yield Finding(
                ("routes", number, "stations", "soap", "paths"),
                "paths are the listener's: they come before it is known which station it is",
                "write them below stations, outside of routes",
            )
    for number, entry in enumerate(config.effective):
        prefix: Loc = ("routes", number) if number < len(config.routes) else ()
        stations = entry.stations.soap
        problems = (
            *_csms(entry.csms, config),
            *_stations(stations),
            *_prefix(("stations", "soap", "prefix"), stations.prefix),
            *_prefix(("csms", "soap", "prefix"), entry.csms.soap.prefix),
        )
        for problem in problems:
            yield problem._replace(where=(*prefix, *problem.where))


def _paths(stations: Stations) -> Iterator[Finding]:
    for number, path in enumerate(stations.soap.paths):
        segments = path.split("/")
        named = segments.count("{station}")
        if not path.startswith("/") or named > 1 or path.count("{") != named:
            yield Finding(
                ("stations", "soap", "paths", number),
                f"{path!r} must start with / and have {{station}} as one whole segment at most",
                "for example /soap or /soap/{station}",
            )


def _csms(csms: Csms, config: Config) -> Iterator[Finding]:
    if csms.url is None:
        return
    over_http = csms.url.startswith("http")
    if csms.version == "1.6-soap" and not over_http:
        yield Finding(("csms", "url"), "a CSMS that speaks SOAP has an http:// or https:// URL")
    elif over_http and csms.version in ("1.6", "2.0.1"):
        yield Finding(
            ("csms", "version"),
            f"OCPP {csms.version} over JSON has a ws:// or wss:// URL",
            "write version: 1.6-soap, or correct csms.url",
        )
    elif over_http:
        yield from _called_back(csms, config)


def _called_back(csms: Csms, config: Config) -> Iterator[Finding]:
    where: Loc = ("csms", "callback")
    parts = urlsplit(csms.callback or "")
    if not _is_http(csms.callback) or not parts.path.strip("/"):
        yield Finding(
            where,
            "a SOAP CSMS calls the stations at a URL of this gateway, with a path of its own",
            "set csms.callback, for example https://gateway.example.com/callback",
        )
        return
    if "{" in parts.path:
        text = "the station's id is put behind csms.callback, and it has braces in it"
        yield Finding(where, text, "leave out {station}: CALLBACK/STATION-ID is told to the CSMS")
    taken = {*config.stations.soap.paths, *config.stations.paths}
    path = parts.path.rstrip("/").lower()
    if any(path in (t.lower(), t.lower().replace("/{station}", "")) for t in taken):
        yield Finding(where, f"{parts.path} is already a path of the stations", "choose another")
    if csms.callback_auth == "basic" and not csms.callback_password:
        yield Finding(
            ("csms", "callback_auth"),
            "callback_auth: basic needs a password",
            "set csms.callback_username and csms.callback_password",
        )
    if csms.callback_auth == "basic" and ":" in (csms.callback_username or ""):
        text = "HTTP Basic ends the user name at the first colon"
        yield Finding(("csms", "callback_username"), text, "choose a name without one")
    tls = config.stations.tls
    if csms.callback_auth == "mtls" and not (tls.cert and tls.client_ca):
        yield Finding(
            ("csms", "callback_auth"),
            "callback_auth: mtls needs TLS on the listener of the stations",
            "set stations.tls.cert, tls.key and tls.client_ca",
        )


def _stations(soap: StationSoap) -> Iterator[Finding]:
    at: Loc = ("stations", "soap")
    if soap.callback_url is not None and not _is_http(soap.callback_url):
        yield Finding((*at, "callback_url"), "callback_url must be an http:// or https:// URL")
    elif soap.callback_url is not None and "{" in soap.callback_url:
        text = "callback_url is the address of one station, and it has braces in it"
        yield Finding((*at, "callback_url"), text, "write it out, in a route of that station")
    for network in soap.callback_networks:
        if network not in ("public", "private") and not _is_network(network):
            yield Finding(
                (*at, "callback_networks"),
                f"{network!r} is neither public nor private nor a network",
                "for example 10.1.0.0/16",
            )
    ports = re.findall(r"\d+", soap.callback_ports)
    if not _PORTS(soap.callback_ports) or max(map(int, ports)) > _HIGHEST_PORT:
        yield Finding(
            (*at, "callback_ports"),
            "callback_ports must be ports and ranges",
            "for example 80,8000-8999",
        )


def _prefix(where: Loc, prefix: str | None) -> Iterator[Finding]:
    if prefix and (prefix in _OTHERS or not _PREFIX(prefix)):
        text = f"{prefix!r} is no prefix for the namespace of the service"
        yield Finding(where, text, "for example ns1")


def _is_http(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
        return parts.scheme in ("http", "https") and parts.hostname is not None
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
