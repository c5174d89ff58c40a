"""Records paired at a glance: the same exchanges and findings as frame by frame."""

from itertools import islice
from random import Random

import pytest

from gateway.config.model import Resources
from gateway.core.dialects import Side
from gateway.logs.conversation import Conversations
from gateway.logs.exchanges import Exchanges
from gateway.logs.pairing import Paired, Pairing, paired_of
from gateway.logs.traces import Traces, entry_of
from gateway.revision import load_catalog
from tests.bench import offline

FILE = "a.log"
RECORDS = 4000
AT_ONCE = 128


@pytest.fixture(scope="module")
def catalog():
    return load_catalog(Resources())


def rows():
    for number, item in enumerate(islice(offline.frames(), RECORDS), start=1):
        now, station, up, frame = item
        action, sender = (frame[2], Side.STATION) if up else (None, Side.CSMS)
        yield (
            number,
            now.isoformat()[:23] + "Z",
            station,
            sender,
            "1.6",
            frame[1],
            action,
            frame[-1],
        )


def plain():
    return list(rows())


def muddled():
    """With records that are missing, twice, late, from the other side or about nobody."""
    random, found = Random(3), []
    for row in rows():
        number, time, station, sender, version, message_id, action, payload = row
        odd = random.random()
        if odd < 0.02:
            continue
        if odd < 0.04:
            found.append(row)
        elif odd < 0.06 and action is not None:
            sender = sender.other
        elif odd < 0.08:
            action = action and random.choice(("Reset", "Heartbeat", "Unheard"))
        elif odd < 0.1:
            station = ""
        elif odd < 0.11:
            version = "2.0.1"
        elif odd < 0.13:
            message_id = "1"
        row = number, time, station, sender, version, message_id, action, payload
        found.insert(len(found) - random.choice((0, 0, 0, 0, 1, 7, 300)), row)
    return found


@pytest.mark.parametrize("records", [plain, muddled])
def test_at_a_glance_and_frame_by_frame_the_same_is_found(catalog, records):
    found, in_turn = [], []
    pairing, told = Pairing(), []
    conversations = Conversations(catalog, told.append)
    for row in records():
        placed = conversations.placed((entry_of(FILE, row),))
        in_turn += pairing.paired(placed)
    in_turn += pairing.finish()
    list(conversations.finish())
    quick, heard = Pairing(), []
    conversations = Conversations(catalog, heard.append)
    exchanges, left = Exchanges(conversations, quick), records()
    random = Random(5)
    while left:
        some = left[: random.choice((1, AT_ONCE))]
        as_entries = [entry_of(FILE, row) for row in some]
        found += exchanges.of(random.choice((Traces(FILE, some), as_entries)))
        del left[: len(some)]
    found += quick.finish()
    list(conversations.finish())
    assert records is muddled or any(not isinstance(one, Paired) for one in found)
    assert [paired_of(one) for one in found] == in_turn
    assert heard == told
