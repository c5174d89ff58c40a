"""Where a SOAP station can be called is kept with it."""

from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.session.effects import Drop, Put, Save

HEARTBEAT = b'[2,"%d","Heartbeat",{}]'


def saved(s: Any) -> list[Any]:
    ops = [op for effect in s.effects if isinstance(effect, Save) for op in effect.ops]
    return [op for op in ops if op.kind == "callback"]


def test_an_address_is_saved_when_it_changes_and_the_change_recorded(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.STATION,))
    s.raw(Side.STATION, HEARTBEAT % 1, sender="http://192.0.2.1/cp")
    s.raw(Side.STATION, HEARTBEAT % 2, sender="http://192.0.2.1/cp")
    s.raw(Side.STATION, HEARTBEAT % 3)
    assert saved(s) == [Put("callback", "", b'"http://192.0.2.1/cp"')]
    s.raw(Side.STATION, HEARTBEAT % 4, sender="")
    assert saved(s)[1:] == [Drop("callback", "")]
    changes = [r.text for r in s.records() if r.outcome == "callback_changed"]
    assert changes == ["unknown -> http://192.0.2.1/cp", "http://192.0.2.1/cp -> unknown"]
