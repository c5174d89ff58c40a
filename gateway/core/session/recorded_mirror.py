"""A call of the target version, served by the answer that the log has in the source version.

The opposite direction of a recorded call whose answer is more than rows: the procedure that would
serve the call live is run, and what it asks of the other peer is answered from the log.
"""

from collections.abc import Hashable, Iterable

from gateway.core.dialects import Side
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.requests import Answer, Ask, Await, Outcome, Procedure, Reply

MOST_STEPS = 1000
"""A procedure that never ends must not run on."""

_NO_REPLY = Reply(Outcome.NONE, {})
_REPORT = "report"
"""First member of the topic of a report."""


class Mirror:
    """side: who calls in the target version; action: the logged call's, in the source version.

    logged: its answer; given: parts of a report that the log has besides.
    answer: what the procedure answered; parts: calls (action, payload) that it sent to the caller.
    """

    def __init__(
        self,
        desk: Desk,
        side: Side,
        action: str,
        logged: JsonObject,
        given: Iterable[JsonObject] = (),
    ) -> None:
        self._desk = desk
        self._side = side
        self._action = action
        self._logged = logged
        self._given = iter(given)
        self._told: dict[Hashable, Reply] = {}
        self.answer: JsonObject | None = None
        self.parts: list[tuple[str, JsonObject]] = []

    def run(self, procedure: Procedure) -> None:
        """Raises what the procedure raises. What was queued before is no business of its."""
        queued = [(ledger.queue, ledger.queue.copy()) for ledger in self._desk.ledgers.values()]
        for queue, _ in queued:
            queue.clear()
        try:
            self._serve(procedure)
        finally:
            for queue, before in queued:
                queue[:0] = before

    def _serve(self, procedure: Procedure) -> None:
        value: object = None
        for _ in range(MOST_STEPS):
            try:
                request = procedure.send(value)
            except StopIteration:
                break
            value = None
            if isinstance(request, Ask):
                value = self._asked(request.side, request.action, request.payload)
            elif isinstance(request, Await):
                value = self._awaited(request.topic)
            elif isinstance(request, Answer) and self.answer is None:
                self.answer = request.payload
        procedure.close()
        self._flush()

    def _awaited(self, topic: Hashable) -> object:
        self._flush()
        for told, value in self._desk.take_published():
            if told == topic:
                return value
        of_report = isinstance(topic, tuple) and topic[0] == _REPORT
        return next(self._given, None) if of_report else None

    def _flush(self) -> None:
        """Answer what was posted to the other peer; what goes to the caller is a part."""
        for side, ledger in self._desk.ledgers.items():
            calls, ledger.queue[:] = list(ledger.queue), []
            for outgoing in calls:
                reply = self._asked(side, outgoing.action, outgoing.payload)
                if outgoing.settled is not None:
                    outgoing.settled(reply)

    def _asked(self, side: Side, action: str, payload: JsonObject) -> Reply:
        if side is self._side:
            self.parts.append((action, payload))
            return Reply(Outcome.RESULT, {})
        if action == self._action:
            return Reply(Outcome.RESULT, self._logged)
        return _NO_REPLY
