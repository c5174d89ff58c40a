"""The clock."""

import time

from gateway.io.clock import utc_clock


def test_it_shows_utc():
    before = time.time()
    shown = utc_clock()()
    assert before - 1 <= shown <= time.time() + 1


def test_a_step_of_the_wall_clock_does_not_move_it(monkeypatch):
    clock = utc_clock()
    before = clock()
    monkeypatch.setattr(time, "time", lambda: before + 2 * 86400)
    assert before <= clock() < before + 60
