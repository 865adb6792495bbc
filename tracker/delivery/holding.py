"""Is the colleague at work? Nobody is texted off duty while somebody of the team is on duty: they will hear of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.duty import duty_calendars, on_duty

LOOK_AGAIN = timedelta(hours=1)
"""When nobody knows when they return."""


def off_duty(session: Session, rows: Sequence[Row[Any]], *, now: datetime) -> Mapping[int, datetime]:
    """The messages (numbers) that are for somebody off duty while others of the team are on duty, and until when
    each is held. What is no longer useful by then is dropped when it is looked at again."""
    calendars = duty_calendars(session, {row.person_id for row in rows if row.person_id is not None})
    away = {number: calendar for number, calendar in calendars.items() if not calendar.is_open(now)}
    held = [row for row in rows if row.person_id in away]
    here = {team: on_duty(session, team, now) for team in {row.team_id for row in held}}
    return {
        row.id: away[row.person_id].next_open(now) or now + LOOK_AGAIN for row in held if here[row.team_id]
    }
