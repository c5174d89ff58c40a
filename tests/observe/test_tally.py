"""What is lost and repaired is counted by station and group."""

from gateway.observe.tally import Tally


def test_names_are_counted_and_can_be_read_per_station():
    tally = Tally()
    tally.note("A", "Authorize", ("certificate", "idToken.type"))
    tally.note("A", "Authorize", ("certificate",))
    tally.note("A", "Reset", ("evseId",))
    tally.note("B", "Authorize", ("certificate",))
    assert tally.of("A") == {
        "Authorize": {"certificate": 2, "idToken.type": 1},
        "Reset": {"evseId": 1},
    }
    assert tally.of("C") == {}
    assert tally.stations() == ("A", "B")
