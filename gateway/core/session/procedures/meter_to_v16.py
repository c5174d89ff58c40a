"""meter_to_v16: meter values outside transactions pass, and their register is remembered.

Spec: translation-station 4.6; 5.9, meterStart rule 4.
"""

from gateway.core.numbers import plain
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.register_reading import latest, readings
from gateway.core.session.procedures.relay import relay
from gateway.core.session.requests import Procedure


def meter_to_v16(x: Exchange) -> Procedure:
    """evseId 0 is the meter of the whole station, which no transaction starts from."""
    evse_id: int = x.payload["evseId"]
    found = readings(x.payload["meterValue"]) if evse_id else []
    newest = latest(found, x.desk.settings.timezone_default)
    if newest is not None:
        bindings = x.desk.bindings
        connector = bindings.connector(evse_id, bindings.connector_of(evse_id))
        connector.register_wh = plain(newest.wh)
        bindings.keep_connector(connector)
    yield from relay(x)
