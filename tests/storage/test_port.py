"""The storage contract, for every engine."""

import asyncio
from typing import Any

import pytest

from gateway.core.errors import Fenced
from gateway.core.session.effects import Ack, Append, Drop, Op, Put, Update
from gateway.core.session.state import Loaded
from gateway.storage.port import TX_MAP, BadSave, Binding, Line, Owner, Store, StoreFull, Summary
from tests.storage.conftest import NOON, Clock, OpenStore

START = Append(1, "tx/start", "StartTransaction", b'{"n":1}')


async def taken(store: Store, station: str = "CP1", replica: str = "r1") -> int:
    epoch = await store.acquire(station, replica)
    assert epoch is not None
    return epoch


async def everything(store: Store, station: str, epoch: int) -> tuple[Any, ...]:
    return await store.load(station, epoch), await store.totals(), await store.stations()


# -- epochs -----------------------------------------------------------------------------------


async def test_epochs_rise_with_each_grant_and_are_counted_per_station(store: Store) -> None:
    assert [await store.acquire("CP1", "r1") for _ in range(3)] == [1, 2, 3]
    assert await store.acquire("CP2", "r1") == 1


async def test_a_living_replica_keeps_its_station_unless_forced(store: Store) -> None:
    epoch = await taken(store)
    await store.heartbeat("r2")
    assert await store.acquire("CP1", "r2") is None
    await store.put("CP1", epoch, "k", "a", b"1")
    assert await store.acquire("CP1", "r2", force=True) == epoch + 1
    with pytest.raises(Fenced):
        await store.put("CP1", epoch, "k", "a", b"2")


async def test_a_replica_unheard_of_for_dead_after_s_loses_its_stations(
    store: Store, clock: Clock
) -> None:
    epoch = await taken(store)
    await store.heartbeat("r2")
    clock.now += 11.9
    assert await store.acquire("CP1", "r2") is None
    clock.now += 0.1
    assert await store.acquire("CP1", "r2") == epoch + 1


async def test_a_replica_that_is_heard_of_again_keeps_its_stations(
    store: Store, clock: Clock
) -> None:
    await taken(store)
    clock.now += 11
    await store.heartbeat("r1")
    clock.now += 11
    assert await store.acquire("CP1", "r2") is None


async def test_a_released_station_is_free_and_its_epoch_stale(store: Store) -> None:
    epoch = await taken(store)
    await store.release("CP1", epoch)
    assert await store.owner("CP1") is None
    with pytest.raises(Fenced):
        await store.put("CP1", epoch, "k", "a", b"1")
    assert await store.acquire("CP1", "r2") == epoch + 1


async def test_the_owner_is_known_with_the_address_it_gave(store: Store) -> None:
    assert await store.owner("CP1") is None
    epoch = await taken(store)
    assert await store.owner("CP1") == Owner("r1", "http://r1", epoch)


SAVE = (Put("k", "a", b"2"), Append(2, "tx/stop", "StopTransaction", b"{}"))
STALE_CALLS = {
    "commit": lambda store, epoch: store.commit("CP1", epoch, SAVE),
    "append": lambda store, epoch: store.append("CP1", epoch, "tx/stop", "Stop", b"{}"),
    "ack": lambda store, epoch: store.ack("CP1", epoch, 1),
    "put": lambda store, epoch: store.put("CP1", epoch, "k", "a", b"2"),
    "drop": lambda store, epoch: store.drop("CP1", epoch, "k", "a"),
    "map_tx": lambda store, epoch: store.map_tx("CP1", epoch, "t", "7", "active"),
    "release": lambda store, epoch: store.release("CP1", epoch),
    "load": lambda store, epoch: store.load("CP1", epoch),
}


@pytest.mark.parametrize("verb", STALE_CALLS)
@pytest.mark.parametrize("offset", [-1, 1])
async def test_a_call_with_another_epoch_is_fenced_and_changes_nothing(
    store: Store, verb: str, offset: int
) -> None:
    await taken(store)
    epoch = await taken(store)
    await store.commit("CP1", epoch, (Put("k", "a", b"1"), START))
    before = await everything(store, "CP1", epoch)
    with pytest.raises(Fenced):
        await STALE_CALLS[verb](store, epoch + offset)
    assert await everything(store, "CP1", epoch) == before


async def test_a_station_that_nobody_acquired_is_fenced(store: Store) -> None:
    with pytest.raises(Fenced):
        await store.put("CP9", 1, "k", "a", b"1")
    assert await store.bindings("CP9") == ()


# -- bindings ---------------------------------------------------------------------------------


async def test_bindings_come_back_in_the_order_of_first_writing(store: Store) -> None:
    epoch = await taken(store)
    for key in ("b", "a", "c"):
        await store.put("CP1", epoch, "k", key, b"1")
    await store.put("CP1", epoch, "k", "b", b"2")
    expected = (("k", "b", b"2"), ("k", "a", b"1"), ("k", "c", b"1"))
    assert await store.bindings("CP1") == expected
    assert await store.load("CP1", epoch) == Loaded(expected, ())


async def test_a_binding_dropped_and_put_again_moves_to_the_end(store: Store) -> None:
    epoch = await taken(store)
    await store.commit("CP1", epoch, (Put("k", "a", b"1"), Put("k", "b", b"1")))
    await store.commit("CP1", epoch, (Drop("k", "a"), Put("k", "a", b"2")))
    assert await store.bindings("CP1") == (("k", "b", b"1"), ("k", "a", b"2"))


async def test_the_last_op_on_a_binding_counts(store: Store) -> None:
    epoch = await taken(store)
    ops = (Put("k", "a", b"1"), Drop("k", "a"), Put("k", "b", b"1"), Put("k", "b", b"2"))
    await store.commit("CP1", epoch, ops)
    assert await store.bindings("CP1") == (("k", "b", b"2"),)


async def test_stations_do_not_see_each_other(store: Store) -> None:
    one, two = await taken(store, "CP1"), await taken(store, "CP2")
    await store.commit("CP1", one, (Put("k", "a", b"1"), START))
    await store.commit("CP2", two, (Put("k", "a", b"2"), START, Drop("k", "b")))
    await store.drop("CP1", one, "k", "a")
    await store.ack("CP1", one, 1)
    assert await store.load("CP1", one) == Loaded()
    assert await store.load("CP2", two) == Loaded((("k", "a", b"2"),), ((1, START.value),))


async def test_odd_names_and_values_come_back_as_they_went(store: Store) -> None:
    station, key, value = "Ladesäule '1'; --", '" \N{SNOWMAN}\x00%', bytes(range(256)) * 40
    epoch = await taken(store, station)
    await store.put(station, epoch, "k", key, value)
    assert await store.bindings(station) == (("k", key, value),)


async def test_map_tx_is_a_binding(store: Store) -> None:
    epoch = await taken(store)
    await store.map_tx("CP1", epoch, "t1", "7", "active")
    expected = b'{"csms_tx":"7","state":"active"}'
    assert await store.bindings("CP1") == ((TX_MAP, "t1", expected),)


async def test_each_goes_through_one_kind_over_all_stations(store: Store) -> None:
    stations = [f"CP{number:04}" for number in range(600)]
    for station in reversed(stations):
        epoch = await taken(store, station)
        await store.commit(station, epoch, (Put("t", "b", b"2"), Put("t", "a", b"1")))
        await store.put(station, epoch, "other", "a", b"0")
    expected = [Binding(s, "t", k, v) for s in stations for k, v in (("a", b"1"), ("b", b"2"))]
    assert [binding async for binding in store.each("t")] == expected


# -- outbox -----------------------------------------------------------------------------------


async def test_unfinished_rows_come_back_in_order_of_seq(store: Store) -> None:
    epoch = await taken(store)
    for seq in (1, 2, 5):
        await store.commit("CP1", epoch, (Append(seq, f"key{seq}", "A", b"%d" % seq),))
    assert await store.head("CP1") == (1, b"1")
    await store.ack("CP1", epoch, 1)
    await store.commit("CP1", epoch, (Update(2, b"two"),))
    assert await store.head("CP1") == (2, b"two")
    assert (await store.load("CP1", epoch)).outbox == ((2, b"two"), (5, b"5"))


async def test_no_head_without_unfinished_rows(store: Store) -> None:
    assert await store.head("CP1") is None
    epoch = await taken(store)
    await store.commit("CP1", epoch, (START, Ack(1)))
    assert await store.head("CP1") is None


async def test_append_numbers_rows_behind_all_earlier_ones(store: Store) -> None:
    epoch = await taken(store)
    await store.commit("CP1", epoch, (Append(41, "key", "A", b"1"), Ack(41)))
    assert await store.append("CP1", epoch, "next", "A", b"2") == 42
    assert await store.append("CP1", epoch, "other", "A", b"3") == 43
    assert (await store.load("CP1", epoch)).outbox == ((42, b"2"), (43, b"3"))


async def test_ops_of_one_save_act_in_order(store: Store) -> None:
    epoch = await taken(store)
    again = Append(2, START.dedupe_key, "StartTransaction", b"again")
    await store.commit("CP1", epoch, (Update(1, b"too soon"), START, Update(1, b"sent"), Ack(1)))
    await store.commit("CP1", epoch, (again, Ack(3), Update(2, b"sent again")))
    assert await store.load("CP1", epoch) == Loaded((), ((2, b"sent again"),))
    totals = await store.totals()
    assert totals[:4] == (2, 1, 1, 0)


async def test_update_and_ack_of_a_finished_or_unknown_row_do_nothing(store: Store) -> None:
    epoch = await taken(store)
    await store.commit("CP1", epoch, (START,))
    await store.ack("CP1", epoch, 1)
    before = await everything(store, "CP1", epoch)
    await store.commit("CP1", epoch, (Ack(1, dead=True), Ack(1), Update(1, b"late"), Ack(7)))
    assert await everything(store, "CP1", epoch) == before


REFUSED = {
    "seq repeated": Append(2, "other", "A", b"x"),
    "seq below": Append(1, "other", "A", b"x"),
    "key still open": Append(3, "tx/stop", "A", b"x"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_contradictory_save_changes_nothing(store: Store, case: str) -> None:
    epoch = await taken(store)
    stop = Append(2, "tx/stop", "StopTransaction", b"{}")
    await store.commit("CP1", epoch, (Put("k", "a", b"1"), START, stop))
    before = await everything(store, "CP1", epoch)
    ops = (Put("k", "a", b"2"), Drop("k", "a"), Ack(1), Update(2, b"longer"), REFUSED[case])
    with pytest.raises(BadSave):
        await store.commit("CP1", epoch, ops)
    assert await everything(store, "CP1", epoch) == before
    await store.commit("CP1", epoch, (Append(3, "third", "A", b"x"), Ack(1)))
    assert [seq for seq, _ in (await store.load("CP1", epoch)).outbox] == [2, 3]


async def test_accepted_rows_are_delivered_pending_or_dead(store: Store, clock: Clock) -> None:
    one, two = await taken(store, "CP1"), await taken(store, "CP2")
    for seq in range(1, 6):
        await store.commit("CP1", one, (Append(seq, f"key{seq}", "A", b"12345"),))
        await store.commit("CP2", two, (Append(seq, f"key{seq}", "A", b"12345"),))
    await store.commit("CP1", one, (Ack(1), Ack(2), Ack(3, dead=True), Update(4, b"123")))
    await store.ack("CP2", two, 5, dead=True)
    totals = await store.totals()
    assert totals == (10, 2, 6, 2, 28)
    assert totals.balanced
    clock.now += 86400
    await store.purge(clock.now)
    assert await store.totals() == totals


async def test_stations_are_listed_with_what_is_kept_of_them(store: Store) -> None:
    await taken(store, "CP2")
    epoch = await taken(store, "CP2")
    await store.commit("CP2", epoch, (START, Put("k", "a", b"1"), Put("k", "b", b"1")))
    dead = (Append(2, "x", "A", b""), Append(3, "y", "A", b""), Ack(2, dead=True), Ack(3))
    await store.commit("CP2", epoch, dead)
    released = await taken(store, "CP1")
    await store.release("CP1", released)
    assert await store.stations() == (
        Summary("CP1", None, 1, bindings=0, pending=0, dead_letter=0),
        Summary("CP2", "r1", 2, bindings=2, pending=1, dead_letter=1),
    )


# -- caps -------------------------------------------------------------------------------------


async def test_a_full_station_takes_no_further_row_and_others_do(
    url: str, opened: OpenStore
) -> None:
    store = opened(url, outbox_rows_per_station=2)
    one, two = await taken(store, "CP1"), await taken(store, "CP2")
    rows = [Append(seq, f"key{seq}", "A", b"x") for seq in range(1, 5)]
    await store.commit("CP1", one, (rows[0], rows[1]))
    before = await everything(store, "CP1", one)
    with pytest.raises(StoreFull, match="outbox_rows_per_station"):
        await store.commit("CP1", one, (Put("k", "a", b"1"), rows[2]))
    assert await everything(store, "CP1", one) == before
    await store.commit("CP2", two, (rows[0],))
    await store.commit("CP1", one, (rows[2], Ack(1)))
    await store.commit("CP1", one, (Ack(2), rows[3]))
    assert [seq for seq, _ in (await store.load("CP1", one)).outbox] == [3, 4]


async def test_all_stations_share_the_cap_on_bytes(url: str, opened: OpenStore) -> None:
    store = opened(url, outbox_bytes=100)
    one, two = await taken(store, "CP1"), await taken(store, "CP2")
    await store.commit("CP1", one, (Append(1, "a", "A", bytes(60)),))
    with pytest.raises(StoreFull, match="outbox_bytes"):
        await store.commit("CP2", two, (Append(1, "a", "A", bytes(41)),))
    await store.commit("CP2", two, (Append(1, "a", "A", bytes(40)), Put("k", "a", bytes(999))))
    with pytest.raises(StoreFull):
        await store.append("CP1", one, "b", "A", b"1")
    await store.ack("CP1", one, 1)
    assert await store.append("CP1", one, "b", "A", b"1") == 2


async def test_what_only_finishes_or_replaces_rows_is_never_full(
    url: str, opened: OpenStore
) -> None:
    store = opened(url, outbox_bytes=10, outbox_rows_per_station=1)
    epoch = await taken(store)
    await store.commit("CP1", epoch, (Append(1, "a", "A", bytes(10)),))
    await store.commit("CP1", epoch, (Update(1, bytes(50)), Put("k", "a", b"1")))
    with pytest.raises(StoreFull):
        await store.append("CP1", epoch, "b", "A", b"")
    await store.commit("CP1", epoch, (Append(2, "b", "A", bytes(5)), Ack(1)))
    assert (await store.load("CP1", epoch)).outbox == ((2, bytes(5)),)


# -- purge and journal ------------------------------------------------------------------------


async def test_delivered_rows_go_when_they_are_old_and_the_others_stay(
    url: str, opened: OpenStore, clock: Clock
) -> None:
    store = opened(url, keep_done_s=100)
    epoch = await taken(store)
    for seq in range(1, 1205):
        await store.commit("CP1", epoch, (Append(seq, f"key{seq}", "A", b"x"),))
    done: tuple[Op, ...] = tuple(Ack(seq) for seq in range(1, 1202))
    await store.commit("CP1", epoch, (*done, Ack(1202, dead=True)))
    clock.now += 50
    await store.ack("CP1", epoch, 1203)
    assert await store.purge(NOON + 99.9) == 0
    assert await store.purge(NOON + 100) == 1201
    assert await store.purge(NOON + 100) == 0
    assert await store.totals() == (1204, 1202, 1, 1, 1)
    assert (await store.load("CP1", epoch)).outbox == ((1204, b"x"),)


async def test_the_seq_of_a_purged_row_is_never_given_again(
    url: str, opened: OpenStore, clock: Clock
) -> None:
    store = opened(url, keep_done_s=0)
    epoch = await taken(store)
    await store.commit("CP1", epoch, (Append(9, "a", "A", b"x"), Ack(9)))
    assert await store.purge(clock.now) == 1
    with pytest.raises(BadSave):
        await store.commit("CP1", epoch, (Append(9, "b", "A", b"x"),))
    assert await store.append("CP1", epoch, "b", "A", b"x") == 10


async def test_the_journal_gives_the_newest_lines_and_forgets_old_ones(
    url: str, opened: OpenStore, clock: Clock
) -> None:
    store = opened(url, keep_done_s=100)
    lines = [Line(NOON + n, "<", "Heartbeat", b"[%d]" % n, "ok") for n in range(5)]
    for line in lines:
        await store.journal("CP1", line)
    await store.journal("CP2", lines[0])
    assert await store.journalled("CP1") == tuple(lines)
    assert await store.journalled("CP1", 2) == tuple(lines[3:])
    await store.purge(NOON + 102)
    assert await store.journalled("CP1") == tuple(lines[3:])
    assert await store.journalled("CP2") == ()


async def test_a_store_in_order_is_healthy(store: Store) -> None:
    assert store.healthy


# -- saves without a coroutine ------------------------------------------------------------------


async def saved(store: Store, station: str, epoch: int, ops: tuple[Op, ...]) -> Exception | None:
    """How a save ended, once it has."""
    ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
    try:
        if store.save(station, epoch, ops, ended.set_result):
            assert not ended.done()
            return None
    except Fenced as error:
        return error
    assert not ended.done()
    return await ended


async def test_a_save_is_a_commit_that_tells_its_end(store: Store) -> None:
    epoch = await taken(store)
    assert await saved(store, "CP1", epoch, (Put("k", "a", b"1"), START)) is None
    kept = await everything(store, "CP1", epoch)
    assert kept[0] == Loaded((("k", "a", b"1"),), ((1, START.value),))
    assert isinstance(await saved(store, "CP1", epoch + 1, (Put("k", "a", b"2"),)), Fenced)
    assert await everything(store, "CP1", epoch) == kept


async def test_saves_of_many_rows_keep_and_finish_exactly_their_own(store: Store) -> None:
    first, second = await taken(store, "CP1"), await taken(store, "CP2")
    count = 203
    rows = tuple(Append(seq, f"key{seq}", "A", b"%d" % seq) for seq in range(1, count + 1))
    puts = tuple(Put("k", str(seq), b"%d" % seq) for seq in range(1, count + 1))
    await store.commit("CP1", first, (*rows, *puts))
    await store.commit("CP2", second, (*rows, *puts))
    done = tuple(Ack(seq) for seq in range(1, 104))
    dead = tuple(Ack(seq, dead=True) for seq in range(104, 175))
    drops = tuple(Drop("k", str(seq)) for seq in range(2, count + 1))
    later = (Update(175, b"changed"), Put("k", "1", b"again"), *done, *dead, *drops)
    await store.commit("CP1", first, later)
    left = ((175, b"changed"), *((seq, b"%d" % seq) for seq in range(176, count + 1)))
    assert await store.load("CP1", first) == Loaded((("k", "1", b"again"),), left)
    assert await store.load("CP2", second) == Loaded(
        tuple(("k", str(seq), b"%d" % seq) for seq in range(1, count + 1)),
        tuple((seq, b"%d" % seq) for seq in range(1, count + 1)),
    )
    totals = await store.totals()
    pending = count + len(left)
    assert totals[:4] == (2 * count, len(done), pending, len(dead))
    assert totals.balanced
