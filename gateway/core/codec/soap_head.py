"""The header blocks of an envelope: who sends, to whom, in answer to what.

Blocks are known by their local names, in whatever namespace and case they come, and hold text or
an Address: that is how fielded peers write them. Design: soap.md 3, 4, 5 and 10.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from lxml import etree

from gateway.core.codec.soap_service import (
    ADDRESSING,
    ANONYMOUS,
    NONE,
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
    "faultto": "fault_to",
}
_IN_NO_URL = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"\u2028\u2029]").search
"""What would stand in a request line, where it is read as something else."""

_OUR_ROLES = ("/role/next", "/role/ultimateReceiver", "/actor/next")


@lru_cache(maxsize=512)
def _split(tag: str) -> tuple[str, str]:
    namespace, _, local = tag.rpartition("}")
    return namespace[1:], local.rpartition(":")[2]


def split_tag(element: etree._Element) -> tuple[str, str]:
    """Namespace and local name; a prefix that nobody declared is left off."""
    return _split(element.tag)  # type: ignore[arg-type]


@lru_cache(maxsize=512)
def _member(tag: str) -> tuple[str, str]:
    """The member of Head that a block fills, or "", and its namespace."""
    namespace, local = _split(tag)
    return _FIELDS.get(local.lower(), ""), namespace


def read_head(
    header: etree._Element | None, envelope: str
) -> tuple[Head, tuple[etree._Element, ...]]:
    """What the blocks of a header say, and those not known; of two of a kind the first counts."""
    found: dict[str, str] = {}
    others: list[etree._Element] = []
    addressing = ADDRESSING
    for block in header if header is not None else ():
        member, namespace = _member(block.tag)  # type: ignore[arg-type]
        if not member:
            others.append(block)
        elif member not in found and (text := _text(block)):
            found[member] = text
            if namespace and (member == "message_id" or member == "action"):
                addressing = namespace
    if _is_nowhere(found.get("from_address", "")):
        del found["from_address"]
    return Head(**found, envelope=envelope, addressing=addressing), tuple(others)


def not_understood(blocks: tuple[etree._Element, ...]) -> tuple[str, ...]:
    """Names of those of the blocks that their sender wants understood."""
    return tuple(split_tag(block)[1] for block in blocks if _must_understand(block))


def refuse_unknown(names: tuple[str, ...], head: Head) -> SoapRefused:
    text = f"header blocks not understood: {', '.join(names)}"
    return SoapRefused(Fault(NOT_UNDERSTOOD, "", text), head)


def callback(address: str | None) -> str | None:
    """The address byte for byte, if a station could be called there: absolute, http or https,
    with a host and without user info. Which hosts are allowed is not decided here (soap.md 9)."""
    if not address or _is_nowhere(address) or _IN_NO_URL(address):
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme.lower() in ("http", "https") and parts.hostname
        parts.port  # noqa: B018, reading it is what checks it
    except ValueError:
        return None
    return address if usable and parts.username is None else None


def _is_nowhere(address: str) -> bool:
    """Whether it is one of the addresses by which WS-Addressing says that there is none."""
    return address.endswith(ANONYMOUS) or address == NONE


def _text(block: etree._Element) -> str:
    """The text of a block, or of the Address in it."""
    text = (block.text or "").strip()
    if not text:
        for child in block:
            if _split(child.tag)[1].lower() == "address":  # type: ignore[arg-type]
                return (child.text or "").strip()
    return text


def _must_understand(block: etree._Element) -> bool:
    for envelope in (SOAP12, SOAP11):
        if (block.get(f"{{{envelope}}}mustUnderstand") or "").strip() in ("1", "true"):
            role = block.get(f"{{{envelope}}}role") or block.get(f"{{{envelope}}}actor") or ""
            return role == "" or role.endswith(_OUR_ROLES)
    return False
