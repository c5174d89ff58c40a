"""What must not be read in logs: tokens become a keyed hash, secrets vanish (reliability S25).

Known by the names of fields, which both versions and their extensions share; one table each.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

import orjson

MASK: Final = "***"
_TOKENS_KEPT = 10_000

TOKEN_FIELDS: Final = frozenset(
    {
        "idtag",
        "parentidtag",
        "idtoken",
        "additionalidtoken",
        "groupidtoken",
        "emaid",
        "customeridentifier",
    }
)
"""Fields that hold an identifier of a person's card, app or contract; spelled as `_plain` does."""

_INNERMOST: Final = "idtoken"
"""What a token that is an object holds (2.0.1); one without it is hidden whole."""

SECRET_FIELDS: Final = frozenset(
    {
        "authorizationkey",
        "certificate",
        "certificatechain",
        "signingcertificate",
        "csr",
        "exirequest",
        "exiresponse",
        "simpin",
    }
)
"""Fields whose whole value is hidden; spelled as `_plain` does."""

SECRET_ENDINGS: Final = ("password", "secret", "privatekey")
"""So are those whose names end in one of these."""

SECRET_SETTINGS: Final = frozenset({"authorizationkey", "basicauthpassword"})
"""Names of settings whose values are hidden, wherever a name stands beside a value."""

_SECRET_BY_PARENT: Final = frozenset({("vpn", "key")})
_VALUE_FIELDS: Final = frozenset({"value", "attributevalue", "actualvalue", "variableattribute"})
# The second form: a password with a slash in it, which should have been %2F.
_USERINFO = re.compile(r"(?<=://)(?:[^/\s]*|[^/\s:@]*:(?!\d*/)\S*)@")
_QUERY = re.compile(r'(?<=://)([^\s?#]*\?)([^\s#"<>]+)')
_ARGUMENT = re.compile("([^&;=]*=)?([^&;]*)")
_SHOWN = ("", "{station}")


def without_url_secrets(text: str) -> str:
    """text with user, password and the arguments of every URL hidden: keys are passed in those."""
    if "://" not in text:
        return text
    if "@" in text:
        text = _USERINFO.sub(f"{MASK}@", text)
    return _QUERY.sub(_without_arguments, text) if "?" in text else text


def _without_arguments(query: re.Match[str]) -> str:
    return query[1] + _ARGUMENT.sub(_without_value, query[2])


def _without_value(argument: re.Match[str]) -> str:
    name, value = argument[1] or "", argument[2]
    return name + (value if value in _SHOWN else MASK)


class Redactor:
    """Hides with one installation's key, so that equal tokens can be told in its logs only.

    tokens: fields that hold one; none in a configuration, where a section is named alike.
    """

    def __init__(self, key: bytes, tokens: frozenset[str] = TOKEN_FIELDS) -> None:
        self._key = key
        self._tokens = tokens
        # The same few tokens come again and again.
        self.token = lru_cache(_TOKENS_KEPT)(self._hashed)

    def _hashed(self, value: str) -> str:
        """`h:` and 12 hex digits; the hash is of the token as written."""
        digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=self._key)
        return "h:" + digest.hexdigest()[:12]

    def payload(self, payload: Any) -> Any:
        """A copy of a payload, or of any part of one, that may be shown."""
        return self._value("", "", payload)

    def text(self, text: str, payload: Any) -> str:
        """A sentence about a payload, without the tokens and secrets that the payload holds."""
        for value in sorted(_hidden_values(payload), key=len, reverse=True):
            text = text.replace(value, self.token(value))
        return without_url_secrets(text)

    def details(self, details: Any, payload: Any) -> Any:
        """What belongs to an error, and may quote the payload that was refused."""
        if isinstance(details, dict):
            return {key: self.details(item, payload) for key, item in details.items()}
        if isinstance(details, list):
            return [self.details(item, payload) for item in details]
        return self.text(details, payload) if isinstance(details, str) else details

    def _value(self, parent: str, name: str, value: Any) -> Any:
        if _is_secret(parent, name):
            return value if value is None else MASK
        if isinstance(value, dict):
            odd = name in self._tokens and not any(_plain(key) == _INNERMOST for key in value)
            return MASK if odd and value else self._object(name, value)
        if isinstance(value, list):
            return [self._value(parent, name, item) for item in value]
        if not isinstance(value, str):
            return self.token(str(value)) if name in self._tokens and value is not None else value
        return self.token(value) if name in self._tokens else self._text_value(value)

    def _object(self, name: str, value: dict[str, Any]) -> dict[str, Any]:
        secret = _names_secret(value)
        return {
            key: MASK
            if secret and _plain(key) in _VALUE_FIELDS
            else self._value(name, _plain(key), item)
            for key, item in value.items()
        }

    def _text_value(self, text: str) -> str:
        """Vendors send whole messages as JSON in a text field."""
        if text.lstrip().startswith(("{", "[")):
            try:
                return orjson.dumps(self.payload(orjson.loads(text))).decode()
            except (orjson.JSONDecodeError, RecursionError):
                if _mentions_hidden(text):
                    return MASK
        return without_url_secrets(text)


def first_token(payload: Any) -> str | None:
    """The token that a payload is about, if it has one."""
    if not isinstance(payload, dict):
        return None
    for name, value in payload.items():
        if _plain(name) in TOKEN_FIELDS:
            return first_token(value) if isinstance(value, dict) else str(value)
    return None


def _plain(name: str) -> str:
    """A field's name whoever wrote it: idTag, id_tag, IdTag."""
    return name.replace("_", "").lower()


def _mentions_hidden(text: str) -> bool:
    plain = _plain(text)
    return any(name in plain for name in (*TOKEN_FIELDS, *SECRET_FIELDS, *SECRET_ENDINGS))


def _is_secret(parent: str, name: str) -> bool:
    named = name in SECRET_FIELDS or name.endswith(SECRET_ENDINGS)
    return named or (parent, name) in _SECRET_BY_PARENT


def _names_secret(value: dict[str, Any]) -> bool:
    variable = value.get("variable")
    names = (value.get("key"), variable.get("name") if isinstance(variable, dict) else None)
    return any(_is_secret_setting(name) for name in names if isinstance(name, str))


def _is_secret_setting(name: str) -> bool:
    """Also where a longer name has it inside: `SecurityCtrlr.BasicAuthPassword`, escapes undone."""
    folded = unquote(name).lower()
    return any(setting in folded for setting in SECRET_SETTINGS)


def _hidden_values(value: Any, hidden: bool = False, parent: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        secret = _names_secret(value)
        for key, item in value.items():
            name = _plain(key)
            inside = name in TOKEN_FIELDS or _is_secret(parent, name)
            inside = inside or (secret and name in _VALUE_FIELDS)
            yield from _hidden_values(item, inside, name)
    elif isinstance(value, list):
        for item in value:
            yield from _hidden_values(item, hidden, parent)
    elif hidden and isinstance(value, str) and value:
        yield value
