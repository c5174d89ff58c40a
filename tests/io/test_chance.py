"""Ids and jitter."""

import uuid
from itertools import islice

from gateway.io.chance import uniform, uuids


def test_ids_are_uuids_of_version_4_and_never_the_same():
    ids = list(islice(uuids(), 2000))
    assert len(set(ids)) == 2000
    for text in ids:
        parsed = uuid.UUID(text)
        assert str(parsed) == text
        assert parsed.version == 4
        assert parsed.variant == uuid.RFC_4122


def test_numbers_fill_their_range():
    numbers = [uniform(2, 4) for _ in range(1000)]
    assert min(numbers) >= 2
    assert max(numbers) <= 4
    assert sum(n < 3 for n in numbers) in range(350, 650)
