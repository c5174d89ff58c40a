"""How much one station may send."""

from gateway.io.flow import FLOOD_S, Flow, FlowLimits

LIMITS = FlowLimits(messages_per_s=10, messages_burst=5, bytes_per_s=1000)


def test_a_burst_passes_and_more_is_held_back_for_what_it_owes():
    flow = Flow(LIMITS)
    assert [flow.over(10, 0.0) for _ in range(5)] == [False] * 5
    assert flow.over(10, 0.0)
    assert round(flow.debt_s, 6) == 0.1


def test_bytes_count_as_well_as_messages():
    flow = Flow(LIMITS)
    assert not flow.over(4000, 0.0)
    assert flow.over(500, 0.0)
    assert flow.debt_s == 0.5


def test_only_a_station_that_goes_on_sending_while_held_back_floods():
    flow = Flow(LIMITS)
    assert not flow.floods(100, 0.0)
    assert not flow.floods(100, FLOOD_S)
    assert flow.floods(100, FLOOD_S + 1)


def test_a_station_that_waits_for_its_answers_never_floods():
    flow = Flow(LIMITS)
    for second in range(100):
        assert not flow.floods(100 if second % 5 else 0, float(second))
