"""Token buckets."""

from gateway.io.rate import Rate


def test_a_burst_is_free_and_what_follows_is_paid_for():
    rate = Rate(per_s=10, burst=3)
    assert [rate.take(100.0) for _ in range(3)] == [0, 0, 0]
    assert round(rate.take(100.0), 6) == 0.1
    assert round(rate.take(100.0), 6) == 0.2
    assert round(rate.take(100.2), 6) == 0.1


def test_rest_fills_the_bucket_but_not_beyond_its_size():
    rate = Rate(per_s=10, burst=3)
    for _ in range(4):
        rate.take(0.0)
    assert [rate.take(1000.0) for _ in range(3)] == [0, 0, 0]
    assert rate.take(1000.0) > 0


def test_trying_costs_nothing_when_it_fails():
    rate = Rate(per_s=1, burst=1)
    assert rate.try_take(0.0)
    assert [rate.try_take(0.5) for _ in range(5)] == [False] * 5
    assert rate.try_take(1.0)


def test_many_tokens_at_once():
    rate = Rate(per_s=1000, burst=4000)
    assert rate.take(0.0, 4000) == 0
    assert rate.take(0.0, 500) == 0.5


def test_a_burst_is_whole_at_the_size_that_real_clocks_show():
    now = 1_760_000_000.123
    rate = Rate(per_s=3, burst=3)
    assert [rate.try_take(now) for _ in range(4)] == [True, True, True, False]
    assert Rate(per_s=3, burst=3).take(now, 3) == 0
