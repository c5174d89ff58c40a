"""A bounded, fair selection that is the same for the whole and for its parts."""

from gateway.logs.report.seats import Plan, Seats

PLAN = Plan(first=2, each=2, most_each=3, most_station=2)


def taken(things, plan=PLAN):
    seats = Seats(plan)
    return [n for n, thing in enumerate(things) if seats.take(*thing)]


def test_the_first_are_taken_whatever_they_are():
    assert taken([("A", "Boot", ("",))] * 9) == [0, 1]


def test_then_the_first_of_every_action_and_reason():
    things = [("A", "Boot", ("",))] * 2 + [("A", "Boot", ("type",))] * 5
    assert taken(things) == [0, 1, 2, 3]


def test_then_one_of_every_station_until_there_is_no_room():
    things = [(name, "Boot", ("",)) for name in "ABCDEFG"]
    assert taken(things) == [0, 1, 2, 3]


def test_a_rare_reason_finds_a_seat_among_many_common_ones():
    things = [("A", "Boot", ("",))] * 50 + [("A", "Boot", ("", "enum"))]
    assert taken(things) == [0, 1, 50]


def test_what_many_things_take_is_bounded():
    things = [(f"S{n}", f"A{n}", (f"r{n}",)) for n in range(100)]
    assert len(taken(things)) == PLAN.most == 7


def test_a_selection_of_the_stations_selections_is_that_of_the_whole():
    things = [(f"S{n * 7 % 11}", f"A{n % 3}", (f"r{n * n % 5}", f"q{n % 13}")) for n in range(400)]
    plan = Plan(first=9, each=2, most_each=15, most_station=20)
    parts = [[t for t in things if int(t[0][1:]) % 3 == share] for share in range(3)]
    kept = {id(part[n]) for part in parts for n in taken(part, plan)}
    whole = [things[n] for n in taken(things, plan)]
    first = [t for t in things if id(t) in kept]
    assert [first[n] for n in taken(first, plan)] == whole
    assert len(first) < len(things)


def test_a_plan_tells_itself():
    assert PLAN.told("frames") == (
        "the first 2 frames, the first 2 of every action and finding, "
        "and the first of every station, action and finding"
    )
