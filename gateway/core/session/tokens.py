"""Identity tokens in both spellings: 1.6 idTag <-> 2.0.1 IdTokenType.

Spec: translation-station 1.8, translation-csms 1.4. Tokens compare without case in both versions.
"""

import re
from base64 import b32encode
from hashlib import sha256

from gateway.core.errors import Untranslatable
from gateway.core.mapping.functions import ci_string, cut
from gateway.core.session.state import Token
from gateway.core.session.table import Table
from gateway.core.settings import IdTokenSettings

ID_TAG_LENGTH = 20
NO_AUTHORIZATION = "NoAuthorization"
_HEX_LENGTHS = frozenset({8, 14, 20})
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")


class Tokens:
    """The token registry of one station, and the rules for tokens that are not in it."""

    __slots__ = ("_by_token", "_rules", "_settings", "_table")

    def __init__(self, table: Table, settings: IdTokenSettings) -> None:
        self._table = table
        self._settings = settings
        self._rules = [(re.compile(rule.pattern), rule.type) for rule in settings.type_rules]
        self._by_token: dict[str, str] = {
            token.id_token.lower(): token.id_tag for token in table.kind("token").values()
        }

    def tag(self, id_token: str, token_type: str) -> str:
        """The idTag of a token, at most 20 characters of printable ASCII.

        Raises Untranslatable where it is longer and `id_token.overflow` is `reject`.
        """
        if token_type == NO_AUTHORIZATION:
            return self._settings.no_auth_tag
        spelling = self._by_token.get(id_token.lower())
        if spelling is not None and self._stands_for(spelling, id_token, token_type):
            return spelling
        if len(id_token) <= ID_TAG_LENGTH:
            return self._cased(ci_string(id_token))
        if self._settings.overflow == "truncate":
            return cut(ci_string(id_token), ID_TAG_LENGTH)
        if self._settings.overflow == "reject":
            raise Untranslatable(f"token of {len(id_token)} characters, 1.6 takes {ID_TAG_LENGTH}")
        alias = hash_alias(id_token, token_type)
        self.register(alias, id_token, token_type)
        return alias

    def untag(self, id_tag: str) -> tuple[str, str]:
        """(idToken, type) of an idTag."""
        known: Token | None = self._table.get("token", id_tag.lower())
        if known is not None:
            return known.id_token, known.type
        for pattern, token_type in self._rules:
            if pattern.search(id_tag):
                return id_tag, token_type
        return id_tag, self._settings.default_type

    def untag_remote(self, id_tag: str) -> tuple[str, str]:
        """(idToken, type) of an idTag in a 1.6 remote start; the pair is registered.

        An idTag that does not look like a card's number is a token of the CSMS's own making
        (translation-csms 1.4, first addition).
        """
        known: Token | None = self._table.get("token", id_tag.lower())
        ruled = any(pattern.search(id_tag) for pattern, _ in self._rules)
        looks_read = len(id_tag) in _HEX_LENGTHS and _HEX.match(id_tag)
        if known is None and not ruled and not looks_read:
            self.register(id_tag, id_tag, self._settings.remote_type)
        else:
            self.register(id_tag, *self.untag(id_tag))
        return self.untag(id_tag)

    def register(self, id_tag: str, id_token: str, token_type: str) -> None:
        """Remember a pair of spellings; the newest one counts."""
        present: Token | None = self._table.get("token", id_tag.lower())
        token = Token(id_tag, id_token, token_type)
        if present != token:
            self._table.put("token", id_tag.lower(), token)
            self._by_token[id_token.lower()] = id_tag

    def learn(self, id_token: str, token_type: str) -> None:
        """A 2.0.1 CSMS has named a token in a request, whatever becomes of that (translation-csms
        1.4). A longer one is registered with its alias, when that is made."""
        if len(id_token) <= ID_TAG_LENGTH:
            self.register(self.tag(id_token, token_type), id_token, token_type)

    def forget(self, id_token: str) -> str:
        """Drop a token from the registry; its idTag as it was."""
        id_tag = self._by_token.pop(id_token.lower(), id_token)
        self._table.drop("token", id_tag.lower())
        return id_tag

    def _stands_for(self, id_tag: str, id_token: str, token_type: str) -> bool:
        """Whether a spelling is also that of the type: an alias is the alias of one type."""
        if len(id_token) <= ID_TAG_LENGTH:
            return True
        known: Token | None = self._table.get("token", id_tag.lower())
        return known is not None and known.type == token_type

    def _cased(self, id_token: str) -> str:
        case = self._settings.case
        if case == "keep":
            return id_token
        return id_token.upper() if case == "upper" else id_token.lower()


def hash_alias(id_token: str, token_type: str) -> str:
    """The 20 characters that stand for a token too long for 1.6 (`id_token.overflow: hash`)."""
    digest = sha256(f"{token_type}:{id_token.lower()}".encode()).digest()
    return "H" + b32encode(digest).decode()[:19]
