"""Do a team's odds come true? Once a day its last promises are gone through again in the order in which they were
made and closed: the times that were named for each by what was known then, against what came of it. What the odds are
worth is kept with the team, for advice has no time to reckon it."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, union_all, update
from sqlalchemy.orm import Session, sessionmaker

from tracker.duty import team_calendar
from tracker.model import Team
from tracker.past import BEGUN, COMMITMENT, COUNTS, IS_DONE, NOW
from tracker.policy.calendars import BusinessClock, Calendar
from tracker.policy.calibration import Calibration
from tracker.policy.history import RECALIBRATED, History

PROMISES = 10_000
"""So many of the last closed ones are gone through: enough for the account of a team of whose promises thousands wait
at any time."""

log = logging.getLogger(__name__)


def calibrate_next(
    sessions: sessionmaker[Session], readers: sessionmaker[Session], *, now: datetime
) -> Team | None:
    """Calibrate the odds of the team that has waited longest, if that is a day; None if none has.

    One team a call, for it may take a minute, in no transaction. Any number of workers may do so at once, each for
    another team. A team for which it fails holds up no other: its next turn is a day later.
    """
    waiting = or_(
        Team.calibrated_at.is_(None),
        Team.calibrated_at <= now - RECALIBRATED,
        Team.calibrated_at > now + RECALIBRATED,  # by a clock that went wrong
    )
    longest = select(Team).where(waiting).order_by(Team.calibrated_at.asc().nulls_first(), Team.id).limit(1)
    with sessions.begin() as session:
        team = session.scalars(longest.with_for_update(skip_locked=True, key_share=True)).one_or_none()
        if team is None:
            return None
        team.calibrated_at = now
    try:
        with readers() as session:
            calendar, promises = team_calendar(session, team), _last(session, team, now)
        worth = str(_calibration(promises, calendar, now))
    except ValueError:
        log.exception("the odds of team %s could not be calibrated", team.id)
        return team
    with sessions.begin() as session:
        session.execute(update(Team).where(Team.id == team.id).values(odds_worth=worth))
    return team


def _last(session: Session, team: Team, now: datetime) -> Sequence[Row[Any]]:
    """The team's last promises: those closed by `now`, one more than PROMISES, and those open then."""
    made = select(
        COMMITMENT.owner_id,
        COMMITMENT.kind,
        BEGUN.label("begun"),
        COMMITMENT.closed_at,
        IS_DONE.label("is_done"),
    ).where(COMMITMENT.team_id == team.id)
    closed = (
        made.where(COMMITMENT.closed_at <= NOW, COUNTS)
        .order_by(COMMITMENT.closed_at.desc())
        .limit(PROMISES + 1)
    )
    waiting = made.where(COMMITMENT.closed_at.is_(None), BEGUN <= NOW)
    return session.execute(union_all(select(closed.subquery()), waiting), {"now": now}).all()


def _calibration(promises: Sequence[Row[Any]], calendar: Calendar, now: datetime) -> Calibration:
    ends = sorted(each.closed_at for each in promises if each.closed_at)
    since = ends[-PROMISES - 1] if len(ends) > PROMISES else None
    if since is not None:
        promises = [each for each in promises if each.closed_at is None or each.closed_at > since]
    history = History(BusinessClock(calendar, min((each.begun for each in promises), default=now)), since)
    events = [(each.begun, False, number) for number, each in enumerate(promises)]
    events += [
        (max(each.begun, each.closed_at), True, number)  # two machines' clocks may differ
        for number, each in enumerate(promises)
        if each.closed_at
    ]
    for at, is_end, number in sorted(events):
        promise = promises[number]
        if is_end:
            history.closed(number, at, done=promise.is_done)
        else:
            history.made(number, kind=promise.kind, owner=promise.owner_id, at=at)
    history.calibrate(now)
    return history.calibration
