"""Compiled validators by (version, action, part), and what else the schemas tell.

`jsonschema-rs` decides, formats included (design/README.md decision 6). Two things are added to the
standard's schemas before they are compiled: a date-time may not have second 60, year 0000 or signs
among its digits, so that the verdict is that of translation-station 1.3; and an object that may
have no members says so by empty `properties`, without which the validator does not name the member
that is too many. `bounded` adds the limits that JSON itself has not (`bounds.py`).
"""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

import jsonschema_rs
import orjson
from jsonschema_rs import Validator

from gateway.core.dialects import Side, Version
from gateway.core.errors import ConfigError, Violation
from gateway.core.schema.bounds import bounded
from gateway.core.schema.fields import DATE_TIME, Field, field_table
from gateway.core.schema.own_words import OwnWords
from gateway.core.schema.table import Key, Table, read_table
from gateway.core.schema.violations import Finding, findings, violations_of

Check = Callable[[Any], bool]
Change = Callable[[Key, dict[str, Any]], dict[str, Any]]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NO_TIMESTAMP = {
    # The format takes what stands before `0` in ASCII for a digit: signs, points and commas.
    "pattern": ":60|^0000|^.{0,18}[*+,./]|^(.{0,3}|.{5,6}|.{8,18})-|[+:-][0-9][*+,./-]"
}


class _Checks(dict[Key, Check]):
    """Whether a payload is good, by message; each check made when first asked for."""

    def __init__(self, make: Callable[[Key], Check]) -> None:
        self._make = make

    def __missing__(self, key: Key) -> Check:
        check = self[key] = self._make(key)
        return check


class Catalog:
    """Every message of every version: who sends it, whether a payload is valid, why it is not.

    Methods that take an action raise KeyError for one that `sender` does not know.
    """

    def __init__(self, table: Table, files: Mapping[tuple[Version, str], bytes]) -> None:
        self.enum_fallback = table.enum_fallback
        self._senders = table.senders
        self._names = table.files
        self._files = files
        self._schemas: dict[Key, dict[str, Any]] = {}
        self._validators: dict[Key, Validator] = {}
        self._checks = _Checks(self._plain_check)
        self._bounded = _Checks(self._bounded_check)
        self._fields: dict[Key, Mapping[str, Field]] = {}
        self._standard: Catalog | None = None
        self._change: Change = _unchanged
        self.own = OwnWords()

    @classmethod
    def load(cls, files: Mapping[tuple[Version, str], bytes], catalogue: str) -> "Catalog":
        """files: schema files by version and name; catalogue: the text of catalogue.yaml.

        Raises ConfigError if a file that the catalogue names is missing.
        """
        table = read_table(catalogue)
        for (version, _, _), name in table.files.items():
            if (version, name) not in files:
                raise ConfigError(
                    f"the OCPP {version} schema file {name} is missing",
                    cure="install the version of the package ocpp that pyproject.toml asks for",
                )
        return cls(table, files)

    def changed(self, change: Change, own: OwnWords | None = None) -> "Catalog":
        """The messages of one vendor's stations; what stays as it is, is shared.

        change: gives the schema of a message part anew, or the same. own: the vendor's words.
        """
        other = copy(self)
        other._schemas, other._validators, other._fields = {}, {}, {}
        other._checks = _Checks(other._plain_check)
        other._bounded = _Checks(other._bounded_check)
        other._standard, other._change = self, change
        other.own = self.own if own is None else own.over(self.own)
        return other

    def actions(self, version: Version) -> tuple[str, ...]:
        """Every action of that version."""
        return tuple(action for known, action in self._senders if known is version)

    def sender(self, version: Version, action: str) -> frozenset[Side] | None:
        """Who may send the CALL; None: that version has no such action."""
        return self._senders.get((version, action))

    def is_valid(self, version: Version, action: str, part: str, payload: Any) -> bool:
        """Whether the payload is what the schema says. part: `request` or `response`."""
        return self._checks[version, action, part](payload)

    def checker(self, version: Version, action: str, part: str) -> Check:
        """`is_valid` for one message, to be kept by callers that ask often."""
        return self._checks[version, action, part]

    def bounded(self, version: Version, action: str, part: str, payload: Any) -> bool:
        """True only of a valid payload that is also nested no deeper and has no larger integers
        than every peer may send (`bounds.py`); False says nothing: ask `examine` and `is_valid`."""
        return self._bounded[version, action, part](payload)

    def bounded_checker(self, version: Version, action: str, part: str) -> Check:
        """`bounded` for one message, to be kept by callers that ask often."""
        return self._bounded[version, action, part]

    def violations(
        self, version: Version, action: str, part: str, payload: Any
    ) -> tuple[Violation, ...]:
        """Everything that is wrong with the payload, in document order; () if it is valid."""
        return violations_of(self.findings(version, action, part, payload), payload)

    def findings(
        self, version: Version, action: str, part: str, payload: Any
    ) -> tuple[Finding, ...]:
        """The same for programs: where, which rule, what it allows."""
        return findings(self._validator((version, action, part)), payload)

    def fields(self, version: Version, action: str, part: str) -> Mapping[str, Field]:
        """The field table of a message, by path (`fields.py`)."""
        key = version, action, part
        if key not in self._fields:
            standard = self._same(key)
            self._fields[key] = (
                standard.fields(*key) if standard else field_table(self.schema(*key))
            )
        return self._fields[key]

    def schema(self, version: Version, action: str, part: str) -> dict[str, Any]:
        """The schema as validated, which must not be changed."""
        key = version, action, part
        if key not in self._schemas and self._standard is not None:
            self._schemas[key] = self._change(key, self._standard.schema(*key))
        elif key not in self._schemas:
            data = self._files[version, self._names[key]]
            self._schemas[key] = _prepared(orjson.loads(data.removeprefix(_BYTE_ORDER_MARK)))
        return self._schemas[key]

    def _validator(self, key: Key) -> Validator:
        standard = self._same(key)
        if standard is not None:
            return standard._validator(key)
        if key not in self._validators:
            self._validators[key] = _compiled(self.schema(*key))
        return self._validators[key]

    def _plain_check(self, key: Key) -> Check:
        return self._validator(key).is_valid

    def _bounded_check(self, key: Key) -> Check:
        standard = self._same(key)
        if standard is not None:
            return standard._bounded[key]
        return _compiled(bounded(self.schema(*key))).is_valid

    def _same(self, key: Key) -> "Catalog | None":
        """The catalog that has the message's schema unchanged, if it is another one."""
        standard = self._standard
        if standard is not None and self.schema(*key) is standard.schema(*key):
            return standard
        return None


def _compiled(schema: dict[str, Any]) -> Validator:
    """The linear regular expressions are the faster ones, and no peer can make them slow."""
    draft = jsonschema_rs.validator_cls_for(schema)
    linear = jsonschema_rs.RegexOptions()
    return draft(schema, validate_formats=True, pattern_options=linear)


def _unchanged(key: Key, schema: dict[str, Any]) -> dict[str, Any]:
    return schema


def _prepared(schema: Any) -> Any:
    """The schema with what the module's head says added."""
    if isinstance(schema, list):
        return [_prepared(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    prepared = {name: _prepared(member) for name, member in schema.items()}
    if prepared.get("format") == DATE_TIME:
        prepared["not"] = _NO_TIMESTAMP
    if prepared.get("additionalProperties") is False:
        prepared.setdefault("properties", {})
    return prepared
