"""An exchange on record that is one call and its answer in both versions: no run is needed.

The rules are those of the procedure `relay` and of the run (`recorded_run.py`). Only the plain case
is taken: a call and an answer that their maps express, as their schemas say. All else is left as it
was, for the run to see to.
"""

from typing import Any, NamedTuple

from gateway.core.dialects import Side
from gateway.core.errors import Untranslatable
from gateway.core.frames import Call, CallResult, JsonObject
from gateway.core.mapping.model import Direction, Translator
from gateway.core.schema.catalog import Check
from gateway.core.session.bindings import Bindings
from gateway.core.session.recorded_exchange import Made, Recorded

RELAY = "relay"
"""The procedure whose calls are taken."""

_NOTHING: dict[str, Any] = {}
_new = tuple.__new__


class RelayWay(NamedTuple):
    """The way of one action. rows: what makes the answer of the logged one, None: it is empty.

    accepts, answers: whether call and answer are what the target version says.
    """

    direction: Direction
    request: Translator
    rows: Translator | None
    accepts: Check
    answers: Check

    def take(
        self, bindings: Bindings, side: Side, call: Call, logged: JsonObject, done: Recorded
    ) -> bool:
        """Put out a call with its logged answer; False: this is not the plain case."""
        direction, request, rows, accepts, answers = self
        message_id, _, payload = call
        lost: list[str] = []
        lost_back: list[str] = []
        try:
            made = request(payload, bindings, _NOTHING, lost)
            if rows is not None:
                answer = rows(logged, bindings, {"request": made}, lost_back)
            elif logged:
                return False
            else:
                answer = {}
            if not (accepts(made) and answers(answer)):
                return False
            if direction.response is not None:
                direction.response(answer, bindings, {"request": payload}, lost)
        except (Untranslatable, KeyError):
            return False
        new = _new(Call, (message_id, direction.action, made))
        result = _new(CallResult, (message_id, answer))
        done.made.append(Made(side, new, result))
        done.losses = (*lost, *lost_back)
        return True
