"""Exchanges of records of Open OCPP Trace, found at a glance: calls placed and paired in one go.

Plain is a call that is the only one with its id, by a side and in a version that calls of its
action have had before, and the answer to the call of the station that has waited longest. All else
goes through `conversation.py` and `pairing.py` frame by frame; both ways work on the same memory.
"""

from collections.abc import Iterator

from gateway.core.dialects import STATION
from gateway.logs.conversation import MOST_WHOLE, UNNAMED, Asked, Conversations
from gateway.logs.entry import Entry
from gateway.logs.pairing import MOST_WAITING, Paired, Pairing
from gateway.logs.quick import Trace, Traces, entry_of

_new = tuple.__new__


class Exchanges:
    def __init__(self, conversations: Conversations, pairing: Pairing) -> None:
        self._conversations = conversations
        self._pairing = pairing

    def of(self, frames: list[Entry] | Traces) -> Iterator[Paired]:
        """The exchanges that the frames complete, each as its last frame is taken."""
        if isinstance(frames, Traces):
            return self._of_traces(frames)
        return self._pairing.paired(self._conversations.placed(frames))

    def _of_traces(self, traces: Traces) -> Iterator[Paired]:
        file, rows = traces
        stations, queues = self._conversations.stations, self._pairing.queues
        for row in rows:
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
                    yield _new(Paired, (asked, entry_of(file, row)))
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
                    entry = entry_of(file, row)
                    asked = calls[message_id] = _new(Asked, (entry, sender, known[2], action))
                    queue.append([asked, None])
                    continue
            yield from self._one(file, row)

    def _one(self, file: str, row: Trace) -> Iterator[Paired]:
        return self._pairing.paired(self._conversations.placed((entry_of(file, row),)))
