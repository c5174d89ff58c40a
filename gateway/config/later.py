"""Keys of parts that this release does not have: set to something else than their default, they
would be a promise that nothing keeps. One table, shortened as the parts arrive."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.config.model import Config
from gateway.core.settings import Section

Loc = tuple[str | int, ...]

_BUFFER = "the buffer for times when the CSMS is away"
_REPLICAS = "running several replicas"
_ADMIN = "the admin interface and its metrics"
_FLOOD = "protection against password guessing and replays"
_OWN_CODE = "own actions, scripts and plugins"

LATER: dict[str, str] = {
    "stations.auth_failures_per_minute": _FLOOD,
    "stations.auth_failures_per_identity_h": _FLOOD,
    "stations.auth_table_size": _FLOOD,
    "csms.on_csms_down": _BUFFER,
    "csms.offline_auth": _BUFFER,
    "csms.offline_auth_max_age_s": _BUFFER,
    "csms.buffer_accept_s": _BUFFER,
    "csms.buffer_pending_interval_s": _BUFFER,
    "csms.drain_per_s": _BUFFER,
    "csms.poison_attempts": _BUFFER,
    "csms.poison_interval_s": _BUFFER,
    "csms.breaker_failures": _BUFFER,
    "csms.breaker_window": _BUFFER,
    "csms.clock_skew_s": _BUFFER,
    "csms.secondaries": "several back ends",
    "store.heartbeat_s": _REPLICAS,
    "store.dead_after_s": _REPLICAS,
    "store.self_fence_s": _REPLICAS,
    "store.poll_s": _REPLICAS,
    "replica": _REPLICAS,
    "admin": _ADMIN,
    "tracing": "tracing",
    "limits.stale_days": _FLOOD,
    "limits.ahead_days": _FLOOD,
    "extensions.actions": _OWN_CODE,
    "extensions.scripts": _OWN_CODE,
    "extensions.plugins": _OWN_CODE,
    "extensions.prices": _OWN_CODE,
    "extensions.cbor": "frames in CBOR",
    "tenants": "tenants",
}


class LaterValue(NamedTuple):
    """A value that comes later, of a key that is here already."""

    path: str
    pattern: str
    part: str


LATER_VALUES = (LaterValue("state", r"postgres(ql)?:.*", "PostgreSQL"),)


def later(config: Config) -> Iterator[tuple[Loc, str]]:
    """(where, sentence) of every key that asks for a part that is not there yet."""
    holders: list[tuple[Loc, Section]] = [((), config)]
    holders += [(("routes", n), route) for n, route in enumerate(config.routes)]
    default = Config()
    for prefix, holder in holders:
        for path, part in LATER.items():
            value = _value(holder, path)
            if value is not None and value != _value(default, path):
                yield (*prefix, *path.split(".")), _sentence(path, part)
        for path, pattern, part in LATER_VALUES:
            value = _value(holder, path)
            if value is not None and re.fullmatch(pattern, str(value)):
                yield (*prefix, *path.split(".")), _sentence(path, part)


def _sentence(path: str, part: str) -> str:
    return f"{path} belongs to {part}, which this release does not have yet"


def _value(holder: Section, path: str) -> Any:
    value: Any = holder
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
