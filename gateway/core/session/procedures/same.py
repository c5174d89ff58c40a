"""same: a call between two peers of one version, checked on the way but not translated.

What the legs can carry may differ all the same (1.6 over JSON and over SOAP), and the rules that
are about outages hold here, too. Spec: design/README.md decisions 3 and 11; soap.md 5 and 8.
"""

from gateway.core.dialects import Side
from gateway.core.session.exchange import Exchange
from gateway.core.session.numbers32 import towards
from gateway.core.session.requests import Outcome, Procedure, Unanswered
from gateway.core.session.state import Registration

NO_ANSWER = (Outcome.NONE, Outcome.LOST)


def same(x: Exchange) -> Procedure:
    """A transaction message that the CSMS leaves unanswered stays unanswered (P3)."""
    reply = yield x.ask(towards(x.desk, x.side.other, x.payload))
    if reply.outcome is Outcome.RESULT:
        reply = reply._replace(payload=towards(x.desk, x.side, reply.payload))
    if x.direction.retry and x.side is Side.STATION and reply.outcome in NO_ANSWER:
        yield Unanswered("no answer from the CSMS")
        return
    yield x.conclude(reply)


def same_boot(x: Exchange) -> Procedure:
    """The registration is kept, for what a station without a connection needs of it."""
    bindings = x.desk.bindings
    before = bindings.registration
    reply = yield x.ask(x.payload)
    if reply.outcome is Outcome.RESULT:
        # Pending and Rejected are the CSMS's to enforce: nothing else is known of it here.
        accepted = reply.payload["status"] == "Accepted"
        status = "Accepted" if accepted else before.status
        interval = reply.payload["interval"]
        bindings.keep_registration(Registration(status, x.payload, interval, True))
    yield x.conclude(reply)
