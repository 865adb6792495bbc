"""Nobody picked up: when is the next try, and for how long may a slip of the finger be taken back?"""

from datetime import datetime, timedelta

from tracker.policy.calendars import Calendar

UNDO_WINDOW = timedelta(seconds=10)
"""An act may be taken back for so long. Texts that an act may turn out not to have caused wait as long."""
WAITS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=4))
"""After the first, the second, and every later try without an answer."""
SETTLING_IN = timedelta(minutes=30)
"""Nobody is called in the first minutes of a working day, when everything left over from yesterday comes first."""
GRID = timedelta(minutes=5)


def next_try(unanswered: int, *, now: datetime, calendar: Calendar) -> datetime | None:
    """When to try again after so many tries (at least 1) that reached nobody: ever later, when the team works, on
    the next full five minutes. None when the team never works again. Raises ValueError for no try at all."""
    if unanswered < 1:
        raise ValueError("there was no try yet")
    wanted = now + WAITS[min(unanswered, len(WAITS)) - 1]
    opening = calendar.next_open(wanted)
    if opening is None:
        return None
    settled = opening == wanted and calendar.is_open(wanted - GRID)
    at = wanted if settled else opening + SETTLING_IN
    over = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at + (GRID - over) if over else at
