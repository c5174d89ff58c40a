"""Payload texts of a kind that came before: told by what stands between the values that differ.

Messages of one kind differ in their times, readings and numbers and in little else. A template is
the text of one with gaps in the place of these. A text that fits it need not be read: all that it
says of its own is what fills the gaps.
"""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from orjson import dumps, loads

from gateway.core.frames import JsonObject

TEXTS = frozenset({"currentTime", "timestamp", "value"})
NUMBERS = frozenset({"transactionId", "meterStart", "meterStop"})
"""Members whose texts and whole numbers differ from message to message."""
TAG, _BESIDE_TAG = "idTag", frozenset({"meterStart", "meterStop"})
"""A text that differs where it stands beside one of these."""

ANSWER = ""
"""In the place of an action: the payload of an answer, of which the text does not say to what."""

TEMPLATES_KEPT = 32
"""Of one action; those that did not fit for the longest time give way."""
_TRIED_AT_ONCE = 32
PATIENCE = 64
"""Texts that fit none before another template is made, after the first ones: in some logs no two
are of a kind."""

_TEXT_MARK, _NUMBER_MARK = "\ue000", "\ue001"
_MARKED = re.compile(f"{_TEXT_MARK}|{_NUMBER_MARK}")
_GAPS = {
    f'"{_TEXT_MARK}"': r'"([^"\\\x00-\x1f]*+)"',
    f'"{_NUMBER_MARK}"': r"(0|-?[1-9][0-9]{0,14}+)",
}
_FORMS = {f'"{_TEXT_MARK}"': '"%s"', f'"{_NUMBER_MARK}"': "%s"}
_MARK = re.compile(f"({'|'.join(_GAPS)})")


class Template:
    """names: of the members that the gaps stand for, in order; sample: a payload that fits.

    match: looks for its groups, which are what fills the gaps.
    """

    __slots__ = ("_form", "match", "names", "sample")

    def __init__(self, text: str, names: tuple[str, ...], sample: JsonObject) -> None:
        pieces = _MARK.split(text)
        self.match = re.compile("".join(_GAPS.get(p) or re.escape(p) for p in pieces)).fullmatch
        self._form = "".join(_FORMS.get(p) or p.replace("%", "%%") for p in pieces)
        self.names = names
        self.sample = sample

    def payload(self, gaps: Sequence[str]) -> JsonObject:
        """The payload with other gaps."""
        read: JsonObject = loads(self._form % tuple(gaps))
        return read


Filled = tuple[Template, tuple[str, ...], str]
"""A payload by its template: (template, what fills its gaps, the whole text). A bare tuple, made
for each payload of a log: a NamedTuple takes four times as long."""

EMPTY = Template("{}", (), {})
NOTHING: Filled = EMPTY, (), "{}"
"""The payload without members."""
_NOTHING_TEXT = NOTHING[2]
_EMPTY = len(_NOTHING_TEXT)


def payload_of(filled: Filled) -> JsonObject:
    read: JsonObject = loads(filled[2])
    return read


class Kinds:
    """The templates of one action, those first that fitted last."""

    def __init__(self) -> None:
        self._templates: list[Template] = []
        self._missed = 0

    def cut(self, text: str, begin: int, end: int) -> Filled | None:
        """That part of a text by a template that it fits; None: it fits none."""
        if end - begin == _EMPTY:
            return NOTHING if text.startswith(_NOTHING_TEXT, begin) else None
        for template in self._templates:
            found = template.match(text, begin, end)
            if found is not None:
                templates = self._templates
                if template is not templates[0]:
                    templates.remove(template)
                    templates.insert(0, template)
                return template, found.groups(), text[begin:end]
        return None

    def of(self, payload: JsonObject) -> Filled | None:
        """A payload by its template, which is made if there is none; None: it has none."""
        if not payload:
            return NOTHING
        text = dumps(payload).decode()
        return self.cut(text, 0, len(text)) or self._learned(text, payload)

    def _learned(self, text: str, payload: JsonObject) -> Filled | None:
        self._missed += 1
        if (self._missed > _TRIED_AT_ONCE and self._missed % PATIENCE) or _MARKED.search(text):
            return None
        names: list[str] = []
        template = Template(dumps(_marked("", payload, names)).decode(), tuple(names), payload)
        found = template.match(text)
        if found is None:
            return None
        self._templates.insert(0, template)
        del self._templates[TEMPLATES_KEPT:]
        return template, found.groups(), text


class Templates:
    """Those found so far, by the action of their calls, or ANSWER."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kinds] = {}

    def known(self, action: str) -> Kinds | None:
        """Of an action of which a payload was asked for."""
        return self._kinds.get(action)

    def of(self, action: str, payload: JsonObject) -> Filled | None:
        """See `Kinds.of`."""
        kinds = self._kinds.get(action)
        if kinds is None:
            kinds = self._kinds[action] = Kinds()
        return kinds.of(payload)


def _marked(name: str, value: Any, names: list[str], texts: Set[str] = TEXTS) -> Any:
    """A value with marks in the place of what differs. names: gets those of the marked members."""
    if isinstance(value, dict):
        texts = TEXTS if _BESIDE_TAG.isdisjoint(value) else {*TEXTS, TAG}
        return {member: _marked(member, inner, names, texts) for member, inner in value.items()}
    if isinstance(value, list):
        return [_marked(name, inner, names, texts) for inner in value]
    if name in texts and type(value) is str:
        names.append(name)
        return _TEXT_MARK
    if name in NUMBERS and type(value) is int:
        names.append(name)
        return _NUMBER_MARK
    return value


@dataclass(frozen=True)
class Gapped:
    """A text to be filled. between: what stands between the gaps; gaps: which of the texts that are
    known fills each. Equal for texts that are filled alike."""

    between: tuple[str, ...]
    gaps: tuple[int, ...]

    @cached_property
    def filled(self) -> Callable[[tuple[str, ...]], str]:
        """What fills it, by the texts that are known. Compiled, as maps are: to put the pieces
        together for each text takes four times as long."""
        first, *others = (text.replace("{", "{{").replace("}", "}}") for text in self.between)
        gaps = zip(self.gaps, others, strict=True)
        made = first + "".join(f"{{known[{gap}]}}{text}" for gap, text in gaps)
        fill: Callable[[tuple[str, ...]], str] = eval(f"lambda known: f{made!r}")
        return fill


def gapped(text: str, marks: Sequence[str]) -> Gapped:
    """A text with gaps in the place of marks. To be filled with a text for each of these."""
    pieces = re.split(f"({'|'.join(map(re.escape, marks))})", text) if marks else [text]
    return Gapped(tuple(pieces[::2]), tuple(marks.index(mark) for mark in pieces[1::2]))
