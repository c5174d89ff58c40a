"""TransactionEvents as durable entries: which refusals a repeat may mend, what happens to numbers.

The failure rules as conversations: tests/conversations/B-*.json.
"""

import pytest

from gateway.core.dialects import ERROR_CODES
from gateway.core.frames import CallError
from gateway.core.session.procedures.transaction_events import is_permanent
from gateway.core.session.requests import Outcome, Reply

RETRYABLE = {"InternalError", "GenericError", "RpcFrameworkError"}


@pytest.mark.parametrize("code", sorted(ERROR_CODES))
def test_only_three_refusals_are_worth_a_repeat(code: str) -> None:
    reply = Reply(Outcome.ERROR, {}, CallError("1", code, "", {}))
    assert is_permanent(reply) is (code not in RETRYABLE)


@pytest.mark.parametrize("outcome", [Outcome.RESULT, Outcome.INVALID])
def test_what_is_no_refusal_is_not_permanent(outcome: Outcome) -> None:
    assert not is_permanent(Reply(outcome, {}))
