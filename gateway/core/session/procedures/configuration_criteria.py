"""What a GetReport asks for of the model that is shown for a 1.6 station (translation-csms 6.6)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from gateway.core.frames import JsonObject
from gateway.core.mapping.keys import COMPUTED, LEGACY_COMPONENT, Key, Kind, Shown
from gateway.core.mapping.variables import Variable
from gateway.core.session.procedures.configuration_reported import Reported
from gateway.core.session.procedures.configuration_shown import Model, Target

_MUST_BE_THERE = frozenset({"Active", "Problem"})
"""Criteria that a component fulfils by a variable only; the others also by its absence."""
_TRUE, _MAY_BE_TRUE = ("true",), ("true", None)

_Components = dict[tuple[object, ...], dict[str, str | None]]
"""Values of variables without an instance, by component and folded name."""


class Criteria:
    """componentVariable and componentCriteria of a request; both must hold where both are given."""

    def __init__(self, model: Model, payload: JsonObject) -> None:
        self.model = model
        self._entries: Sequence[JsonObject] | None = payload.get("componentVariable")
        self._criteria: Sequence[str] = payload.get("componentCriteria", ())

    # -- before the station is asked ---------------------------------------------------------

    @property
    def can_match(self) -> bool:
        """Whether anything that may be shown can match, as far as known without asking."""
        known = self._known()
        asked = {_component(variable) for variable in self._shown() if self._is_asked(variable)}
        if any(self._is_legacy(entry) for entry in self._entries or ()):
            asked.add(_component(Variable(LEGACY_COMPONENT, "")))
        return any(self._holds(known.get(component, {}), _MAY_BE_TRUE) for component in asked)

    def _is_legacy(self, entry: JsonObject) -> bool:
        """Whether it may name a key that 2.0.1 has no variable for."""
        is_named = _folded(entry["component"]["name"]) == _folded(LEGACY_COMPONENT)
        return is_named and self._legacy(entry) is not None

    def _known(self) -> _Components:
        """What may be shown, by component; None for a value that the station must be asked for."""
        components: _Components = {}
        for variable in self._shown():
            if variable.variable_instance is None:
                _values(components, variable)[variable.folded.variable] = None
        own = self.model.own
        for variable, shown in self.model.expanded():
            if variable.variable_instance is None and not own.unread(shown):
                _values(components, variable)[variable.folded.variable] = own.value(shown, variable)
        return components

    def _shown(self) -> Iterator[Variable]:
        """Every variable that may be in a report, but for those of unknown keys."""
        for variable, shown in self.model.expanded():
            if self.model.own.is_shown(shown, variable):
                yield variable
        for key in self.model.table.keys:
            yield from (target.variable for target in self._targets(key))

    def _targets(self, key: Key) -> Iterator[Target]:
        if key.kind is Kind.COMPOSITE:
            yield from self.model.parts(key, None)
        elif key.variable is not None and key.kind not in COMPUTED:
            target = self.model.find(key.variable)
            if isinstance(target, Target):
                yield target

    # -- keys to read ------------------------------------------------------------------------

    @property
    def keys(self) -> list[str] | None:
        """1.6 keys to read, in order of the request; None: all of them."""
        if self._entries is None:
            return None
        found: dict[str, None] = {}
        for entry in self._entries:
            names = self._keys_of(entry)
            if names is None:
                return None
            found |= dict.fromkeys(names)
        return list(found)

    def _keys_of(self, entry: JsonObject) -> list[str] | None:
        """None where keys are asked for that no table knows."""
        if _folded(entry["component"]["name"]) == _folded(LEGACY_COMPONENT):
            return self._legacy(entry) or None
        names = [name for key in self.model.table.keys for name in self._read_for(entry, key)]
        for variable, shown in self.model.expanded():
            if _matches(entry, variable):
                names += self.model.own.keys(shown)
                names += self._describing(variable)
        names += [name for shown in self._judged(entry) for name in self.model.own.unread(shown)]
        return names

    def _read_for(self, entry: JsonObject, key: Key) -> Iterator[str]:
        for target in [*self._targets(key), *self._in_language(entry, key)]:
            if _matches(entry, target.variable):
                yield target.name
                yield from self._describing(target.variable)
                return

    def _in_language(self, entry: JsonObject, key: Key) -> Iterable[Target]:
        """A key per language is known once the request names a language."""
        language = (entry.get("variable") or {}).get("instance")
        if language is None or not self.model.table.is_per_language(key):
            return ()
        return self.model.parts(key, language)

    def _describing(self, variable: Variable) -> list[str]:
        """Keys that tell a variable's maxLimit and valuesList."""
        kinds = (Kind.LIMIT, Kind.LIST)
        keys = (self.model.table.characteristic(kind, variable) for kind in kinds)
        return [key.name for key in keys if key is not None]

    def _judged(self, entry: JsonObject) -> Iterator[Shown]:
        """The gateway's own variables that decide about the entry's component."""
        named = {_folded(name) for name in self._criteria}
        for variable, shown in self.model.expanded():
            component = {"component": entry["component"]}
            if _folded(variable.variable) in named and _matches(component, variable):
                yield shown

    def _legacy(self, entry: JsonObject) -> list[str] | None:
        """The key that is named; none for all that 2.0.1 has no variable for; None: impossible."""
        component, variable = entry["component"], entry.get("variable")
        if component.get("instance") is not None or component.get("evse") is not None:
            return None
        if variable is None:
            return []
        if variable.get("instance") is not None:
            return None
        return [variable["name"]]

    # -- afterwards --------------------------------------------------------------------------

    def chosen(self, items: Sequence[Reported]) -> list[Reported]:
        components: _Components = {}
        for item in items:
            values = _values(components, item.variable)
            if item.variable.variable_instance is None:
                values[item.variable.folded.variable] = item.value
        return [
            item
            for item in items
            if self._is_asked(item.variable) and self._holds(components[_component(item.variable)])
        ]

    def _is_asked(self, variable: Variable) -> bool:
        entries = self._entries
        return entries is None or any(_matches(entry, variable) for entry in entries)

    def _holds(
        self, values: Mapping[str, str | None], true: Collection[str | None] = _TRUE
    ) -> bool:
        if not self._criteria:
            return True
        for criterion in self._criteria:
            name = criterion.casefold()
            if name in values and values[name] in true:
                return True
            if criterion not in _MUST_BE_THERE and name not in values:
                return True
        return False


def _values(components: _Components, variable: Variable) -> dict[str, str | None]:
    return components.setdefault(_component(variable), {})


def _component(variable: Variable) -> tuple[object, ...]:
    folded = variable.folded
    return (folded.component, *folded[3:])


def _matches(entry: JsonObject, variable: Variable) -> bool:
    """Whether an entry names a variable; what it leaves out is not compared."""
    component, named = entry["component"], entry.get("variable") or {}
    evse = component.get("evse") or {}
    pairs = (
        (component["name"], variable.component),
        (component.get("instance"), variable.instance),
        (evse.get("id"), variable.evse),
        (evse.get("connectorId"), variable.connector),
        (named.get("name"), variable.variable),
        (named.get("instance"), variable.variable_instance),
    )
    return all(asked is None or _folded(asked) == _folded(has) for asked, has in pairs)


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value
