"""Exchanges of records of Open OCPP Trace, found at a glance: calls placed and paired in one go.

Plain is a call that is the only one with its id, by a side and in a version that calls of its
action have had before, and the answer to the call of the station that has waited longest. All else
goes through `conversation.py` and `pairing.py` frame by frame; both ways work on the same memory.
Plain calls and their answers stay what their records say; no entries are made of them.
"""

from collections.abc import Collection, Iterator
from itertools import zip_longest
from typing import Any

from gateway.core.dialects import STATION
from gateway.logs.conversation import MOST_WHOLE, UNNAMED, Asked, Conversations, Station, asked_of
from gateway.logs.entry import Entry
from gateway.logs.pairing import MOST_WAITING, Paired, Pairing, Plain
from gateway.logs.traces import Trace, Traces, entry_of

_new = tuple.__new__


class Exchanges:
    def __init__(self, conversations: Conversations, pairing: Pairing) -> None:
        self._conversations = conversations
        self._pairing = pairing

    def of(self, frames: list[Entry] | Traces) -> Iterator[Paired | Plain]:
        """The exchanges that the frames complete, each as its last frame is taken."""
        if isinstance(frames, Traces):
            return self._of_traces(frames)
        for name in {entry.station or UNNAMED + entry.file for entry in frames}:
            self._make_entries(name)
        return self._pairing.paired(self._conversations.placed(frames))

    def _of_traces(self, traces: Traces) -> Iterator[Paired | Plain]:
        file, rows = traces
        stations, queues = self._conversations.stations, self._pairing.queues
        following = iter(rows)
        next(following, None)
        taken = False
        for row, after in zip_longest(rows, following):
            if taken:
                taken = False
                continue
            _, time, name, sender, spelled, message_id, action, _ = row
            about = name or UNNAMED + file
            station, queue = stations.get(about), queues.get(about)
            if station is None or queue is None or time < station.time:
                pass
            elif action is None:
                asked = station.of_station.get(message_id)
                if asked is not None and not station.of_csms and queue and queue[0][0] is asked:
                    del station.of_station[message_id]
                    station.note_answered(message_id)
                    station.time = time
                    queue.popleft()
                    if isinstance(asked, Asked):
                        yield _new(Paired, (asked, entry_of(file, row)))
                    else:
                        yield asked, row
                    while queue and queue[0][1] is not None:
                        yield _new(Paired, queue.popleft())
                    continue
            elif len(queue) < MOST_WAITING:
                known = station.known.get(action)
                calls = station.of_station if sender is STATION else station.of_csms
                if (
                    known is not None
                    and known[0] is known[3] is sender
                    and known[1] == spelled
                    and message_id not in calls
                    and message_id not in station.answered
                    and len(calls) < MOST_WHOLE
                ):
                    station.time = time
                    asked = row, sender, known[2], action, file
                    if after is not None and self._answers(after, row, station, queue):
                        station.time = after[1]
                        station.note_answered(message_id)
                        taken = True
                        yield asked, after
                        continue
                    calls[message_id] = asked
                    queue.append([asked, None])
                    continue
            self._make_entries(about)
            yield from self._one(file, row)

    @staticmethod
    def _answers(row: Trace, call: Trace, station: Station, queue: Collection[Any]) -> bool:
        """Whether a record answers the call right before it, for which no other one waits."""
        _, time, name, _, _, message_id, action, _ = row
        return (
            action is None
            and message_id == call[5]
            and name == call[2]
            and call[3] is STATION
            and time >= call[1]
            and not (queue or station.of_csms)
        )

    def _one(self, file: str, row: Trace) -> Iterator[Paired]:
        return self._pairing.paired(self._conversations.placed((entry_of(file, row),)))

    def _make_entries(self, name: str) -> None:
        """Make all calls of a station that wait what the way frame by frame knows them as."""
        station = self._conversations.stations.get(name)
        for waiting in self._pairing.queues.get(name, ()):
            asked = waiting[0]
            if station is not None and not isinstance(asked, Asked):
                waiting[0] = made = asked_of(asked)
                calls, message_id = station.of_station, made.entry.frame.message_id
                if made.side is not STATION:
                    calls = station.of_csms
                if calls.get(message_id) is asked:
                    calls[message_id] = made
