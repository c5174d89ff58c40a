"""A log in another version: exchange by exchange through the station's recorded conversation.

What becomes of an exchange is told by `core/session/recorded.py`; here it is put out. Frames that
the gateway would answer by itself, fold into another exchange or refuse have no counterpart in the
target version: they are shown as the log has them, in the source version, `untranslated` and with
the gateway's answer and rule.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count
from typing import Any

from orjson import dumps

from gateway.core.codec.templates import ANSWER, Filled, Templates
from gateway.core.dialects import CSMS, STATION, Side, Version, read_error
from gateway.core.frames import Call, CallError, CallResult, Frame, JsonObject
from gateway.core.session.desk import Revision
from gateway.core.session.recorded import Fate, Found, Made, Quick, Recorded, Recording, Written
from gateway.core.session.recorded_exchange import Fault, failure
from gateway.core.session.recorded_run import GATEWAY
from gateway.core.session.requests import Answer, Refuse
from gateway.core.session.variants import fitting
from gateway.core.settings import ExtensionSettings, SessionSettings
from gateway.logs.clock import EPOCH, LogClock, Moment
from gateway.logs.conversation import UNNAMED, Asked, Said
from gateway.logs.entry import Entry, Remark
from gateway.logs.findings import Totals
from gateway.logs.fitting import Judge, ProfilesOf, completed, judge_of
from gateway.logs.output import Out, Passed, frames_of
from gateway.logs.pairing import Paired, Plain, paired_of
from gateway.logs.rules import Finding, level_of
from gateway.logs.validation import REQUEST, RESPONSE, broken

_REFUSED = Fate.REFUSED
_new = tuple.__new__


_About = tuple[str, str, str, Side, Version, str, str]
"""(time, time of the answer, station, sender, version, message id, action) of a call."""


class Conversion:
    """to: the version put out; found: gets what could not be done as it should; profiles_of: names
    of repairs and overlays that count for a station, by its name, in place of those of config;
    pass_on: takes what need not be read to be put out; templates: of payloads, as the reader of the
    log has them; extensions_of: a station's, by its name; between two versions, as in a gateway."""

    def __init__(
        self,
        revision: Revision,
        config: SessionSettings,
        to: Version,
        put: Callable[[Out], None],
        found: Callable[[Finding], None],
        totals: Totals,
        profiles_of: ProfilesOf | None = None,
        pass_on: Callable[[Passed], None] | None = None,
        templates: Templates | None = None,
        extensions_of: Callable[[str], ExtensionSettings] | None = None,
    ) -> None:
        self._pass_on = pass_on or self._read
        self._revision = revision
        self._config = config
        self._to = to
        self._put = put
        self.found = found
        self._totals = totals
        self._clock = LogClock(config.translation.timezone_default)
        self._profiles_of: ProfilesOf = profiles_of or (lambda station: config.profiles)
        self._extensions_of = extensions_of or (lambda station: config.extensions)
        self._stations: dict[str, _Station] = {}
        self._templates = templates or Templates()
        self._named = "", '""'
        self._failed: Fault | None = None
        self._of_templates: dict[tuple[str, str], Found] = {}

    def take(self, one: Paired | Plain) -> None:
        """Translate one exchange and put out what it becomes."""
        if isinstance(one, Paired) or not self._is_written(one):
            self._translate(paired_of(one))

    def _translate(self, paired: Paired) -> None:
        asked, answer = paired
        entry, side, version, _ = asked
        name = entry.station or UNNAMED + entry.file
        call, logged = entry.frame, None if answer is None else answer.frame
        assert type(call) is Call
        assert not isinstance(logged, Call)
        station, now = self._stations.get(name), None
        if station is None or station.recording.source is not version:
            last = EPOCH if station is None else station.last
            untimed = station is not None and station.untimed
            station = self._stations[name] = _Station(last, untimed=untimed)
            now = self._moment(station, entry)
            station.recording = self._recording(name, asked, now)
        elif answer is not None and type(logged) is CallResult:
            way = station.recording.way(side, call[1])
            known = way and self._known(way, call[1], call[2], logged[1])
            if known is not None:
                times = self._time(station, entry), self._time(station, answer)
                about = (*times, entry[3], side, version, call[0], call[1])
                self._put_written((entry[0], entry[1]), about, *known)
                return
        now = now or self._moment(station, entry)
        done = station.recording.recorded(side, call, logged, now.seconds)
        if self._failed is not None:
            done.faults.append(self._failed)
            self._failed = None
        time = now.text
        answered = time if answer is None else self._time(station, answer)
        self._totals.fates[done.fate] += 1
        if done.losses or done.repairs or done.faults or done.minted is not None:
            self._tell(asked, done)
        if done.repairs or done.fate is _REFUSED or done.faults:
            self._look_at(paired, done)
        for made in done.made:
            self._put_made(entry, made, done, time, answered)
        if done.fate in _WITHOUT_COUNTERPART:
            self._put_untranslated(asked, answer, done, time, answered)

    def completed(self, remark: Remark) -> Entry | None:
        """The frame that lacks its last brackets, of a station that is known to leave them out."""
        if remark.closed is None:
            return None
        finding = completed(remark, self._judge(remark.closed))
        if finding is None:
            return None
        self._totals.repairs[finding.repair] += 1
        self.found(finding)
        return remark.closed

    # -- exchanges of known templates ---------------------------------------------------------

    def _is_written(self, plain: Plain) -> bool:
        """Put out what becomes of an exchange of which no entries have been made."""
        (row, side, version, action, file), (_, answered, _, _, _, _, _, told) = plain
        line, time, name, _, _, message_id, _, payload = row
        station = self._stations.get(name or UNNAMED + file)
        if station is None:
            return False
        way = station.recording.way(side, action)
        if way is None or station.recording.source is not version:
            return False
        last: Moment | str = answered
        if not self._clock.are_plain(time, answered):
            moment, last_moment = self._clock.read(time), self._clock.read(answered)
            if moment is None or last_moment is None:
                return False
            time, answered, last = moment.text, last_moment.text, last_moment
        known = self._known(way, action, payload, told)
        if known is None:
            return False
        station.last = last
        about = time, answered, name, side, version, message_id, action
        self._put_written((file, line), about, *known)
        return True

    def _known(
        self,
        way: Quick,
        action: str,
        payload: JsonObject | Filled,
        answer: JsonObject | Filled,
    ) -> tuple[str, Written] | None:
        """An exchange of known templates: the text of its call's payload, and what it becomes.

        A failure of our own is told with what becomes of it the long way.
        """
        templates = self._templates
        call = templates.of(action, payload) if isinstance(payload, dict) else payload
        told = templates.of(ANSWER, answer) if isinstance(answer, dict) else answer
        if call is None or told is None:
            return None
        try:
            written = way(call, told)
        except Exception as error:
            self._failed = failure(error)
            return None
        return None if written is None else (call[2], written)

    def _put_written(
        self, place: tuple[str, int], about: _About, text: str, written: Written
    ) -> None:
        """place: file and line of the call; text: its payload."""
        fate, made, own, losses = written
        self._totals.fates[fate] += 1
        if losses:
            self._totals.losses.update(losses)
        file, line = place
        put = self._pass_on
        time, answered, station, side, _, message_id, _ = about
        source = f'"source":{{"file":{self._file(file)},"line":{line}}}'
        for own_id, action, payload, reply, by, own_lost in made:
            lost = own_lost or (() if own_id else losses)
            meta = f'{{{source},"losses":{dumps(lost).decode()}}}' if lost else f"{{{source}}}"
            said = f'{{"answeredBy":"{by}"}}' if by else ""
            texts = own_id or message_id, action, payload, meta, reply, said
            put((time, answered, station, side, self._to, *texts))
        if own is not None:
            meta = f'{{"untranslated":"{fate}",{source}}}'
            reply, said = dumps(own.payload).decode(), dumps(_of_own(fate, own.rule)).decode()
            put((*about, text, meta, reply, said))

    def _file(self, name: str) -> str:
        """The name of a file as JSON."""
        if self._named[0] != name:
            self._named = name, dumps(name).decode()
        return self._named[1]

    def _read(self, passed: Passed) -> None:
        """Put out a call and its answer frame by frame."""
        for out in frames_of(passed):
            self._put(out)

    # -- what is put out ----------------------------------------------------------------------

    def _put_made(self, entry: Entry, made: Made, done: Recorded, time: str, answered: str) -> None:
        station, to, action = entry.station, self._to, made.call.action
        losses = made.losses or (done.losses if made.logged else ())
        if not made.late:
            meta: dict[str, Any] = {"source": {"file": entry.file, "line": entry.line}}
            if losses:
                meta["losses"] = losses
            if done.repairs:
                meta["repairs"] = done.repairs
            self._put(_new(Out, (time, station, made.side, to, made.call, action, meta)))
        if made.answer is not None:
            meta = {}
            if made.answered_by:
                meta["answeredBy"] = made.answered_by
            if done.minted is not None:
                meta["transactionIdMadeUp"] = done.minted
            other = CSMS if made.side is STATION else STATION
            self._put(_new(Out, (answered, station, other, to, made.answer, action, meta)))

    def _put_untranslated(
        self, asked: Asked, answer: Entry | None, done: Recorded, time: str, answered: str
    ) -> None:
        entry, side, version, action = asked
        source = {"file": entry.file, "line": entry.line}
        meta = {"untranslated": done.fate.value, "source": source}
        self._put(Out(time, entry.station, side, version, entry.frame, action, meta))
        frame, meta = _own_answer(entry.frame, answer, done)
        if frame is not None:
            other = side.other
            self._put(Out(answered, entry.station, other, version, frame, action, meta))

    # -- what is told -------------------------------------------------------------------------

    def _tell(self, asked: Asked, done: Recorded) -> None:
        totals = self._totals
        totals.losses.update(done.losses)
        totals.repairs.update(done.repairs)
        for fault in done.faults:
            self._note(asked, fault.rule, fault.text)
        if done.minted is not None:
            text = f"the log has no number for the transaction, {done.minted} was made up"
            self._note(asked, "minted_id", text)

    def _look_at(self, paired: Paired, done: Recorded) -> None:
        """Say what is wrong with the frames of an exchange that was mended or refused."""
        asked, answer = paired
        catalog, judge = self._revision.catalog, self._judge(asked.entry)
        zone = self._config.translation.timezone_default
        invalid = False
        for entry, part in ((asked.entry, REQUEST), (answer, RESPONSE)):
            if entry is None or not isinstance(frame := entry.frame, Call | CallResult):
                continue
            if catalog.sender(asked.version, asked.action) is None:
                continue
            said = Said(entry, frame, asked.side, asked.version, asked.action, asked)
            for finding in broken(catalog, judge, said, part, frame.payload, zone):
                invalid = True
                self.found(finding)
        if done.fate is _REFUSED and not invalid and isinstance(done.answer, Refuse):
            self._note(asked, "not_translated", done.answer.description)

    def _note(self, asked: Asked, rule: str, text: str) -> None:
        entry, action = asked.entry, asked.action
        message_id = entry.frame.message_id
        level = level_of(rule)
        self.found(
            Finding(
                entry.file, entry.line, level, rule, "", text, entry.station, action, message_id
            )
        )

    # -- stations -----------------------------------------------------------------------------

    def _moment(self, station: "_Station", entry: Entry) -> Moment:
        """The time of a line; where it has none, that of the station's last line that has."""
        moment = self._clock.read(entry.time) if entry.time else None
        if moment is None:
            if not station.untimed:
                station.untimed = True
                self._say_untimed(entry)
            last = station.last
            if not isinstance(last, str):
                return last
            known = self._clock.read(last)
            moment = EPOCH if known is None else known._replace(text=last)
        station.last = moment
        return moment

    def _say_untimed(self, entry: Entry) -> None:
        """Once for a station: what is put out has a time whatever the log has."""
        what = f"{entry.time!r:.40} is no time" if entry.time else "the line has no time"
        if self._clock.could_be_two(entry.time):
            what = f"month and day of {entry.time!r:.40} cannot be told apart"
        text = f"{what}; that of a line before counts, or 1970"
        level = level_of("no_time")
        place = entry.file, entry.line
        self.found(Finding(*place, level, "no_time", "", text, entry.station))

    def _time(self, station: "_Station", entry: Entry) -> str:
        """The same as text."""
        time = entry[2]
        if not self._clock.is_plain(time):
            return self._moment(station, entry).text
        station.last = time
        return time

    def _judge(self, entry: Entry) -> Judge:
        """What a station's frames are judged by: what its recording works by, if it has one yet."""
        profiles = self._profiles_of(entry.station)
        station = self._stations.get(entry.station or UNNAMED + entry.file)
        if station is not None:
            return judge_of(station.recording.revision, profiles)
        found = fitting(self._revision, entry.station, None, ExtensionSettings(), profiles)
        return judge_of(found, profiles)

    def _recording(self, name: str, asked: Asked, now: Moment) -> Recording:
        changes: dict[str, Any] = {"profiles": self._profiles_of(asked.entry.station)}
        if asked.version is not self._to:
            changes["extensions"] = self._extensions_of(asked.entry.station)
        return Recording(
            name,
            asked.version,
            self._to,
            self._revision,
            self._config.model_copy(update=changes),
            _ids(name),
            now.seconds,
            self._of_templates,
        )


class _Station:
    """What is remembered of one station. last: time of its last line that has one, as a Moment or
    as its text; untimed: it was said that lines have none."""

    __slots__ = ("last", "recording", "untimed")
    recording: Recording

    def __init__(self, last: Moment | str, *, untimed: bool) -> None:
        self.last = last
        self.untimed = untimed


_WITHOUT_COUNTERPART = frozenset({Fate.ANSWERED, Fate.FOLDS, Fate.REFUSED})


def _of_own(fate: Fate, rule: str) -> dict[str, Any]:
    """What is said of the gateway's own answer."""
    meta = {"untranslated": fate.value, "answeredBy": GATEWAY}
    return {**meta, "rule": rule} if rule else meta


def _own_answer(
    call: Frame, logged: Entry | None, done: Recorded
) -> tuple[Frame | None, dict[str, Any]]:
    """The gateway's answer to a call that goes no further; the logged one where it refuses."""
    own = done.answer
    if isinstance(own, Answer):
        return CallResult(call.message_id, own.payload), _of_own(done.fate, own.rule)
    if isinstance(own, Refuse):
        meta = _of_own(done.fate, own.rule or own.code)
        code, text, details = read_error(own.code), own.description, own.details or {}
        return CallError(call.message_id, code, text, details), meta
    frame = None if logged is None else logged.frame
    return frame, {"untranslated": done.fate.value}


def _ids(station: str) -> Iterator[str]:
    """Ids in the form of UUIDs, the same in every run over the same log: they begin with a digest
    of the station's name and end with a number."""
    digits = sha256(station.encode()).hexdigest()
    begin = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-"
    return (f"{begin}{number:012x}" for number in count(1))
