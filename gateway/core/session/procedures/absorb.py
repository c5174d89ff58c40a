"""absorb: what a station says and the other version has no message for is taken and kept quiet.

Spec: translation-station 2.1.
"""

from gateway.core.session.exchange import Exchange
from gateway.core.session.requests import Answer, Procedure


def absorb(x: Exchange) -> Procedure:
    """The answer is what the map's `response` fills in by itself."""
    yield Answer(x.response({}), rule="absorbed")
