"""Operators' own 1.6 keys (`config.user_keys`), rows on top of the key table.

Spec: translation-csms 6.1.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gateway.core.errors import Place
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.key_values import CONVERTERS
from gateway.core.mapping.keys import Key, KeyTable, Kind, ambiguities
from gateway.core.mapping.variables import LONGEST_KEY, Attribute, Variable
from gateway.core.settings import UserKey


class UserKeyProblem(NamedTuple):
    """What is wrong with one of `config.user_keys`. name: its key."""

    name: str
    message: str
    cure: str = ""


def with_user_keys(table: KeyTable, user_keys: Mapping[str, UserKey]) -> KeyTable:
    """The table as a station with these keys sees it."""
    return table.layered(_row(name, key) for name, key in user_keys.items())


def problems_of(table: KeyTable, user_keys: Mapping[str, UserKey]) -> Iterator[UserKeyProblem]:
    """Every mistake in an operator's keys: names, converters, and what could mean two keys."""
    names: dict[str, str] = {}
    for name, key in user_keys.items():
        if not 0 < len(name) <= LONGEST_KEY:
            yield UserKeyProblem(name, f"a 1.6 key has 1 to {LONGEST_KEY} characters")
        if (first := names.setdefault(name.casefold(), name)) != name:
            yield UserKeyProblem(name, f"the same key as {first}", "keep one of the two")
        if key.converter not in CONVERTERS:
            cure = nearest(key.converter, CONVERTERS)
            yield UserKeyProblem(name, f"unknown converter {key.converter!r}", cure)
        if table.is_credential(_variable(key)):
            yield UserKeyProblem(name, "a password is changed by its own key only", "remove it")
    for problem in ambiguities(with_user_keys(table, user_keys)):
        at = problem.place.file if problem.place is not None else ""
        if at in user_keys:
            # Behind the comma stands where the other one is, which here is no file.
            message, _, _ = problem.message.partition(", ")
            yield UserKeyProblem(at, message, problem.cure)


def _variable(key: UserKey) -> Variable:
    return Variable(key.component, key.variable, key.instance, None, key.evse, key.connector)


def _row(name: str, key: UserKey) -> Key:
    return Key(
        name=name,
        kind=Kind.VARIABLE,
        # Where the operator wrote it is known to the reader of the configuration only.
        place=Place(name, 0),
        attribute=Attribute(_variable(key), key.attribute),
        via=key.converter,
        from_table=False,
    )
