"""The 2.0.1 transactionId of a transaction whose start the gateway never saw.

Spec: translation-station 7.1; RFC 4122, 4.3.
"""

from hashlib import sha1

_URL_NAMESPACE = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")


def uuid5(name: str) -> str:
    """UUIDv5 of a name in the URL namespace: the same name gives the same text, everywhere."""
    digest = bytearray(sha1(_URL_NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def adopted_id(station: str, tx16: int, occasion: str = "") -> str:
    """The id of an unknown transaction, stable over repeats, restarts and replicas.

    occasion: what tells one transaction from the next where tx16 does not (a station that never
    got a number says -1 for each of them); "" where the number is enough.
    """
    name = f"ocpp16:{station}:{tx16}"
    return uuid5(f"{name}:{occasion}" if occasion else name)
