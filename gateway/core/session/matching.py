"""Comparing a frame with what a script expects of it. Spec: vectors/README.md, Placeholders."""

import re
from typing import Any

import orjson

from gateway.core.timestamps import strict

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.I)
ANY = "$any"
_KINDS = ("$id", "$ts", "$tx", "$int")


class Matcher:
    """What the placeholders of one conversation have captured so far, by name."""

    def __init__(self) -> None:
        self.captured: dict[str, Any] = {}

    def matches(self, expected: Any, got: Any) -> bool:
        """Whether a value that came is what the script expects; captures at first use."""
        if isinstance(expected, str) and expected.startswith(_KINDS):
            return self._placeholder(expected, got)
        if expected == ANY:
            return True
        if isinstance(expected, dict):
            return self._object(expected, got)
        if isinstance(expected, list):
            return (
                isinstance(got, list)
                and len(expected) == len(got)
                and all(self.matches(e, g) for e, g in zip(expected, got, strict=True))
            )
        if isinstance(expected, bool) or isinstance(got, bool):
            return expected is got
        return bool(expected == got)

    def fill(self, template: Any) -> Any:
        """A value that a peer sends: captured placeholders put in, `$any` as an empty string."""
        if isinstance(template, str) and template.startswith("$"):
            return "" if template == ANY else self.captured.get(template, template)
        if isinstance(template, dict):
            return {name: self.fill(value) for name, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value) for value in template]
        return template

    def _object(self, expected: dict[str, Any], got: Any) -> bool:
        if not isinstance(got, dict) or expected.keys() != got.keys():
            return False
        return all(
            self._data(value, got[name]) if name == "data" else self.matches(value, got[name])
            for name, value in expected.items()
        )

    def _data(self, expected: Any, got: Any) -> bool:
        """`DataTransfer.data` that holds JSON text is compared as parsed JSON."""
        if isinstance(expected, str) and isinstance(got, str) and not expected.startswith("$"):
            try:
                return self.matches(orjson.loads(expected), orjson.loads(got))
            except orjson.JSONDecodeError:
                return expected == got
        return self.matches(expected, got)

    def _placeholder(self, name: str, got: Any) -> bool:
        if name in self.captured:
            known = self.captured[name]
            return type(known) is type(got) and bool(known == got)
        if not _is_kind(name, got):
            return False
        self.captured[name] = got
        return True


def _is_kind(name: str, got: Any) -> bool:
    """Whether a value may be captured by a placeholder of that name."""
    if name.startswith("$int"):
        return isinstance(got, int) and not isinstance(got, bool)
    if not isinstance(got, str):
        return False
    if name.startswith("$id"):
        return 1 <= len(got) <= 36
    if name.startswith("$ts"):
        return strict(got)
    return _UUID.match(got) is not None
