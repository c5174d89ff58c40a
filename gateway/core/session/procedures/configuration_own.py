"""Values of the variables that the gateway adds to a 1.6 station's device model.

Spec: translation-csms 6.6; the rows are `shown:` of mappings/configuration/device-model.yaml.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.mapping.key_loader import option_of
from gateway.core.mapping.key_values import items_of, readable201, spelled
from gateway.core.mapping.keys import KeyTable, Shown
from gateway.core.mapping.variables import Variable
from gateway.core.session import charging_profiles, holdings
from gateway.core.session.bindings import Bindings
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.desk import Desk
from gateway.core.timestamps import utc_text

_FAULTED, _AVAILABLE = "Faulted", "Available"
_BUSIEST_FIRST = ("Occupied", "Reserved", "Unavailable", _AVAILABLE)
_COUNTED: Mapping[str, Callable[[Bindings], int]] = {
    "certificate_count": holdings.certificate_count,
    "local_list_count": holdings.list_count,
    "profile_store_count": charging_profiles.count,
}


class OwnValues:
    """Computes values from memory; nothing here asks the station."""

    def __init__(self, desk: Desk, table: KeyTable) -> None:
        self._desk = desk
        self._table = table
        self._cache = Configuration16(desk.bindings, table)

    def is_shown(self, shown: Shown, variable: Variable) -> bool:
        """Whether it has a value, or will have one once its keys are read."""
        return bool(self.keys(shown)) or self.value(shown, variable) is not None

    def keys(self, shown: Shown) -> tuple[str, ...]:
        """1.6 keys that its value follows from."""
        if shown.source == "profile":
            key = self._table.key_named("feature_profiles")
            return () if key is None else (key.name,)
        return shown.keys

    def unread(self, shown: Shown) -> tuple[str, ...]:
        """Those of them that must be read first: a value that a key has is always read anew."""
        keys = self.keys(shown)
        if shown.source == "key":
            return keys
        return tuple(name for name in keys if self._cache.row(name) is None)

    def value(self, shown: Shown, variable: Variable) -> str | None:
        """Its value; None: it is not shown."""
        sources: dict[str, Callable[[Shown, Variable], str | None]] = {
            "const": lambda s, v: s.of[0],
            "key": self._key,
            "has_key": self._has_key,
            "profile": self._profile,
            "boot": self._boot,
            "option": lambda s, v: _text(option_of(self._desk.settings, s.of[0])),
            "state": self._state,
            "meter": self._meter,
            "topology": self._topology,
            "rule": self._rule,
        }
        found = sources[shown.source](shown, variable)
        return shown.default if found is None else found

    def max_limit(self, shown: Shown) -> Any:
        """Its maxLimit as an option gives it."""
        return option_of(self._desk.settings, shown.max_option) if shown.max_option else None

    # -- sources -----------------------------------------------------------------------------

    def _key(self, shown: Shown, variable: Variable) -> str | None:
        found, value = self._table.find(shown.of[0]), self._cache.value(shown.of[0])
        if value is None or found is None:
            return value
        return readable201(found.key.via, value, self._table.values)

    def _has_key(self, shown: Shown, variable: Variable) -> str | None:
        return None if self._cache.is_empty else _text(self._cache.row(shown.of[0]) is not None)

    def _profile(self, shown: Shown, variable: Variable) -> str | None:
        """Of a station that never told of its keys nobody knows."""
        if self._cache.is_empty:
            return None
        key = self._table.key_named("feature_profiles")
        listed = "" if key is None else self._cache.value(key.name) or ""
        return _text(spelled(shown.of[0], items_of(listed)) is not None)

    def _boot(self, shown: Shown, variable: Variable) -> str | None:
        boot = self._desk.bindings.registration.boot or {}
        return next((boot[name] for name in shown.of if boot.get(name)), None)

    def _state(self, shown: Shown, variable: Variable) -> str | None:
        counted = _COUNTED.get(shown.of[0])
        return None if counted is None else str(counted(self._desk.bindings))

    def _meter(self, shown: Shown, variable: Variable) -> str | None:
        if variable.evse is None:
            return None
        return holdings.measured_on(self._desk.bindings, variable.evse, shown.of[0])

    def _topology(self, shown: Shown, variable: Variable) -> str | None:
        types = self._desk.settings.connector_types or ()
        if variable.evse is None or variable.connector is None:
            return None
        number = self._desk.bindings.numbering.number(variable.evse, variable.connector) or 0
        return types[number - 1] if 0 < number <= len(types) else None

    def _rule(self, shown: Shown, variable: Variable) -> str | None:
        desk, settings = self._desk, self._desk.settings
        rules: dict[str, Callable[[], str | None]] = {
            "status": lambda: self.availability(variable),
            "status_is_faulted": lambda: _text(self.availability(variable) == _FAULTED),
            "tx_stop_point": lambda: self._stop_points(shown),
            "cost_mode_is_costmsg": lambda: _text(settings.costmsg.enabled),
            "pnc_mode_is_tunnel": lambda: _text(settings.pnc.mode == "tunnel"),
            "clock": lambda: utc_text(desk.now),
            "station_id": lambda: desk.station,
        }
        return rules[shown.of[0]]()

    def _stop_points(self, shown: Shown) -> str:
        """A station that goes on without the EV stops on its driver's word only."""
        stops = (self._cache.value(shown.of[1]) or "").strip().lower() != "false"
        return "Authorized,EVConnected" if stops else "Authorized"

    # -- status ------------------------------------------------------------------------------

    def availability(self, variable: Variable) -> str:
        """AvailabilityState of the station, an EVSE or a connector, from the last 1.6 statuses."""
        evse = variable.evse
        if evse is None:
            return self._state_of(0, 0)
        if variable.connector is not None:
            return self._state_of(evse, variable.connector)
        connectors = self._desk.bindings.numbering.connectors(evse)
        return _folded([self._state_of(evse, connector) for connector in connectors])

    def _state_of(self, evse: int, connector: int) -> str:
        status = self._desk.bindings.connector(evse, connector).status16
        return self._table.availability.get(status or "", _AVAILABLE)


def _folded(states: list[str]) -> str:
    """An EVSE is faulted only if all of its connectors are."""
    if len(set(states)) == 1:
        return states[0]
    return next((state for state in _BUSIEST_FIRST if state in states), _AVAILABLE)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
