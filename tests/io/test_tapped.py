"""A tapped session is the same session, and somebody hears it."""

from gateway.core.dialects import Leg, Side, Version
from gateway.core.session.effects import Close, Message, Send
from gateway.io.tapped import Tapped
from tests.io.rig import RelaySession

STATION = Leg(Side.STATION, Version.V16, 0.0)
CSMS = Leg(Side.CSMS, Version.V201, 0.0)


class Waking(RelaySession):
    """Says something to each leg when it is woken."""

    def tick(self, now):
        super().tick(now)
        return [Send(side, b"late") for side in Side]


def tapped(session):
    heard = []
    return Tapped(session, "CP1", heard.append), heard


def told(heard):
    return [(h.leg.side, h.sender, h.data, h.now) for h in heard]


def test_what_comes_in_and_what_goes_out_is_heard_on_its_leg():
    session, heard = tapped(RelaySession())
    session.leg_up(STATION, 1.0)
    session.leg_up(CSMS, 2.0)
    assert session.receive(Side.STATION, Message(b"x"), 3.0) == [Send(Side.CSMS, b"x")]
    assert told(heard) == [
        (Side.STATION, Side.STATION, b"x", 3.0),
        (Side.CSMS, Side.STATION, b"x", 3.0),
    ]
    assert {h.station for h in heard} == {"CP1"}


def test_what_a_deadline_brings_is_heard_too():
    session, heard = tapped(Waking())
    session.leg_up(STATION, 1.0)
    session.tick(5.0)
    assert told(heard) == [(Side.STATION, Side.CSMS, b"late", 5.0)]


def test_all_else_is_the_sessions_own():
    inner = RelaySession()
    session, _ = tapped(inner)
    inner.next_deadline = 7.0
    inner.busy = True
    inner.refuses = {Side.CSMS}
    assert session.next_deadline == 7.0
    assert (session.idle, session.charging(1)) == (False, False)
    assert (session.accepting(Side.STATION), session.accepting(Side.CSMS)) == (True, False)
    session.leg_up(STATION, 1.0)
    session.leg_up(CSMS, 1.0)
    assert session.leg_down(Side.STATION, 2.0) == [Close(Side.CSMS, 1000, "station gone")]
    assert inner.heard == [("up", Side.STATION), ("up", Side.CSMS), ("down", Side.STATION)]
