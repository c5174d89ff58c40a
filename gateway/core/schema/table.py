"""The catalogue file: which actions a version has, who sends them, which files describe them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from gateway.core.dialects import Side, Version
from gateway.core.errors import ConfigError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SENDERS = {
    "station": frozenset({Side.STATION}),
    "csms": frozenset({Side.CSMS}),
    "both": frozenset({Side.STATION, Side.CSMS}),
}
PARTS = ("request", "response")

Key = tuple[Version, str, str]
"""Version, action, part."""


class Table(NamedTuple):
    """schemas/catalogue.yaml as read.

    senders: who may send the CALL of an action; files: the schema file of a part of an action;
    enum_fallback: member name -> value that stands in for unknown ones.
    """

    senders: dict[tuple[Version, str], frozenset[Side]]
    files: dict[Key, str]
    enum_fallback: dict[str, str]


def read_table(text: str) -> Table:
    """Raises ConfigError if text is not a catalogue (the installation's fault)."""
    try:
        document = yaml.load(text, Loader=_LOADER)
        return _table(document)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"schemas/catalogue.yaml cannot be read: {error}", cure="install the package anew"
        ) from error


def _table(document: Mapping[str, Any]) -> Table:
    senders: dict[tuple[Version, str], frozenset[Side]] = {}
    files: dict[Key, str] = {}
    for version in Version:
        entry = document[version.value]
        for action, sides in _actions(entry):
            senders[version, action] = sides
            for part in PARTS:
                files[version, action, part] = entry["files"][part].format(action=action)
    return Table(senders, files, dict(document["enum_fallback"]))


def _actions(entry: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[Side]]]:
    for name, sides in _SENDERS.items():
        for action in entry[name]:
            yield action, sides
