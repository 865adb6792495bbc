"""When is somebody at work, and how much working time lies between two moments?

Reading order: hours (a week, as text), public (holidays), days (wall clock to instants), spans and timeline
(arithmetic on open stretches), calendar (all of it together: the class to use), business (the clock that the
advice is measured on).
"""

from tracker.policy.calendars.business import BusinessClock
from tracker.policy.calendars.calendar import Calendar, Closed, ClosedBy, Stretch
from tracker.policy.calendars.hours import ALWAYS, NEVER, HoursError, WeeklyHours
from tracker.policy.calendars.public import PublicHolidays

__all__ = [
    "ALWAYS",
    "NEVER",
    "BusinessClock",
    "Calendar",
    "Closed",
    "ClosedBy",
    "HoursError",
    "PublicHolidays",
    "Stretch",
    "WeeklyHours",
]
