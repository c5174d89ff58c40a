"""What was lost is counted by station, action and field."""

from gateway.observe.losses import LossCounter


def test_losses_are_counted_and_can_be_read_per_station():
    counter = LossCounter()
    counter.note("A", "Authorize", ("certificate", "idToken.type"))
    counter.note("A", "Authorize", ("certificate",))
    counter.note("B", "Authorize", ("certificate",))
    assert counter.of("A") == {("Authorize", "certificate"): 2, ("Authorize", "idToken.type"): 1}
    assert counter.of("C") == {}
    assert counter.total() == {
        ("Authorize", "certificate"): 3,
        ("Authorize", "idToken.type"): 1,
    }
