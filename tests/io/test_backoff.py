"""How long to wait before the next try."""

from gateway.io.backoff import full_jitter, retry_after


def test_the_wait_may_double_up_to_a_limit():
    longest = [full_jitter(n, 1, 60, lambda _low, high: high) for n in range(9)]
    assert longest == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert full_jitter(10_000, 1, 60, lambda _low, high: high) == 60


def test_the_wait_may_be_nothing():
    assert {full_jitter(n, 1, 60, lambda low, _high: low) for n in range(9)} == {0}


def test_retry_after_is_a_few_whole_seconds():
    assert {int(retry_after()) for _ in range(200)} <= set(range(1, 16))
