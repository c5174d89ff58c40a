"""The two services of OCPP-S 1.6, the names on their wire, and what goes wrong with a message.

Spec: OCPP-S 1.6, 3 and 4; design: soap.md 1 and 3.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from gateway.core.errors import GatewayError

SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
ANONYMOUS = "/anonymous"
"""How the address of every edition of WS-Addressing ends that means: answer where I asked."""
NONE = f"{ADDRESSING}/none"

SENDER, RECEIVER = "Sender", "Receiver"
NO_VERSION, NOT_UNDERSTOOD = "VersionMismatch", "MustUnderstand"

REQUEST, RESPONSE = "Request", "Response"
FAULT = "Fault"


class Service(StrEnum):
    """A service, by the name that its description gives it."""

    CENTRAL_SYSTEM = "CentralSystemService"
    CHARGE_POINT = "ChargePointService"

    __hash__ = str.__hash__

    @property
    def namespace(self) -> str:
        return _NAMESPACES[self]

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return _STEMS[self]


_NAMESPACES: Mapping[Service, str] = {
    Service.CENTRAL_SYSTEM: "urn://Ocpp/Cs/2015/10/",
    Service.CHARGE_POINT: "urn://Ocpp/Cp/2015/10/",
}
_STEMS: Mapping[Service, str] = {
    Service.CENTRAL_SYSTEM: "central-system",
    Service.CHARGE_POINT: "charge-point",
}


def element_of(action: str, part: str) -> str:
    """The local name of a message's body element. part: REQUEST or RESPONSE."""
    return action[:1].lower() + action[1:] + part


def action_of(element: str) -> str:
    """The action that a body element belongs to; element: a local name."""
    for part in (REQUEST, RESPONSE):
        element = element.removesuffix(part)
    return element[:1].upper() + element[1:]


class Fault(NamedTuple):
    """A SOAP fault. code: local name of Code; subcode: of the innermost one known, or ""."""

    code: str
    subcode: str
    reason: str


class Head(NamedTuple):
    """What the header blocks of a message said; None: absent.

    from_address is as sent, usable or not (`soap_head.callback`); an anonymous one is None.
    envelope, addressing: the namespaces that the peer used, in which it is answered.
    """

    identity: str | None = None
    message_id: str | None = None
    relates_to: str | None = None
    action: str | None = None
    from_address: str | None = None
    reply_to: str | None = None
    to: str | None = None
    fault_to: str | None = None
    envelope: str = SOAP12
    addressing: str = ADDRESSING


class SoapRefused(GatewayError):
    """A body that is no message of the service; the peer's fault.

    fault: what a request is answered with. A response that is refused is not answered: to the
    caller it is an InternalError. head: as far as it could be read; action: "" if unknown.
    """

    def __init__(self, fault: Fault, head: Head | None = None, action: str = "") -> None:
        super().__init__(fault.reason)
        self.fault = fault
        self.head = head or Head()
        self.action = action
