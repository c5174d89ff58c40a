"""security_message: relay for what only a 1.6 station with the security extension sends."""

from gateway.core.session.exchange import Exchange
from gateway.core.session.features import learn_security_ext
from gateway.core.session.procedures.relay import relay
from gateway.core.session.requests import Procedure


def security_message(x: Exchange) -> Procedure:
    """Spec: translation-csms 1.8."""
    learn_security_ext(x.desk, True)
    yield from relay(x)
