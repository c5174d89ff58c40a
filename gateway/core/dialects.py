"""Versions, encodings, legs and the spellings in which the versions differ."""

from dataclasses import dataclass
from enum import StrEnum


class Version(StrEnum):
    """An OCPP version, as configuration and records spell it."""

    V16 = "1.6"
    V201 = "2.0.1"

    # Enum's own hash is a Python function, and every look-up on the hot path would call it.
    __hash__ = str.__hash__

    @property
    def key(self) -> str:
        """The name that map files use: v16, v201."""
        return "v" + self.value.replace(".", "")


class Encoding(StrEnum):
    JSON = "json"
    SOAP = "soap"


class Side(StrEnum):
    """Which peer a leg leads to."""

    STATION = "station"
    CSMS = "csms"

    __hash__ = str.__hash__

    @property
    def other(self) -> "Side":
        return CSMS if self is STATION else STATION


STATION, CSMS = SIDES = (Side.STATION, Side.CSMS)
V16, V201 = Version.V16, Version.V201
"""For the hot path: to ask an Enum for a member or for all costs more than a message may."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One live conversation with one peer and what that peer can do (design/README.md 1.1, 2).

    backend: id of the CSMS, "" for the station's leg; transaction bindings are keyed by it.
    integer_bits: widest integer that the encoding carries (SOAP: 32).
    security_extension: whether the messages of the 1.6 security extension exist on this leg.
    lacks: actions of the version that cannot be sent on this leg, because its encoding has none.
    transparent: both legs speak the same version and encoding; bytes pass untouched.
    opened: seconds since the epoch, UTC.
    """

    side: Side
    version: Version
    opened: float
    encoding: Encoding = Encoding.JSON
    backend: str = ""
    integer_bits: int = 64
    security_extension: bool = True
    lacks: frozenset[str] = frozenset()
    transparent: bool = False


SUBPROTOCOLS: dict[Version, str] = {Version.V16: "ocpp1.6", Version.V201: "ocpp2.0.1"}
"""WebSocket subprotocol names. Spec: OCPP-J 1.6, 3.1.2; OCPP 2.0.1 Part 4, 3.1.2."""

FORMAT_VIOLATION = "FormatViolation"
OCCURRENCE_VIOLATION = "OccurrenceConstraintViolation"
PROPERTY_VIOLATION = "PropertyConstraintViolation"
TYPE_VIOLATION = "TypeConstraintViolation"
NOT_IMPLEMENTED = "NotImplemented"
NOT_SUPPORTED = "NotSupported"
INTERNAL_ERROR = "InternalError"
GENERIC_ERROR = "GenericError"
SECURITY_ERROR = "SecurityError"
PROTOCOL_ERROR = "ProtocolError"
RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"

ERROR_CODES = frozenset(
    {
        FORMAT_VIOLATION,
        OCCURRENCE_VIOLATION,
        PROPERTY_VIOLATION,
        TYPE_VIOLATION,
        NOT_IMPLEMENTED,
        NOT_SUPPORTED,
        INTERNAL_ERROR,
        GENERIC_ERROR,
        SECURITY_ERROR,
        PROTOCOL_ERROR,
        RPC_FRAMEWORK_ERROR,
        MESSAGE_TYPE_NOT_SUPPORTED,
    }
)

UNSUPPORTED = frozenset({NOT_IMPLEMENTED, NOT_SUPPORTED})
RETRYABLE = frozenset({INTERNAL_ERROR, GENERIC_ERROR, RPC_FRAMEWORK_ERROR})

# The misspellings are official in 1.6 (OCPP-J 1.6, table 7) and must be emitted towards it.
_TO_V16 = {
    FORMAT_VIOLATION: "FormationViolation",
    OCCURRENCE_VIOLATION: "OccurenceConstraintViolation",
    MESSAGE_TYPE_NOT_SUPPORTED: NOT_SUPPORTED,
    RPC_FRAMEWORK_ERROR: GENERIC_ERROR,
}
_READ = {
    "FormationViolation": FORMAT_VIOLATION,
    "OccurenceConstraintViolation": OCCURRENCE_VIOLATION,
}


def spell_error(code: str, version: Version) -> str:
    """The wire spelling of an error code for peers of that version.

    code: one of ERROR_CODES. Rule: translation-station 1.2, decision 14.
    """
    return _TO_V16.get(code, code) if version is Version.V16 else code


def read_error(code: str) -> str:
    """The inside spelling of an error code as received; every version's spelling is accepted,
    anything unknown is GenericError."""
    code = _READ.get(code, code)
    return code if code in ERROR_CODES else GENERIC_ERROR
