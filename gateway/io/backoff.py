"""How long to wait before the next try: full jitter (reliability R8, R9)."""

from gateway.io.chance import Uniform, uniform

LASTING_S = 60.0
"""A link that stood for so long was a success: the tries after it are counted from 0 again. A peer
that takes every link and drops it is not dialled faster than one that takes none."""


def full_jitter(attempt: int, low_s: float, high_s: float, chance: Uniform = uniform) -> float:
    """Seconds to wait before try number `attempt`, counted from 0.

    Anything from nothing to low_s doubled for each earlier try, at most high_s: peers that failed
    together do not come back together.
    """
    return chance(0.0, min(high_s, low_s * 2 ** min(attempt, 32)))


def retry_after(chance: Uniform = uniform) -> str:
    """The value of a Retry-After header: a few whole seconds, spread out."""
    return str(round(chance(1.0, 15.0)))
