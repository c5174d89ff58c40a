"""What a translation may ask of the session it runs in: settings, tokens, numbering, time.

The mapping layer knows this protocol only; the session's state implements it. Everything here is
computed from memory: a translation never waits.
"""

from typing import Protocol

from gateway.core.settings import Translation


class Context(Protocol):
    """Memory of one station, as conversions that need it see it."""

    settings: Translation

    @property
    def namespace(self) -> str:
        """vendorId of the station's own fields in customData (extensions.md section 4)."""

    @property
    def now_text(self) -> str:
        """Time of reception, `YYYY-MM-DDThh:mm:ssZ`."""

    def tag(self, id_token: str, token_type: str) -> str:
        """The 1.6 idTag of a 2.0.1 token (translation-station 1.8); registers a hash alias.

        Raises Untranslatable where `id_token.overflow` is `reject` and the token is too long.
        """

    def untag(self, id_tag: str) -> tuple[str, str]:
        """(idToken, type) of a 1.6 idTag (translation-station 1.8)."""

    def connector16(self, evse_id: int, connector_id: int | None) -> int:
        """The 1.6 connectorId of an EVSE's connector (translation-station 1.7); learns new ones.

        Raises Untranslatable if the address is unknown and cannot be learned.
        """

    def evse201(self, connector16: int) -> tuple[int, int]:
        """(evseId, connectorId) of a 1.6 connectorId; (0, 0) for 0.

        Raises Untranslatable if the number is not in the topology and may not extend it.
        """

    def transaction16(self, evse_id: int) -> int | None:
        """The 1.6 transactionId if exactly one active transaction runs on the EVSE, else None
        (translation-station 4.6)."""
