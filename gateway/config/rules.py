"""What one key alone cannot say: rules across keys, and templates. Files: file_rules.py."""

import ipaddress
import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from gateway.config.file_rules import authorities, chain, recording, revocation_list, secret_file
from gateway.config.finding import Finding, Loc
from gateway.config.model import Config, Csms, Stations, StationsOfRoute
from gateway.config.soap_rules import soap_problems
from gateway.config.user_keys import user_key_problems
from gateway.core.settings import Section, Translation

STATION_PATIENCE_S = 30
"""Stations give up a call after 30 s or more (reliability R2)."""


def address(listen: str) -> tuple[str, int]:
    """(host, port) of `HOST:PORT` or `[IPv6]:PORT`. Raises ValueError."""
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:]*)):([0-9]{1,5})", listen)
    if match is None or int(match[3]) > 65535:
        raise ValueError(f"{listen!r} is not HOST:PORT")
    return match[1] or match[2] or "0.0.0.0", int(match[3])


def is_loopback(listen: str) -> bool:
    host, _ = address(listen)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def findings(config: Config, given: frozenset[str]) -> Iterator[Finding]:
    """Every broken rule of the whole configuration.

    given: the `stations` keys that the operator wrote.
    """
    found = list(_all(config, given))
    yield from (finding for finding in found if not _inherited(config, finding, found))


def _all(config: Config, given: frozenset[str]) -> Iterator[Finding]:
    yield from _listener(config, given)
    yield from _paths(config.stations)
    yield from _proxies(config.stations)
    if problem := _regex_problem(config.stations.id_pattern):
        yield Finding(("stations", "id_pattern"), problem)
    yield from _station_tls(config.stations)
    yield from soap_problems(config)
    yield from _state(config.state)
    yield from recording(config.record.file, config.state)
    for number, entry in enumerate(config.effective):
        prefix: Loc = ("routes", number) if number < len(config.routes) else ()
        user_keys = _user_keys(entry.translation, config.resources.mappings)
        for finding in (*_csms(entry.csms), *_translation(entry.translation), *user_keys):
            yield finding._replace(where=(*prefix, *finding.where))


def _inherited(config: Config, finding: Finding, found: list[Finding]) -> bool:
    """Whether a route is wrong only by what it has of the file: there it is told already."""
    if finding.where[0] != "routes":
        return False
    where = finding.where[2:]
    route = config.routes[int(finding.where[1])]
    return finding._replace(where=where) in found and not _written(route, where)


def _written(section: Section, where: Loc) -> bool:
    """Whether a route has that key of its own, or has written the list that it is in."""
    for name in where:
        if not isinstance(section, Section):
            return True
        if name not in section.model_fields_set:
            return False
        section = getattr(section, str(name))
    return True


def _listener(config: Config, given: frozenset[str]) -> Iterator[Finding]:
    stations = config.stations
    try:
        local = is_loopback(stations.listen)
    except ValueError as error:
        yield Finding(("stations", "listen"), str(error), "for example 127.0.0.1:9000")
        return
    if not local and not given & {"auth", "credentials"}:
        yield Finding(
            ("stations", "listen"),
            "a listener that others can reach must choose its authentication",
            "add stations.auth: basic, mtls or none",
        )
        return
    yield from _authentication(config)


def _proxies(stations: Stations) -> Iterator[Finding]:
    for proxy in stations.trusted_proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            yield Finding(
                ("stations", "trusted_proxies"),
                f"not a network: {error}",
                "for example 10.1.0.0/16, or the address of one proxy",
            )


def _authentication(config: Config) -> Iterator[Finding]:
    stations, where = config.stations, ("stations", "auth")
    if stations.auth == "none" and not stations.allow_unauthenticated:
        yield Finding(
            where,
            "auth: none lets everyone in",
            "add stations.allow_unauthenticated: true if that is meant, else use basic or mtls",
        )
    elif stations.auth == "none":
        yield Finding(where, "stations connect without authentication", fatal=False)
    elif stations.auth == "mtls" and not (stations.tls.cert and stations.tls.client_ca):
        yield Finding(
            where, "auth: mtls needs TLS", "set stations.tls.cert, tls.key and tls.client_ca"
        )
    elif stations.auth == "basic" and stations.credentials is None and not _csms_decides(config):
        yield Finding(
            where,
            "auth: basic needs the passwords of the stations",
            "set stations.credentials to a file made by `ocpp-gateway credentials add`, "
            "or csms.auth: station to let the CSMS decide",
        )
    if stations.credentials is not None:
        yield from secret_file(("stations", "credentials"), stations.credentials)
    yield from _security_profiles(config)


def _security_profiles(config: Config) -> Iterator[Finding]:
    """Minimum profiles that no station can have. Spec: OCPP 2.0.1 Part 2, A00, table 22."""
    stations = config.stations
    over_tls = stations.tls.cert is not None or bool(stations.trusted_proxies)
    highest = {"none": 0, "basic": 2 if over_tls else 1, "mtls": 3}[stations.auth]
    holders: list[tuple[Loc, Stations | StationsOfRoute | None]] = [((), stations)]
    holders += [(("routes", n), route.stations) for n, route in enumerate(config.routes)]
    for prefix, holder in holders:
        minimum = holder.security_profile if holder is not None else None
        if minimum is not None and minimum > highest:
            text = f"no station gets in: auth: {stations.auth} here gives security profile "
            yield Finding(
                (*prefix, "stations", "security_profile"),
                f"{text}{highest or 'none'}, and {minimum} is asked for",
                _for_profile(minimum, stations),
            )


def _for_profile(minimum: int, stations: Stations) -> str:
    if minimum == 3:
        return "use stations.auth: mtls"
    if stations.auth == "none":
        return "use stations.auth: basic or mtls"
    return "set stations.tls, or stations.trusted_proxies if TLS ends at a proxy"


def _csms_decides(config: Config) -> bool:
    """Whether every CSMS is shown the station's own password and so checks it itself."""
    return all(entry.csms.auth == "station" for entry in config.effective)


def _paths(stations: Stations) -> Iterator[Finding]:
    if not stations.paths:
        yield Finding(("stations", "paths"), "no path for stations", "add /ocpp/{station}")
    for number, path in enumerate(stations.paths):
        segments = path.split("/")
        if not path.startswith("/") or segments.count("{station}") != 1 or path.count("{") != 1:
            yield Finding(
                ("stations", "paths", number),
                f"{path!r} must start with / and have {{station}} as exactly one whole segment",
                "for example /ocpp/{station}",
            )


def _regex_problem(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return f"{pattern!r} is not a regular expression: {error}"
    return None


def _station_tls(stations: Stations) -> Iterator[Finding]:
    tls = stations.tls
    yield from chain(("stations", "tls"), tls.cert, tls.key)
    yield from authorities(("stations", "tls", "client_ca"), tls.client_ca)
    yield from revocation_list(("stations", "tls", "crl"), tls.crl)
    if tls.crl is not None and tls.client_ca is None:
        text = "crl takes certificates back, and no certificate of a station counts"
        yield Finding(("stations", "tls", "crl"), text, "set stations.tls.client_ca")
    elif tls.client_ca is not None and tls.cert is None:
        text = "certificates of stations are never asked for: there is no TLS"
        yield Finding(("stations", "tls"), text, "set stations.tls.cert and tls.key")


def _csms(csms: Csms) -> Iterator[Finding]:
    if csms.url is not None and (problem := _url_problem(csms.url)):
        yield Finding(("csms", "url"), problem, "for example ws://127.0.0.1:9001/ocpp/{station}")
    if csms.auth == "basic" and not csms.password:
        yield Finding(
            ("csms", "auth"), "auth: basic needs a password", "set csms.password or its _FILE form"
        )
    if csms.auth == "basic" and ":" in (csms.username or ""):
        text = "HTTP Basic ends the user name at the first colon"
        yield Finding(("csms", "username"), text, "choose a name without one")
    if csms.auth == "mtls" and not csms.tls.cert:
        yield Finding(
            ("csms", "auth"), "auth: mtls needs a certificate", "set csms.tls.cert and csms.tls.key"
        )
    elif csms.auth == "mtls" and csms.url and not re.match("(wss|https)://", csms.url, re.I):
        text = "auth: mtls shows a certificate, and the URL opens no TLS"
        yield Finding(("csms", "auth"), text, "write csms.url with wss:// or https://")
    yield from chain(("csms", "tls"), csms.tls.cert, csms.tls.key)
    yield from authorities(("csms", "tls", "ca"), csms.tls.ca)
    if csms.backoff_min_s > csms.backoff_max_s:
        yield Finding(("csms", "backoff_min_s"), "backoff_min_s is above backoff_max_s")


def _url_problem(url: str) -> str | None:
    # What is wrong is told without the URL: a password may stand in it.
    try:
        parts = urlsplit(url)
        usable = parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        return "the URL has a host or a port that is none"
    if parts.scheme not in {"ws", "wss", "http", "https"} or not usable:
        return "the URL is not a ws://, wss://, http:// or https:// URL"
    if not url.isprintable() or " " in url:
        return "the URL has blanks or control characters in it"
    if re.search(r"[{}]", url.replace("{station}", "")):
        return "the URL has braces that are not {station}"
    if "{station}" in parts.netloc:
        return "the URL has {station} in the host"
    if parts.scheme.startswith("ws") and "{station}" not in url:
        return "the URL does not say where the station's id goes: write {station}"
    return None


def _translation(settings: Translation) -> Iterator[Finding]:
    for name in ("upstream_timeout_s", "exchange_timeout_s"):
        if not 0 < getattr(settings, name) < STATION_PATIENCE_S:
            yield Finding(
                ("translation", name),
                f"{name} must be above 0 and below {STATION_PATIENCE_S}: peers give up a call "
                f"after {STATION_PATIENCE_S} s, and timeouts must be nested",
            )
    if not 0 < settings.station_timeout_s <= settings.exchange_timeout_s:
        yield Finding(
            ("translation", "station_timeout_s"),
            "station_timeout_s must be above 0 and at most exchange_timeout_s, since a call to "
            "the station is part of an exchange with the CSMS",
        )
    yield from _zone(settings.timezone_default)
    yield from _topology(settings)


def _user_keys(settings: Translation, mappings: str | None) -> Iterator[Finding]:
    for name, message, cure in user_key_problems(settings, mappings):
        yield Finding(("translation", "config", "user_keys", name), message, cure)


def _zone(name: str) -> Iterator[Finding]:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        yield Finding(
            ("translation", "timezone_default"),
            f"{name!r} is not a time zone",
            "for example UTC or Europe/Vienna",
        )


def _topology(settings: Translation) -> Iterator[Finding]:
    topology = settings.topology or ()
    for number, pair in enumerate(topology):
        if min(pair) < 1 or pair in topology[:number]:
            yield Finding(
                ("translation", "topology", number),
                f"[{pair[0]}, {pair[1]}] must be positive and stand once",
                "each entry is [evseId, connectorId], its position the 1.6 connectorId",
            )
    if settings.connector_types is not None and len(settings.connector_types) != len(topology):
        yield Finding(
            ("translation", "connector_types"),
            f"connector_types has {len(settings.connector_types)} entries, topology has "
            f"{len(topology)}",
            "one for each entry of topology, in the same order",
        )


def _state(state: str) -> Iterator[Finding]:
    if not re.fullmatch(r"sqlite:///.+|memory:|postgres(ql)?://.+", state):
        yield Finding(
            ("state",),
            # Not what was written: a password may stand in it.
            "this is no place for the state",
            'for example sqlite:///var/lib/ocpp-gateway/state.db, or "memory:" in quotes',
        )
    elif os.path.exists(path := state.removeprefix("sqlite://")) and not os.path.isfile(path):
        yield Finding(("state",), f"{path} is no file", "name one; it is made at the first start")
