"""The three frames of OCPP-J, the only shapes on any wire.

Tuples rather than dataclasses: a frame is made for every message that passes, and a NamedTuple is
built in a third of the time of a frozen dataclass.
"""

from typing import Any, NamedTuple

JsonObject = dict[str, Any]


class Call(NamedTuple):
    """A request. Spec: OCPP-J 1.6, 4.2.1; OCPP 2.0.1 Part 4, 4.2.1."""

    message_id: str
    action: str
    payload: JsonObject


class CallResult(NamedTuple):
    """The answer to the Call of the same message id. Spec: OCPP-J 1.6 and 2.0.1, 4.2.2."""

    message_id: str
    payload: JsonObject


class CallError(NamedTuple):
    """The refusal of the Call of the same message id.

    code: as the peer's version spells it on the wire, the 2.0.1 spelling everywhere inside.
    spelled: the code as the peer wrote it, where that differs.
    Spec: OCPP-J 1.6, 4.2.3; OCPP 2.0.1 Part 4, 4.2.3.
    """

    message_id: str
    code: str
    description: str
    details: JsonObject
    spelled: str = ""


Frame = Call | CallResult | CallError
