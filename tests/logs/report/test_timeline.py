"""Counts over a time that nobody knows the length of beforehand."""

from itertools import permutations

from gateway.logs.report.timeline import MOST_ACTIONS, OTHERS, SPANS, Timeline, cells


def timeline(*moments, detailed=True):
    line = Timeline()
    for seconds, action, severity in moments:
        line.note(seconds, action, severity, detailed=detailed)
    return line


def test_spans_are_seconds_at_first():
    line = timeline((100.2, "A", 0), (100.9, "A", 0), (103.0, "B", 3))
    assert line.width == 1
    assert cells(line.all, 100) == [(0, 2, 0), (3, 1, 3)]
    assert cells(line.actions["B"], 100) == [(3, 1, 3)]


def test_spans_get_wider_with_the_time_that_there_is():
    line = timeline(*((n * 60.0, "A", n % 4) for n in range(1000)))
    assert line.width == 1024
    assert len(line.all) <= SPANS
    assert sum(count for _, count, _ in cells(line.all, 0)) == 1000
    assert {severity for _, _, severity in cells(line.all, 0)} == {3}


def test_the_order_of_the_input_does_not_matter():
    moments = [(5.0, "A", 1), (-4000.0, "B", 2), (90_000.0, "A", 0), (6.0, "C", 3)]
    found = {
        (line.width, *cells(line.all, 0))
        for line in (timeline(*order) for order in permutations(moments))
    }
    assert len(found) == 1


def test_a_jump_over_centuries_is_a_few_steps():
    line = timeline((0.0, "A", 0), (2e11, "A", 0))
    assert len(line.all) == 2


def test_actions_beyond_a_number_are_counted_together():
    line = timeline(*((1.0, f"A{n}", 0) for n in range(MOST_ACTIONS + 5)))
    assert len(line.actions) == MOST_ACTIONS + 1
    assert cells(line.actions[OTHERS], 1) == [(0, 5, 0)]


def test_without_details_there_is_one_line():
    line = timeline((1.0, "A", 0), detailed=False)
    assert line.actions == {}
    assert line.all
