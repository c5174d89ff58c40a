"""What repairs make of the frames of an exchange, for a page on what validate found."""

from collections.abc import Callable, Iterator, Sequence

from gateway.core.dialects import Side
from gateway.core.frames import Call, CallError
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.repair import cut_strings, repair
from gateway.logs.entry import Entry
from gateway.logs.fitting import Fitting
from gateway.logs.output import Out
from gateway.logs.pairing import Paired
from gateway.logs.validation import REQUEST, RESPONSE


def mending(
    catalog: Catalog, stations: Fitting | None, zone: str
) -> Callable[[Paired], Sequence[Out]]:
    """A function that gives the frames that repairs would change, as they leave them.

    stations: whose repairs count; None: no repairs.
    """

    def mended(paired: Paired) -> Sequence[Out]:
        asked, answer = paired
        calls = _mended(asked.entry, REQUEST, asked.side, paired)
        answers = () if answer is None else _mended(answer, RESPONSE, asked.side.other, paired)
        return (*calls, *answers)

    def _mended(entry: Entry, part: str, side: Side, paired: Paired) -> Iterator[Out]:
        _, _, version, action = paired.asked
        frame = entry.frame
        if (
            stations is None
            or isinstance(frame, CallError)
            or catalog.sender(version, action) is None
        ):
            return
        payload = frame.payload
        if catalog.is_valid(version, action, part, payload):
            return
        own, profiles = stations.judge(entry)
        made, names = repair(own, version, action, part, payload, profiles, zone)
        if names:
            made = cut_strings(own, version, action, part, made)
            whole = frame._replace(payload=made)
            shown = action if type(frame) is Call else ""
            yield Out("", entry.station, side, version, whole, shown, {"repairs": names})

    return mended
