"""Exchanges on record whose like has been rehearsed: they are only written.

What one becomes is played by its score (recorded_rehearsal.py): the text of its calls and what the
station's memory learns. What a score changes in a scene makes it another one, and always the same;
so the scenes of a connector lead from one to the next without being looked at.
"""

from typing import Any

from gateway.core.codec.templates import Filled, Template
from gateway.core.session.desk import Desk
from gateway.core.session.procedures.event_time import later
from gateway.core.session.recorded_exchange import Written
from gateway.core.session.recorded_form import Online
from gateway.core.session.recorded_rehearsal import Run, Scene, Score, rehearsed, scene_of, state_of
from gateway.core.timestamps import is_normal

SCENES_KEPT = 512


class _Play:
    """then: what is played in the scene that the score makes, None: nobody has looked."""

    __slots__ = ("score", "then")

    def __init__(self, score: Score) -> None:
        self.score = score
        self.then: Plays | None = None


Plays = dict[tuple[Template, Template], _Play | None]
"""By the templates of a call and its answer; None: they have no score."""
Scores = dict[tuple[Any, ...], Plays]
"""By action and scene."""


class _Place:
    """Where exchanges take place. scene: None where they depend on none; plays: of that scene."""

    __slots__ = ("plays", "scene")

    def __init__(self, scene: Scene | None, plays: Plays) -> None:
        self.scene = scene
        self.plays = plays


class RehearsedWay:
    """The way of one action of a station. run: runs an exchange on another memory than the
    station's own; staged: what its exchanges become depends on a scene, else on nothing."""

    def __init__(self, desk: Desk, action: str, scores: Scores, run: Run, *, staged: bool) -> None:
        self._desk = desk
        self._action = action
        self._scores = scores
        self._run = run
        self._staged = staged
        self._places: dict[Template, _Place] = {}
        self._connectors: dict[int, _Place] = {}
        self._online = Online(desk)

    def settle(self) -> None:
        """A run may have changed more than the members of what a scene holds."""
        self._places.clear()
        self._connectors.clear()

    def written(self, call: Filled, answer: Filled) -> Written | None:
        """What becomes of an exchange; None: it has no score."""
        template, gaps, _ = call
        replied, told, _ = answer
        place = self._places.get(template) or self._place(template)
        if place is None:
            return None
        try:
            play = place.plays[template, replied]
        except KeyError:
            play = self._rehearse(place, template, replied)
        if play is None:
            return None
        known = gaps + told
        for time in known:
            if not is_normal(time):
                return None
        scene, score = place.scene, play.score
        if scene is not None and scene.record is not None:
            if not self._online.at(gaps[0]):
                return None
            known = (*known, str(scene.record.next_seq), scene.record.tx201)
        made = [
            (
                self._desk.new_id() if own else "",
                action,
                payload.filled(known),
                reply.filled(known),
                answered_by,
                losses,
            )
            for own, action, payload, reply, answered_by, losses in score.made
        ]
        if scene is not None and (score.event or score.connector):
            _learn(scene, score, gaps[0])
            if play.then is None:
                play.then = self._plays(scene)
            place.plays = play.then
        return score.fate, (*made,), score.answer, score.losses

    def _place(self, template: Template) -> _Place | None:
        if not self._staged:
            place = self._places[template] = _Place(None, self._plays(None))
            return place
        number = template.sample.get("connectorId")
        if type(number) is not int or not template.names:
            return None
        known = self._connectors.get(number)
        if known is None:
            scene = scene_of(self._desk.bindings, number)
            if scene is None:
                return None
            known = self._connectors[number] = _Place(scene, self._plays(scene))
        self._places[template] = known
        return known

    def _plays(self, scene: Scene | None) -> Plays:
        scores = self._scores
        if len(scores) >= SCENES_KEPT:
            scores.clear()
        state = () if scene is None else state_of(scene)
        return scores.setdefault((self._action, *state), {})

    def _rehearse(self, place: _Place, call: Template, answer: Template) -> _Play | None:
        bindings = self._desk.bindings
        score = rehearsed(bindings, self._run, self._action, call, answer, place.scene)
        play = place.plays[call, answer] = None if score is None else _Play(score)
        return play


def _learn(scene: Scene, score: Score, time: str) -> None:
    """Take what an exchange tells into the station's memory."""
    for name, value in score.connector:
        setattr(scene.connector, name, value)
    record = scene.record
    if record is not None and score.event:
        record.next_seq += 1
        record.charging_state = score.charging_state
        record.last_event_time = later(time, record.last_event_time)
