"""Sessions as scripts: a line for what happens, a line for what must come out."""

from dataclasses import replace
from itertools import count
from typing import Any

import orjson
import pytest

from gateway.core.dialects import Encoding, Leg, Side, Version
from gateway.core.session.desk import Revision
from gateway.core.session.effects import (
    Close,
    Effect,
    Message,
    NoAnswer,
    Record,
    Save,
    Send,
)
from gateway.core.session.preset import loaded_from
from gateway.core.session.session import TranslationSession
from gateway.core.settings import SessionSettings, Translation

OPENED = 1735689600.0
OVER_SOAP = {
    "encoding": Encoding.SOAP,
    "integer_bits": 32,
    "security_extension": False,
    "lacks": frozenset({"SecurityEventNotification", "SignCertificate", "InstallCertificate"}),
}


class Script:
    """Drives one session by hand; the clock moves only when told to."""

    def __init__(
        self,
        revision: Revision,
        station: Version = Version.V201,
        csms: Version = Version.V16,
        preset: dict[str, Any] | None = None,
        transparent: bool = False,
        soap: tuple[Side, ...] = (),
        **settings: Any,
    ) -> None:
        translation = Translation.model_validate(settings.pop("translation", {}))
        config = SessionSettings(translation=translation, **settings)
        loaded = loaded_from(preset or {}, station, translation, OPENED)
        ids = (f"g{number}" for number in count(1))
        self.now = OPENED
        self.effects: list[Effect] = []
        self.session = TranslationSession("CP1", 1, loaded, ids, revision, config)
        self._legs = {
            Side.STATION: Leg(Side.STATION, station, OPENED, transparent=transparent),
            Side.CSMS: Leg(Side.CSMS, csms, OPENED, transparent=transparent),
        }
        for side in soap:
            self._legs[side] = replace(self._legs[side], **OVER_SOAP)
        self.up(Side.CSMS)
        self.up(Side.STATION)
        self.effects.clear()

    def up(self, side: Side) -> None:
        self._take(self.session.leg_up(self._legs[side], self.now))

    def down(self, side: Side) -> None:
        self._take(self.session.leg_down(side, self.now))

    def station(self, *frame: Any) -> None:
        self.raw(Side.STATION, orjson.dumps(frame))

    def heartbeat(self) -> str:
        """The station sends a Heartbeat, s1; the id that its call has at the CSMS."""
        self.station(2, "s1", "Heartbeat", {})
        ((_, message_id, action, payload),) = self.sent(Side.CSMS)
        assert (action, payload) == ("Heartbeat", {})
        return str(message_id)

    def csms(self, *frame: Any) -> None:
        self.raw(Side.CSMS, orjson.dumps(frame))

    def raw(
        self,
        side: Side,
        data: bytes,
        sender: str | None = None,
        handle: Any = "request",
        unanswered: bool = False,
    ) -> None:
        message = Message(data, sender=sender, handle=handle, unanswered=unanswered)
        self._take(self.session.receive(side, message, self.now))

    def after(self, seconds: float) -> None:
        """Let time pass, waking the session at each of its deadlines."""
        until = self.now + seconds
        while (deadline := self.session.next_deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self._take(self.session.tick(self.now))
        self.now = until

    def sent(self, side: Side) -> list[Any]:
        """Frames sent to that side since the last look."""
        frames = [
            orjson.loads(e.data) for e in self.effects if isinstance(e, Send) and e.side is side
        ]
        self.effects = [e for e in self.effects if not (isinstance(e, Send) and e.side is side)]
        return frames

    def closes(self) -> list[tuple[Side, int]]:
        return [(e.side, e.code) for e in self.effects if isinstance(e, Close)]

    def unanswered(self) -> list[Side]:
        return [e.side for e in self.effects if isinstance(e, NoAnswer)]

    def records(self) -> list[Record]:
        return [e for e in self.effects if isinstance(e, Record)]

    def outcomes(self) -> list[str]:
        return [e.outcome for e in self.effects if isinstance(e, Record)]

    def shape(self) -> list[str]:
        """Kinds of the effects in order, records left out."""
        return [
            f"{type(e).__name__} {e.side}" if not isinstance(e, Save) else "Save"
            for e in self.effects
            if not isinstance(e, Record)
        ]

    def _take(self, effects: list[Effect]) -> None:
        self.effects.extend(effects)


@pytest.fixture
def script(revision: Revision) -> Any:
    """Makes a Script; keyword arguments are those of Script, the revision as it is shipped."""
    return lambda **members: Script(**{"revision": revision, **members})
