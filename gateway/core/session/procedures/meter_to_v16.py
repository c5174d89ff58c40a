"""meter_to_v16: meter values outside transactions pass, and their register is remembered.

Spec: translation-station 4.6; 5.9, meterStart rule 4.
"""

from decimal import Decimal

from gateway.core.numbers import plain
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.event_time import is_earlier
from gateway.core.session.procedures.register_reading import latest, readings
from gateway.core.session.procedures.relay import relay
from gateway.core.session.requests import Procedure
from gateway.core.session.state import Connector
from gateway.core.timestamps import normalise


def meter_to_v16(x: Exchange) -> Procedure:
    """evseId 0 is the meter of the whole station, which no transaction starts from."""
    evse_id: int = x.payload["evseId"]
    found = readings(x.payload["meterValue"]) if evse_id else []
    zone = x.desk.settings.timezone_default
    newest = latest(found, zone)
    if newest is not None:
        bindings = x.desk.bindings
        connector = bindings.connector(evse_id, bindings.connector_of(evse_id))
        take_register(connector, plain(newest.wh), normalise(newest.timestamp, zone))
        bindings.keep_connector(connector)
    yield from relay(x)


def take_register(connector: Connector, wh: str, time: str | None) -> None:
    """Remember the register of a connector, unless a later and higher one has been told.

    A lower one alone is a new meter, an earlier time alone a clock that was set. time: in normal
    form, None if it is not known.
    """
    known = connector.register_wh
    earlier = time is not None and is_earlier(time, connector.register_time)
    if known is None or not earlier or Decimal(wh) >= Decimal(known):
        connector.register_wh, connector.register_time = wh, time
