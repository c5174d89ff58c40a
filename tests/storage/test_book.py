"""The book takes a Save whole or is as before; the rules themselves: tests/storage/test_port.py."""

import pytest

from gateway.config.model import Store as StoreSettings
from gateway.core.session.effects import Ack, Append, Op, Put, Update
from gateway.storage.book import Book, OpenRow, Tenure
from gateway.storage.port import BadSave, StoreError, StoreFull


def book_with_two_rows() -> Book:
    book = Book(StoreSettings(outbox_rows_per_station=3, outbox_bytes=100))
    book.tenures["CP1"] = Tenure("r1", 1, 2)
    book.recall("CP1", 1, OpenRow("one", 10))
    book.recall("CP1", 2, OpenRow("two", 20))
    return book


def contents(book: Book) -> tuple[object, ...]:
    tenure = book.tenures["CP1"]
    return dict(tenure.open), set(tenure.keys), tenure.last_seq, book.bytes


def test_ops_without_effect_are_left_out() -> None:
    ops: tuple[Op, ...] = (Put("k", "a", b"1"), Ack(1), Ack(1), Update(1, b"x"), Update(2, b"x"))
    effective = book_with_two_rows().admit("CP1", 1, ops)
    assert effective == [Put("k", "a", b"1"), Ack(1), Update(2, b"x")]


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (Append(6, "two", "A", b"x"), BadSave),
        (Append(5, "six", "A", b"x"), BadSave),
        (Append(6, "six", "A", bytes(100)), StoreFull),
    ],
)
def test_a_refusal_takes_back_whatever_was_entered(last: Append, error: type[StoreError]) -> None:
    book = book_with_two_rows()
    before = contents(book)
    entered = (
        Ack(1),
        Append(3, "one", "A", b"abc"),
        Update(3, b"abcd"),
        Update(2, b""),
        Ack(3),
        Append(4, "one", "A", b"x"),
        Append(5, "five", "A", b"x"),
        Ack(5),
    )
    with pytest.raises(error):
        book.admit("CP1", 1, (*entered, last))
    assert contents(book) == before


def test_bytes_and_keys_follow_the_rows() -> None:
    book = book_with_two_rows()
    book.admit("CP1", 1, (Ack(1), Update(2, bytes(5)), Append(3, "one", "A", bytes(7))))
    assert contents(book) == ({2: OpenRow("two", 5), 3: OpenRow("one", 7)}, {"one", "two"}, 3, 12)


def test_a_station_above_a_cap_that_was_lowered_may_still_exchange_rows() -> None:
    book = book_with_two_rows()
    lowered = Book(StoreSettings(outbox_rows_per_station=1, outbox_bytes=1))
    lowered.tenures, lowered.bytes = book.tenures, book.bytes
    lowered.admit("CP1", 1, (Ack(1), Append(3, "three", "A", bytes(10))))
    assert set(lowered.tenures["CP1"].open) == {2, 3}
    with pytest.raises(StoreFull):
        lowered.admit("CP1", 1, (Append(4, "four", "A", b""),))
