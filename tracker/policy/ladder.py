"""Which step does an open commitment climb next, and when?

A ladder is a short list of steps, each with an offset from due_at and an effect. A step may repeat. Laid
out in time, its steps become numbered rungs; the last step repeats without end, so an open commitment always
has exactly one next rung and can never be forgotten.

Offsets are wall time, or a step may count them in the working time of its team. The calendar is the one that holds
when a step is worked out; the ladder is the one that the commitment was made under. A calendar may stretch some
steps past others, so a step waits for those before it on the ladder; where it never reaches so much working time,
wall time counts: no step is lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from tracker.policy.calendars import Calendar
from tracker.policy.said import say

SHORTEST_REPEAT = timedelta(minutes=1)
FARTHEST_OFFSET = timedelta(days=365)


class Effect(StrEnum):
    """What a step does when it fires."""

    REMIND_OWNER = "remind owner"
    TELL_SUPERVISORS = "tell supervisors"
    TEXT_CUSTOMER = "text customer"
    HAND_OVER = "hand over"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `offset` from due_at (negative: before it), its effect, and how it repeats.

    `every` is the time between repetitions, `times` how often it fires in all; None with `every` set: until
    the commitment is closed. `working`: offset and repetition are counted in working time.
    """

    offset: timedelta
    effect: Effect
    every: timedelta | None = None
    times: int | None = None
    working: bool = False

    @property
    def endless(self) -> bool:
        """Does it repeat until the commitment is closed?"""
        return self.every is not None and self.times is None


@dataclass(frozen=True, slots=True)
class Rung:
    """One firing of a step: its number on the ladder (from 0) and its offset from due_at, in the step's own time.

    `lasts` is how long its messages are worth sending; None: they do not grow stale by themselves.
    """

    number: int
    step: Step
    offset: timedelta
    lasts: timedelta | None


class LadderError(ValueError):
    """A ladder that cannot be climbed; the `sentence` says how to mend it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in order. Made through `Ladder.of`, which refuses what could not be climbed."""

    rungs: tuple[Rung, ...]
    """The finite rungs in order of offset, then the first firing of the endless step."""

    @classmethod
    def of(cls, steps: Iterable[Step]) -> Self:
        """Lay out the steps. Raises LadderError with one sentence if they make no ladder."""
        ordered = sorted(steps, key=lambda step: step.offset)
        for step in ordered:
            _check(step)
        endless = [step for step in ordered if step.endless]
        if len(endless) != 1 or ordered[-1] is not endless[0]:
            raise LadderError(
                say(
                    "A ladder ends with exactly one step that repeats until the commitment is closed: give the last "
                    "step 'every' without 'times'."
                )
            )
        firings = sorted(
            (
                (step.offset + (step.every or timedelta()) * n, step)
                for step in ordered
                for n in _firings(step)
            ),
            key=lambda firing: firing[0],
        )
        if firings[-1][1] is not endless[0]:
            raise LadderError(
                say("The step that repeats until closing must start after every other step has fired.")
            )
        return cls(
            tuple(Rung(n, step, offset, _lasts(step, offset)) for n, (offset, step) in enumerate(firings))
        )

    @property
    def last(self) -> Rung:
        """The first firing of the endless step."""
        return self.rungs[-1]

    def rung(self, number: int) -> Rung:
        """The rung of that number. There is one for every number from 0 up."""
        if number <= self.last.number:
            return self.rungs[number]
        every = self.last.step.every or timedelta()
        return Rung(
            number, self.last.step, self.last.offset + every * (number - self.last.number), self.last.lasts
        )

    @property
    def working(self) -> bool:
        """Does any step count working time? Only then are moments asked for with a calendar."""
        return any(rung.step.working for rung in self.rungs)

    def at(self, number: int, due_at: datetime, calendar: Calendar | None = None) -> datetime:
        """When that rung fires for a commitment due then, and whose team works by that calendar.

        Without a calendar all is wall time. Never earlier than the rung before.
        """
        if calendar is None:
            return due_at + self.rung(number).offset
        finite = self.rungs[: number + 1]
        start = max(_shifted(due_at, rung.offset, rung.step, calendar) for rung in finite)
        repeated = (self.last.step.every or timedelta()) * max(0, number - self.last.number)
        return _shifted(start, repeated, self.last.step, calendar)

    def stale_at(self, number: int, due_at: datetime, calendar: Calendar | None = None) -> datetime | None:
        """After which moment that rung's messages would tell nobody anything; None: they do not grow stale."""
        rung = self.rung(number)
        if rung.lasts is None:
            return None
        if rung.offset < timedelta():
            return due_at
        return self.at(number, due_at, calendar) + rung.lasts

    def first(self, due_at: datetime, *, now: datetime, calendar: Calendar | None = None) -> int:
        """The rung a commitment starts on: the first that still lies ahead. A reminder whose time had passed
        before the promise was made would tell nobody anything."""
        return self._from(0, due_at, now, calendar)

    def after(self, number: int, due_at: datetime, *, now: datetime, calendar: Calendar | None = None) -> int:
        """The rung that follows. Finite rungs are climbed one by one, however late; repetitions of the
        endless step that were slept through count as one."""
        return number + 1 if number < self.last.number else self._from(number + 1, due_at, now, calendar)

    def _from(self, number: int, due_at: datetime, now: datetime, calendar: Calendar | None) -> int:
        while number < self.last.number and self.at(number, due_at, calendar) <= now:
            number += 1
        fires_at = self.at(number, due_at, calendar)
        if fires_at > now:
            return number
        every = self.last.step.every or timedelta()
        if calendar is not None and self.last.step.working:
            worked = timedelta(seconds=calendar.between(fires_at, now))
            following = number + worked // every + 1
            if self.at(following, due_at, calendar) > now:
                return following
        return number + (now - fires_at) // every + 1

    def next_offset(self, effect: Effect, after: int) -> timedelta | None:
        """Offset in wall time of the next finite rung with that effect; None if there is none, or if it counts
        working time."""
        later = (r for r in self.rungs if r.number > after and r.step.effect is effect)
        following = next(later, None)
        return None if following is None or following.step.working else following.offset


def _shifted(at: datetime, offset: timedelta, step: Step, calendar: Calendar) -> datetime:
    """So much later, or earlier, in the step's own time; in wall time if the calendar never has so much."""
    return (step.working and calendar.add(at, offset.total_seconds())) or at + offset


def _check(step: Step) -> None:
    if abs(step.offset) > FARTHEST_OFFSET:
        raise LadderError(say("A step lies at most a year from the due time."))
    if step.effect is Effect.TEXT_CUSTOMER and step.offset < timedelta():
        raise LadderError(
            say("A customer is texted at or after the due time: give that step an offset of 0 or more.")
        )
    if step.effect is Effect.TEXT_CUSTOMER and step.every is not None:
        raise LadderError(
            say("A customer is texted once, not again and again: leave 'every' out of that step.")
        )
    if step.every is None and step.times is not None:
        raise LadderError(say("A step that fires several times needs 'every', the time between two of them."))
    if step.every is not None and step.every < SHORTEST_REPEAT:
        raise LadderError(say("A step repeats at most once a minute: give 'every' at least 60 seconds."))
    if step.times is not None and not 1 <= step.times <= 100:
        raise LadderError(say("A step repeats between 1 and 100 times."))


def _firings(step: Step) -> range:
    return range(step.times or 1)


def _lasts(step: Step, offset: timedelta) -> timedelta | None:
    if offset < timedelta():
        return -offset  # a reminder of a time that has come says something untrue
    return step.every


DEFAULT = (
    Step(timedelta(minutes=-15), Effect.REMIND_OWNER),
    Step(timedelta(0), Effect.REMIND_OWNER),
    Step(timedelta(minutes=15), Effect.TELL_SUPERVISORS),
    Step(timedelta(minutes=15), Effect.TEXT_CUSTOMER),
    Step(timedelta(minutes=60), Effect.HAND_OVER),
    Step(timedelta(hours=24), Effect.TELL_SUPERVISORS, every=timedelta(hours=24)),
)
"""What a call centre would accept unseen; a team may change it."""


def to_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps as they are stored: seconds, and only what is set."""
    rows: list[dict[str, Any]] = []
    for step in steps:
        row: dict[str, Any] = {"offset": int(step.offset.total_seconds()), "effect": step.effect.value}
        if step.every is not None:
            row["every"] = int(step.every.total_seconds())
        if step.times is not None:
            row["times"] = step.times
        if step.working:
            row["working"] = True
        rows.append(row)
    return rows


def from_json(rows: Sequence[Mapping[str, Any]]) -> Ladder:
    """The ladder that was stored. Raises LadderError when the rows make none."""
    try:
        steps = [
            Step(
                timedelta(seconds=int(row["offset"])),
                Effect(row["effect"]),
                timedelta(seconds=int(row["every"])) if "every" in row else None,
                int(row["times"]) if "times" in row else None,
                working=bool(row.get("working", False)),
            )
            for row in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise LadderError(
            say(
                "Each step needs 'offset' in seconds and 'effect', one of: %(effects)s.", effects=list(Effect)
            )
        ) from error
    return Ladder.of(steps)
