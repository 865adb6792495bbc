"""How much is promised for today and tomorrow, and how much of it can be kept? A team's half hours, for those who
steer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from math import ceil
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import advising
from tracker.model import Commitment, Role
from tracker.policy.load import Slot
from tracker.queries import board
from web import room
from web.auth import me, only
from web.context import house, watch
from web.i18n import _
from web.supervisor import chosen

pages = Blueprint("load", __name__)
MOST = 200
"""Promises on one list: nobody works off more in half an hour."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the forecast."""

    date: date
    slots: Sequence[Slot]
    """From the first half hour that matters to the last."""

    @property
    def lines(self) -> Sequence[Sequence[Slot]]:
        """The half hours that matter, one a line; those that follow one another with equal capacity, nothing promised
        and room on a line together."""
        alike = groupby(
            enumerate(self.slots), lambda each: each[1].capacity if _quiet(each[1]) else -1 - each[0]
        )
        lines = ([slot for _, slot in run] for _, run in alike)
        return [line for line in lines if _matters(line[0])]

    @property
    def full(self) -> int:
        """How many of them are full."""
        return sum(slot.full and _matters(slot) for slot in self.slots)


@pages.get("/supervisor/load")
@only(Role.SUPERVISOR, Role.ADMIN)
def overview() -> ResponseReturnValue:
    """What a team has promised against its capacity; `?team=` for an administrator, who has several."""
    with house().readers.begin() as session:
        teams = room.teams(session, me())
        if not teams:
            return redirect(url_for("supervisor.overview"))
        team = chosen(teams)
        there = watch(team.zone)
        slots = advising.forecast(session, team=team, now=there.now)
    days = _days(slots, there.zone)
    return render_template(
        "load.html",
        team=team,
        teams=teams,
        days=days,
        finding=_finding(days, team.zone),
        top=_top(slots),
        there=there.zone,
    )


@pages.get("/supervisor/load/promises")
@only(Role.SUPERVISOR, Role.ADMIN)
def behind() -> ResponseReturnValue:
    """The promises that have to be kept by the end of the half hour that begins `?at=`."""
    try:
        at = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        abort(404)
    with house().readers.begin() as session:
        team = chosen(room.teams(session, me()))
        there = watch(team.zone)
        slots = advising.forecast(session, team=team, now=there.now)
        slot = next((each for each in slots if each.start == at), None)
        if slot is None:
            flash(_("That half hour is over: this is the load from now on."), "warning")
            return redirect(url_for("load.overview", team=team.id))
        due = board(me()).where(Commitment.team_id == team.id, Commitment.due_at <= slot.until)
        if slot is not slots[0]:
            due = due.where(Commitment.due_at > slot.start)
        shown = session.scalars(due.limit(MOST)).all()
    return render_template(
        "load_promises.html",
        team=team,
        slot=slot,
        shown=shown,
        watch=there,
    )


def _matters(slot: Slot) -> bool:
    """Whether anybody works in it or anything has to be kept."""
    return bool(slot.capacity or slot.promised)


def _quiet(slot: Slot) -> bool:
    return not slot.promised and not slot.full


def _days(slots: Sequence[Slot], zone: ZoneInfo) -> Sequence[Day]:
    """Today and tomorrow by the clock of the team."""
    days = dict.fromkeys(slot.start.astimezone(zone).date() for slot in slots)
    return [
        Day(day, _trimmed([slot for slot in slots if slot.start.astimezone(zone).date() == day]))
        for day in days
    ]


def _finding(days: Sequence[Day], zone: str) -> str:
    """Until when all is full: what is due first is kept first, so after the last full one all have room."""
    slots = [(day, slot) for day in days for slot in day.slots if _matters(slot)]
    full = [each for each in slots if each[1].full]
    if not full:
        return _("every half hour has room")
    if full[-1] == slots[-1]:
        return _("full until the end of tomorrow")
    day, slot = full[-1]
    if day is days[0]:
        return _("full until %(time)s", time=slot.clock(zone))
    return _("full until %(time)s tomorrow", time=slot.clock(zone))


def _trimmed(slots: Sequence[Slot]) -> Sequence[Slot]:
    mattering = [i for i, slot in enumerate(slots) if _matters(slot)]
    return slots[mattering[0] : mattering[-1] + 1] if mattering else []


def _top(slots: Sequence[Slot]) -> int:
    """The even number at which charts of these half hours end. A backlog, which falls to the current half hour, may
    stand out beyond it: else it would press everything else flat."""
    most = max(1, *(ceil(slot.capacity) for slot in slots), *(slot.promised for slot in slots[1:]))
    backlog = slots[0].promised
    most = max(most, backlog) if backlog <= 2 * most else most
    return most + most % 2
