"""What a 1.6 station can do, as far as that is known.

Spec: translation-csms 1.8. A kind of binding: `features`, key "", {"security_ext": true or false}.
"""

from gateway.core.dialects import UNSUPPORTED, Side
from gateway.core.session.desk import Desk
from gateway.core.session.requests import Outcome, Reply

_KIND, _SECURITY = "features", "security_ext"


def security_ext(desk: Desk) -> bool | None:
    """Whether the station knows the security extension; None while nobody can say."""
    leg = desk.legs.get(Side.STATION)
    if leg is not None and not leg.security_extension:
        return False
    configured = desk.settings.station.security_ext
    if configured != "auto":
        return configured
    known: bool | None = (desk.bindings.table.get(_KIND, "") or {}).get(_SECURITY)
    return known


def learn_security_ext(desk: Desk, known: bool) -> None:
    features = desk.bindings.table.get(_KIND, "") or {}
    if features.get(_SECURITY) is not known:
        desk.bindings.table.put(_KIND, "", {**features, _SECURITY: known})


def learn_from(desk: Desk, reply: Reply) -> None:
    """Learn from how a message of the security extension was answered."""
    if reply.outcome is Outcome.RESULT and reply.payload.get("status") == "Accepted":
        learn_security_ext(desk, True)
    elif reply.error is not None and reply.error.code in UNSUPPORTED:
        learn_security_ext(desk, False)
