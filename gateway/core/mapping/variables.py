"""Device model variables of 2.0.1, and the names they have among 1.6 keys (translation-csms 8).

    key       = component [ "[" instance "]" ] [ "(" evse [ "," connector ] ")" ]
                "." variable [ "[" instance "]" ] [ "#" attribute ]
    attribute = "Target" | "MinSet" | "MaxSet"            (Actual is not written)
    escape    = "%" HEX HEX for any of  % . [ ] ( ) # ,   inside a name or instance

The grammar can be read back, so a key of that form needs no table.
"""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from gateway.core.frames import JsonObject

ACTUAL = "Actual"
ATTRIBUTES = (ACTUAL, "Target", "MinSet", "MaxSet")
LONGEST_KEY = 50
LONGEST_NAME = 50
_KEPT, _DIGITS = 41, 8

_NAME = r"((?:[^%.\[\]()#,]|%[0-9A-Fa-f]{2})+)"
_KEY = re.compile(
    rf"{_NAME}(?:\[{_NAME}\])?(?:\(([0-9]{{1,9}})(?:,([0-9]{{1,9}}))?\))?"
    rf"\.{_NAME}(?:\[{_NAME}\])?(?:#(Target|MinSet|MaxSet))?",
    re.IGNORECASE,
).fullmatch
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_SPECIAL = re.compile(r"[%.\[\]()#,]")
_ALIAS = re.compile(rf".{{{_KEPT}}}~[0-9a-fA-F]{{{_DIGITS}}}", re.DOTALL).fullmatch


class Variable(NamedTuple):
    """One component variable. variable_instance: written behind the variable's name."""

    component: str
    variable: str
    variable_instance: str | None = None
    instance: str | None = None
    evse: int | None = None
    connector: int | None = None

    def __str__(self) -> str:
        return key_of(Attribute(self))

    @property
    def folded(self) -> "Variable":
        """What is compared: names and instances are the same in any case (translation-csms 5)."""
        return Variable(
            self.component.casefold(),
            self.variable.casefold(),
            None if self.variable_instance is None else self.variable_instance.casefold(),
            None if self.instance is None else self.instance.casefold(),
            self.evse,
            self.connector,
        )

    @property
    def component_json(self) -> JsonObject:
        """ComponentType of 2.0.1."""
        component: JsonObject = {"name": self.component}
        if self.instance is not None:
            component["instance"] = self.instance
        if self.evse is not None:
            component["evse"] = {"id": self.evse}
            if self.connector is not None:
                component["evse"]["connectorId"] = self.connector
        return component

    @property
    def variable_json(self) -> JsonObject:
        """VariableType of 2.0.1."""
        variable: JsonObject = {"name": self.variable}
        if self.variable_instance is not None:
            variable["instance"] = self.variable_instance
        return variable

    @property
    def order(self) -> tuple[Any, ...]:
        """Reports are sorted by this: absent parts first, text by code points."""
        parts = (
            self.component,
            self.instance,
            self.evse,
            self.connector,
            self.variable,
            self.variable_instance,
        )
        return tuple((part is not None, part) if part is not None else (False,) for part in parts)


class Attribute(NamedTuple):
    """One attribute of a variable. type: one of ATTRIBUTES."""

    variable: Variable
    type: str = ACTUAL


def variable_of(component: JsonObject, variable: JsonObject) -> Variable:
    """The Variable that a ComponentType and a VariableType name."""
    evse = component.get("evse") or {}
    return Variable(
        component["name"],
        variable["name"],
        variable.get("instance"),
        component.get("instance"),
        evse.get("id"),
        evse.get("connectorId"),
    )


def key_of(attribute: Attribute) -> str:
    """The whole name, however long; see `shortened`."""
    variable, kind = attribute
    text = _quoted(variable.component) + _bracketed(variable.instance)
    if variable.evse is not None:
        connector = "" if variable.connector is None else f",{variable.connector}"
        text += f"({variable.evse}{connector})"
    text += f".{_quoted(variable.variable)}{_bracketed(variable.variable_instance)}"
    return text if kind == ACTUAL else f"{text}#{kind}"


def shortened(name: str) -> str:
    """The name as a 1.6 key can hold it; a long one becomes an alias that must be remembered."""
    if len(name) <= LONGEST_KEY:
        return name
    return f"{name[:_KEPT]}~{sha256(name.encode()).hexdigest()[:_DIGITS]}"


def is_alias(key: str) -> bool:
    """Whether a key has the form of a shortened name."""
    return _ALIAS(key) is not None


@lru_cache(maxsize=1024)
def parse_key(key: str) -> Attribute | None:
    """What a name of the grammar stands for; None if it is none, or names what cannot exist."""
    found = _KEY(key)
    if found is None:
        return None
    component, instance, evse, connector, variable, of_variable, kind = found.groups()
    names = [_plain(part) for part in (component, variable, of_variable, instance)]
    if any(name is not None and len(name) > LONGEST_NAME for name in names):
        return None
    place = Variable(
        names[0] or "",
        names[1] or "",
        names[2],
        names[3],
        None if evse is None else int(evse),
        None if connector is None else int(connector),
    )
    return Attribute(place, ACTUAL if kind is None else _attribute(kind))


def _attribute(text: str) -> str:
    return next(name for name in ATTRIBUTES if name.casefold() == text.casefold())


def _quoted(name: str) -> str:
    return _SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", name)


def _bracketed(instance: str | None) -> str:
    return "" if instance is None else f"[{_quoted(instance)}]"


def _plain(name: str | None) -> str | None:
    if name is None:
        return None
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)
