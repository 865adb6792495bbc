"""A Monday in Amsterdam, and a team that works there."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.policy.calendars import Calendar, PublicHolidays, WeeklyHours
from tracker.policy.load import Pace

AMSTERDAM = "Europe/Amsterdam"
TEAM = Calendar(WeeklyHours.parse("0-4:9-17"), AMSTERDAM, PublicHolidays("NL"))
FOUR_AN_HOUR = Pace(4)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """A time there in 2026, in November unless another month is named."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(AMSTERDAM))


MONDAY_TEN = at(16, 10)
