"""How is a ladder typed, and how is it drawn? As rows of a small table, and on a time line from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from math import log2
from textwrap import wrap

from werkzeug.datastructures import MultiDict

from tracker.policy.ladder import Effect, Step
from web.i18n import _

UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
FIELDS = ("amount", "unit", "side", "effect", "every", "every_unit", "times", "clock")
BLANKS = 2
"""Empty rows below the steps, for new ones."""
LARGEST = 100_000
"""Of a number in a row; whatever lies beyond is a slip of the finger."""
ROW, GAP, HEAD = 20, 14, 24
"""Of the drawing: a line of words, the room for a doubling of time, what is left above and below."""
WIDEST = 42
"""Letters in a line of the drawing; what follows would be cut off."""


@dataclass(slots=True)
class StepRow:
    """One step as it is typed; `problem`: what is wrong with it."""

    amount: str = ""
    unit: str = "min"
    side: str = "after"
    effect: str = Effect.REMIND_OWNER.value
    every: str = ""
    every_unit: str = "h"
    times: str = ""
    clock: str = ""
    problem: str = ""

    @classmethod
    def of(cls, step: Step) -> "StepRow":
        """As a step that is kept would have been typed."""
        amount, unit = _typed(abs(step.offset))
        every, every_unit = _typed(step.every) if step.every else ("", "h")
        return cls(
            amount,
            unit,
            "before" if step.offset < timedelta() else "after",
            step.effect.value,
            every,
            every_unit,
            str(step.times or ""),
            "working" if step.working else "",
        )

    def step(self) -> Step | None:
        """The step; None, and a problem noted, when there is none in it."""
        try:
            offset = _span(self.amount, self.unit)
            every = _span(self.every, self.every_unit) if self.every.strip() else None
            times = _number(self.times) if self.times.strip() else None
            effect = Effect(self.effect)
        except ValueError:
            self.problem = _("Give whole numbers, like 15, and choose the rest from the lists.")
            return None
        before = self.side == "before"
        return Step(-offset if before else offset, effect, every, times, working=self.clock == "working")


def rows_of(steps: Sequence[Step]) -> list[StepRow]:
    """The steps to edit, and empty rows for more."""
    return [*(StepRow.of(step) for step in steps), *(StepRow() for _n in range(BLANKS))]


def rows_typed(came_in: MultiDict[str, str]) -> list[StepRow]:
    """The rows as they were sent. One without a number of minutes, hours or days is none."""
    columns = [came_in.getlist(name) for name in FIELDS]
    rows = [StepRow(*(each or "" for each in row)) for row in zip_longest(*columns)]
    return [row for row in rows if row.amount.strip()]


def _typed(span: timedelta) -> tuple[str, str]:
    unit = next((unit for unit in ("d", "h") if span and not span % UNITS[unit]), "min")
    return str(span // UNITS[unit]), unit


def _span(amount: str, unit: str) -> timedelta:
    if unit not in UNITS:
        raise ValueError(unit)
    return _number(amount) * UNITS[unit]


def _number(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= LARGEST):
        raise ValueError(text)
    return int(text)


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment on the line: where, which, what happens then, and whether it is the due time itself."""

    y: int
    moment: str
    deeds: tuple[tuple[Effect, str], ...]
    due: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The time line: its height, and its moments from the first to the last. What lies farther apart is drawn
    farther apart, by doublings: a quarter of an hour and a day fit on one screen."""

    height: int
    marks: tuple[Mark, ...]


def draw(steps: Sequence[Step]) -> Drawing:
    """The steps on a time line, the due time among them."""
    by_offset: dict[timedelta, list[Step]] = {timedelta(): []}
    for step in steps:
        by_offset.setdefault(step.offset, []).append(step)
    marks: list[Mark] = []
    y, before = HEAD, None
    for offset in sorted(by_offset):
        if before is not None:
            minutes = (offset - before) / UNITS["min"]
            y += GAP + int(GAP * log2(1 + minutes / 15) / 2)
        here = by_offset[offset]
        deeds = tuple((step.effect, part) for step in here for part in wrap(_deed(step), WIDEST))
        marks.append(Mark(y, _moment(offset), deeds, due=not offset))
        y += ROW * (len(deeds) + 1)
        before = offset
    return Drawing(y + HEAD, tuple(marks))


def _moment(offset: timedelta) -> str:
    if not offset:
        return _("When it is due")
    length = _length(abs(offset))
    return (
        _("%(length)s before", length=length)
        if offset < timedelta()
        else _("%(length)s after", length=length)
    )


def _length(span: timedelta) -> str:
    amount, unit = _typed(span)
    words = {"min": _("%(n)s min", n=amount), "h": _("%(n)s h", n=amount), "d": _("%(n)s d", n=amount)}
    return words[unit]


def effects() -> dict[Effect, str]:
    """What a step may do, in words."""
    return {
        Effect.REMIND_OWNER: _("remind the owner"),
        Effect.TELL_SUPERVISORS: _("tell the supervisors"),
        Effect.TEXT_CUSTOMER: _("text the customer"),
        Effect.HAND_OVER: _("hand over to a colleague"),
    }


def _deed(step: Step) -> str:
    said = effects()[step.effect]
    if step.every and step.times and step.times > 1:
        said = _(
            "%(deed)s, %(times)s times every %(length)s",
            deed=said,
            times=step.times,
            length=_length(step.every),
        )
    elif step.every and not step.times:
        said = _("%(deed)s, every %(length)s until closed", deed=said, length=_length(step.every))
    return _("%(deed)s (working time)", deed=said) if step.working else said
