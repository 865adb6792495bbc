"""What does one step of one commitment come to? Decided from its rung and from who is here; nothing is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.policy.calendars import Calendar
from tracker.policy.ladder import Effect, Ladder, Rung
from tracker.policy.wording import TextKind
from tracker.takeover import Here, Somebody


class Whom(StrEnum):
    """Who a step's text is for."""

    CUSTOMER = "customer"
    OWNER = "owner"
    SUPERVISORS = "supervisors"


@dataclass(frozen=True, slots=True)
class Climb:
    """One commitment taking one step, its text, and the step ahead. `to`: who takes it over, if somebody does."""

    id: int
    team_id: int
    rung: Rung
    next_step: int
    next_step_at: datetime
    text: TextKind
    whom: Whom
    expires_at: datetime | None
    owner_id: int
    """Who answered for it before this step."""
    to: Somebody | None = None


def decide(
    session: Session, due: Row[*tuple[Any, ...]], ladder: Ladder, calendar: Calendar | None, here: Here
) -> Climb:
    """The step that this commitment takes now. `calendar`: its team's, for a ladder that counts working time."""
    rung = ladder.rung(due.next_step)
    following = ladder.after(due.next_step, due.due_at, now=here.now, calendar=calendar)
    next_step_at = ladder.at(following, due.due_at, calendar)
    if rung.step.endless:
        expires_at: datetime | None = next_step_at  # the next repetition says it again
    else:
        expires_at = ladder.stale_at(due.next_step, due.due_at, calendar)
    to = None
    if rung.step.effect is Effect.HAND_OVER:
        to = here.take(session, due.team_id, due.owner_id)
    text, whom = _text(rung, to)
    return Climb(due.id, due.team_id, rung, following, next_step_at, text, whom, expires_at, due.owner_id, to)


def _text(rung: Rung, to: Somebody | None) -> tuple[TextKind, Whom]:
    match rung.step.effect:
        case Effect.REMIND_OWNER:
            return (TextKind.REMINDER if rung.offset < timedelta() else TextKind.DUE), Whom.OWNER
        case Effect.TELL_SUPERVISORS:
            return (TextKind.STILL_OPEN if rung.step.endless else TextKind.ESCALATION), Whom.SUPERVISORS
        case Effect.TEXT_CUSTOMER:
            return TextKind.APOLOGY, Whom.CUSTOMER
        case Effect.HAND_OVER if to is None:
            return TextKind.ESCALATION, Whom.SUPERVISORS  # with nobody else here, somebody has to know
        case Effect.HAND_OVER:
            return TextKind.YOURS_NOW, Whom.OWNER
