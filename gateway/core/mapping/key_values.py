"""Values of configuration keys: 1.6 text to 2.0.1 text and back (translation-csms 5).

A converter raises ValueError for a value that must be refused on writing; what is only read goes
through `readable`, which leaves out what the other version does not know.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.core.timestamps import normalise

VALUE16_MAX = 500
VALUE201_MAX = 2500

_INTEGER = re.compile(r"(?:\+(?!-))?(-?[0-9]+)(?:\.0+)?").fullmatch
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){16,20}").fullmatch
_ROTATION = re.compile(r"([0-9]{1,9})\.([A-Za-z]+)").fullmatch
_KEY16_BYTES = range(16, 21)
_PASSWORD_CHARACTERS = range(16, 41)


class Profile(NamedTuple):
    """A 1.6 feature profile. component: of 2.0.1, which stands for it; "": always there."""

    name: str
    component: str = ""


@dataclass(frozen=True)
class Values:
    """mappings/configuration/values.yaml: what the versions spell differently or do not both have.

    common, only_v16, only_v201: measurands; phases: what 1.6 writes behind one; floor: the
    measurand that must never be missing. rate_units: 1.6 to 2.0.1. rotations: phase rotations of
    both; no_rotation: 1.6 words for none, the first one is written.
    """

    common: tuple[str, ...] = ()
    only_v16: tuple[str, ...] = ()
    only_v201: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    floor: str = ""
    rate_units: dict[str, str] = field(default_factory=dict)
    rotations: tuple[str, ...] = ()
    no_rotation: tuple[str, ...] = ()
    profiles: tuple[Profile, ...] = ()


Convert = Callable[[str, Values, bool], str]
"""(text, tables, writing) -> text; raises ValueError, with writing only for list items."""


class Converter(NamedTuple):
    to_v201: Convert
    to_v16: Convert


def items_of(text: str) -> list[str]:
    """Items of a comma list, blanks trimmed, empty ones dropped."""
    return [item for part in text.split(",") if (item := part.strip())]


def cut16(text: str) -> str:
    """As much as a 1.6 value holds."""
    return text[:VALUE16_MAX]


def cut_list16(items: Iterable[str]) -> str:
    """As many items as a 1.6 value holds."""
    text = ",".join(items)
    if len(text) <= VALUE16_MAX:
        return text
    end = text.rfind(",", 0, VALUE16_MAX + 1)
    return text[:end] if end > 0 else text[:VALUE16_MAX]


def spelled(text: str, known: Iterable[str]) -> str | None:
    """The standard's spelling of a word, in whatever case it is written."""
    folded = text.casefold()
    return next((word for word in known if word.casefold() == folded), None)


def _boolean(text: str, values: Values, writing: bool) -> str:
    word = text.strip().lower()
    if word not in ("true", "false"):
        raise ValueError("neither true nor false")
    return word


def _integer(text: str, values: Values, writing: bool) -> str:
    found = _INTEGER(text.strip())
    if found is None:
        raise ValueError("not an integer")
    return found[1]


def _same(text: str, values: Values, writing: bool) -> str:
    return text


def _string16(text: str, values: Values, writing: bool) -> str:
    return cut16(text)


def _datetime(text: str, values: Values, writing: bool) -> str:
    return normalise(text.strip())


def _csl(text: str, values: Values, writing: bool) -> str:
    return ",".join(items_of(text))


def _csl16(text: str, values: Values, writing: bool) -> str:
    return cut_list16(items_of(text))


def _measurands(text: str, values: Values, writing: bool, own: tuple[str, ...]) -> list[str]:
    """Those that the target version has, each once. Raises ValueError for another one in a write.

    own: measurands of the target version only.
    """
    found: list[str] = []
    known = (*values.common, *own)
    for item in items_of(text):
        name = spelled(item, known) or spelled(_without_phase(item, values), known)
        if name is None and writing:
            raise ValueError(f"{item[:50]!r} is no measurand of the version it is written for")
        if name is not None and name not in found:
            found.append(name)
    return found


def _without_phase(item: str, values: Values) -> str:
    name, _, phase = item.rpartition(".")
    return name if name and spelled(phase, values.phases) else item


def _measurands201(text: str, values: Values, writing: bool) -> str:
    return ",".join(_measurands(text, values, writing, values.only_v201))


def _measurands16(text: str, values: Values, writing: bool) -> str:
    return cut_list16(_measurands(text, values, writing, values.only_v16))


def _floor201(text: str, values: Values, writing: bool) -> str:
    found = _measurands(text, values, writing, values.only_v201)
    return ",".join([values.floor, *(name for name in found if name != values.floor)])


def _units(table: dict[str, str], text: str, writing: bool) -> str:
    found = []
    for item in items_of(text):
        unit = spelled(item, table)
        if unit is None and writing:
            raise ValueError(f"{item[:50]!r} is no unit of a rate")
        if unit is not None and table[unit] not in found:
            found.append(table[unit])
    return ",".join(found)


def _units201(text: str, values: Values, writing: bool) -> str:
    return _units(values.rate_units, text, writing)


def _units16(text: str, values: Values, writing: bool) -> str:
    return _units({v201: v16 for v16, v201 in values.rate_units.items()}, text, writing)


def _password(text: str, values: Values, writing: bool) -> str:
    """Hex digits are a key of 16 to 20 bytes; printable ones are the password itself."""
    if _HEX(text):
        key = bytes.fromhex(text)
        return key.decode("ascii") if all(0x20 <= byte < 0x7F for byte in key) else text
    if len(text) not in _PASSWORD_CHARACTERS:
        raise ValueError("16 to 40 characters are needed")
    return text


def _hex_key(text: str, values: Values, writing: bool) -> str:
    if _HEX(text):
        return text
    key = text.encode("utf-8", "surrogatepass")
    if len(key) not in _KEY16_BYTES:
        raise ValueError("16 to 20 bytes are needed")
    return key.hex().upper()


CONVERTERS: dict[str, Converter] = {
    "boolean": Converter(_boolean, _boolean),
    "integer": Converter(_integer, _integer),
    "string": Converter(_same, _string16),
    "datetime": Converter(_datetime, _datetime),
    "csl": Converter(_csl, _csl16),
    "measurands": Converter(_measurands201, _measurands16),
    "measurands_floor": Converter(_floor201, _measurands16),
    "rate_units": Converter(_units201, _units16),
    "hexkey": Converter(_password, _hex_key),
}
"""By the name that `via:` uses. Composite keys: configuration_members.py."""


def readable201(via: str, text: str, values: Values) -> str:
    """A 1.6 value as it is shown in 2.0.1; one that its converter refuses is shown as it is."""
    try:
        return CONVERTERS[via].to_v201(text, values, False)[:VALUE201_MAX]
    except ValueError:
        return text[:VALUE201_MAX]


def readable16(via: str, text: str, values: Values) -> str:
    """A 2.0.1 value as it is shown in 1.6; one that its converter refuses is shown as it is."""
    try:
        return CONVERTERS[via].to_v16(text, values, False)
    except ValueError:
        return cut16(text)


# -- phase rotation: one text in 1.6, one value per place in 2.0.1 ----------------------------


def rotations_of(text: str, values: Values, *, writing: bool) -> dict[int, str]:
    """2.0.1 value by 1.6 connector number, in the order given.

    Raises ValueError in a write for an item that is no `<n>.<rotation>`, or a number given twice.
    """
    words = _words(text, values, writing=writing)
    return {number: spelled(word, values.rotations) or "" for number, word in words.items()}


def rotations_text(rotations: dict[int, str], values: Values) -> str:
    """1.6 text of rotations in either spelling, in order of the connectors."""
    return _joined({number: _rotation16(word, values) for number, word in rotations.items()})


def rotations_changed(text: str, changes: dict[int, str], values: Values) -> tuple[str, int]:
    """1.6 text with other rotations for some connectors, and how many it should name.

    What nobody changes keeps its word for no rotation.
    """
    changed = {number: _rotation16(word, values) for number, word in changes.items()}
    words = {**_words(text, values, writing=False), **changed}
    return _joined(words), len(words)


def _words(text: str, values: Values, *, writing: bool) -> dict[int, str]:
    """1.6 word by connector number."""
    found: dict[int, str] = {}
    for item in items_of(text):
        match = _ROTATION(item)
        word = None if match is None else spelled(match[2], values.rotations + values.no_rotation)
        if match is not None and word is not None and int(match[1]) not in found:
            found[int(match[1])] = word
        elif writing:
            raise ValueError(f"{item[:50]!r} is no phase rotation of a connector")
    return found


def _rotation16(word: str, values: Values) -> str:
    return spelled(word.strip(), values.rotations) or values.no_rotation[0]


def _joined(words: dict[int, str]) -> str:
    return cut_list16(f"{number}.{word}" for number, word in sorted(words.items()))
