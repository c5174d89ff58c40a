"""The one source of randomness: message ids, jitter.

Everything comes from the system's generator, a block at a time: one call for each id would cost
more than the rest of making it.
"""

import os
from collections.abc import Callable, Iterator

Uniform = Callable[[float, float], float]

_BLOCK_IDS = 256
_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def uuids() -> Iterator[str]:
    """UUIDv4 strings of 36 characters without end. Spec: RFC 9562, 5.4."""
    while True:
        block = os.urandom(16 * _BLOCK_IDS).hex()
        for i in range(0, len(block), 32):
            yield (
                f"{block[i : i + 8]}-{block[i + 8 : i + 12]}-4{block[i + 13 : i + 16]}-"
                f"{_VARIANTS[block[i + 16]]}{block[i + 17 : i + 20]}-{block[i + 20 : i + 32]}"
            )


def uniform(low: float, high: float) -> float:
    """A number between low and high, all equally likely."""
    return low + (high - low) * int.from_bytes(os.urandom(7)) / (1 << 56)
