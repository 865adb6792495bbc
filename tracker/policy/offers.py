"""Which other times can be offered to a customer? Full hours on their clock, when they are awake and we work."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.policy.calendars import Calendar
from tracker.policy.consent import DEFAULT_QUIET

HOUR = timedelta(hours=1)
APART = 2 * HOUR
"""Nearer times are no choice, only a longer list."""
A_DAY = 3
MOST = 6
FARTHEST = timedelta(days=14)


def offers(
    team: Calendar, *, zone: str, earliest: datetime, promised: datetime, now: datetime
) -> list[datetime]:
    """The first few times from `earliest` on, in UTC, each the latest moment at which it is done: the team works
    during the whole hour before it, and it is none of the customer's quiet hours. `zone` is the customer's. The time
    that is `promised` now is no choice.

    At most MOST, A_DAY on one day of theirs, APART; none beyond FARTHEST. Empty if the team does not work until then.
    Raises ZoneInfoNotFoundError if `zone` is no zone.
    """
    here = ZoneInfo(zone)
    at = _full_hour(max(earliest, now), here)
    last = at + FARTHEST
    found: list[datetime] = []
    while at <= last and len(found) < MOST:
        local = at.astimezone(here)
        same_day = [each for each in found if each.astimezone(here).date() == local.date()]
        other = at != promised
        spaced = not found or at - found[-1] >= APART
        worked = team.between(max(now, at - HOUR), at) >= HOUR.total_seconds()
        if other and spaced and worked and len(same_day) < A_DAY and not DEFAULT_QUIET.cover(local.time()):
            found.append(at)
        at += HOUR
    return found


def _full_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` or the next full hour after it, as the clock of that zone shows it; in UTC."""
    local = at.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return (at + (HOUR - past if past else past)).astimezone(ZoneInfo("UTC"))
