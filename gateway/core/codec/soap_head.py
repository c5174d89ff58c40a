"""The header blocks of an envelope: who sends, to whom, in answer to what.

Blocks are known by their local names, in whatever namespace and case they come, and hold text or
an Address: that is how fielded peers write them. Design: soap.md 3, 4, 5 and 10.
"""

from urllib.parse import urlsplit

from lxml import etree

from gateway.core.codec.soap_service import (
    ADDRESSING,
    ANONYMOUS,
    NOT_UNDERSTOOD,
    SOAP11,
    SOAP12,
    Fault,
    Head,
    SoapRefused,
)

_FIELDS = {
    "chargeboxidentity": "identity",
    "messageid": "message_id",
    "relatesto": "relates_to",
    "action": "action",
    "from": "from_address",
    "replyto": "reply_to",
    "to": "to",
}
_UNDERSTOOD = frozenset(_FIELDS) | {"faultto"}
_OURS = ("", "/role/next", "/role/ultimateReceiver", "/actor/next")


def split_tag(element: etree._Element) -> tuple[str, str]:
    """Namespace and local name; a prefix that nobody declared is left off."""
    namespace, _, local = str(element.tag).rpartition("}")
    return namespace[1:], local.rpartition(":")[2]


def read_head(header: etree._Element | None, envelope: str) -> Head:
    """What the blocks of a header say; of two of a kind the first counts."""
    found: dict[str, str] = {}
    addressing = ADDRESSING
    for block in header if header is not None else ():
        namespace, local = split_tag(block)
        member = _FIELDS.get(local.lower())
        if member is None or member in found:
            continue
        text = _text(block)
        if text and not (member == "from_address" and text.endswith(ANONYMOUS)):
            found[member] = text
        if member == "message_id" or member == "action":
            addressing = namespace or addressing
    return Head(**found, envelope=envelope, addressing=addressing)


def not_understood(header: etree._Element | None) -> tuple[str, ...]:
    """Names of the blocks that their sender wants understood, and that we do not understand."""
    if header is None:
        return ()
    return tuple(
        local
        for block in header
        if (local := split_tag(block)[1]).lower() not in _UNDERSTOOD and _must_understand(block)
    )


def refuse_unknown(names: tuple[str, ...], head: Head) -> SoapRefused:
    text = f"header blocks not understood: {', '.join(names)}"
    return SoapRefused(Fault(NOT_UNDERSTOOD, "", text), head)


def callback(address: str | None) -> str | None:
    """The address byte for byte, if a station could be called there: absolute, http or https,
    with a host and without user info. Which hosts are allowed is not decided here (soap.md 9)."""
    if not address or address.endswith(ANONYMOUS):
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme.lower() in ("http", "https") and parts.hostname
        parts.port  # noqa: B018, reading it is what checks it
    except ValueError:
        return None
    return address if usable and parts.username is None else None


def _text(block: etree._Element) -> str:
    """The text of a block, or of the Address in it."""
    for child in block:
        if split_tag(child)[1].lower() == "address":
            return (child.text or "").strip()
    return (block.text or "").strip()


def _must_understand(block: etree._Element) -> bool:
    for envelope in (SOAP12, SOAP11):
        if (block.get(f"{{{envelope}}}mustUnderstand") or "").strip() in ("1", "true"):
            role = block.get(f"{{{envelope}}}role") or block.get(f"{{{envelope}}}actor") or ""
            return role == "" or role.endswith(_OURS[1:])
    return False
