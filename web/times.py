"""How do moments become words on a page, and typed times moments?

Pages show every moment in a zone that is somebody's: the viewer's, or the customer's beside it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Flask
from markupsafe import Markup

from tracker.policy.checks import Refused

LOCALE = "en_GB"
END_OF_DAY = time(18)
MORNING = time(9)
AFTERNOON = time(15)
ROUNDING = timedelta(minutes=5)
"""Nobody promises "at 14:37": quick times fall on the next full five minutes."""


def prepare(app: Flask) -> None:
    """Give templates the names of zones as people read them."""
    app.add_template_filter(place)


def place(zone: str) -> str:
    """`America/New_York` as a person says it: New York."""
    return zone.rpartition("/")[2].replace("_", " ")


@dataclass(frozen=True, slots=True)
class Watch:
    """One moment, as somebody in one zone sees it."""

    now: datetime
    zone: ZoneInfo

    def midnight(self) -> datetime:
        """When today began."""
        return self._local(self.now).replace(hour=0, minute=0, second=0, microsecond=0)

    def says(self, at: datetime) -> str:
        """`15:00` today, `tomorrow, 09:00`, `Thu 19 Nov, 15:00`; with the year when it is another."""
        there, here = self._local(at), self._local(self.now)
        days = (there.date() - here.date()).days
        clock = f"{there:%H:%M}"
        if days == 0:
            return clock
        if days in (-1, 1):
            return f"{'tomorrow' if days == 1 else 'yesterday'}, {clock}"
        pattern = "EEE d MMM, HH:mm" if there.year == here.year else "EEE d MMM yyyy, HH:mm"
        return format_datetime(there, pattern, tzinfo=self.zone, locale=LOCALE)

    def day_and_time(self, at: datetime) -> str:
        """`Thu 19 Nov, 15:00`, also when it is today: for a sentence that is read out to somebody elsewhere."""
        return format_datetime(self._local(at), "EEE d MMM, HH:mm", tzinfo=self.zone, locale=LOCALE)

    def tag(self, at: datetime) -> Markup:
        """The moment for people, and for machines beside it."""
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            at.astimezone(UTC).isoformat(timespec="seconds"), self.in_full(at), self.says(at)
        )

    def in_full(self, at: datetime) -> str:
        """Day, time and zone, leaving nothing to guess."""
        return format_datetime(
            self._local(at), "EEEE d MMMM yyyy, HH:mm", tzinfo=self.zone, locale=LOCALE
        ) + (f" ({self.zone.key})")

    def apart(self, at: datetime) -> str:
        """How far from now: `in 20 min`, `35 min late`."""
        if at >= self.now:
            return f"in {span(at - self.now)}"
        return f"{span(self.now - at)} late"

    def same_clock(self, other: ZoneInfo, at: datetime) -> bool:
        """Do clocks in the other zone show the same at that moment?"""
        return self._local(at).utcoffset() == at.astimezone(other).utcoffset()

    def elsewhere(self, zone: ZoneInfo) -> "Watch":
        """The same moment, seen from another zone."""
        return Watch(self.now, zone)

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)


def span(length: timedelta) -> str:
    """A length of time in its one or two largest units: `20 min`, `1 h 5 min`, `3 days`."""
    minutes = int(length.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    if hours >= 10 or (hours and not rest):
        return f"{hours} h"
    if hours:
        return f"{hours} h {rest} min"
    return f"{minutes} min" if minutes else "less than a minute"


@dataclass(frozen=True, slots=True)
class Quick:
    """A due time that is one press away."""

    label: str
    at: datetime

    @property
    def value(self) -> str:
        """What the form sends: the very moment that was shown, however long the form stood open."""
        return self.at.isoformat(timespec="minutes")


def quick_times(now: datetime, zone: ZoneInfo) -> list[Quick]:
    """The times that agents promise most, by the clock of their team."""
    here = now.astimezone(zone)
    tomorrow = (here + timedelta(days=1)).date()
    end = datetime.combine(here.date(), END_OF_DAY, zone)
    soon = [
        Quick(label, _rounded(now + wait))
        for label, wait in (
            ("In 30 min", timedelta(minutes=30)),
            ("In 1 hour", timedelta(hours=1)),
            ("In 2 hours", timedelta(hours=2)),
        )
    ]
    today = [Quick("End of today", end.astimezone(UTC))] if end > soon[0].at else []
    return [
        *soon,
        *today,
        Quick("Tomorrow morning", datetime.combine(tomorrow, MORNING, zone).astimezone(UTC)),
        Quick("Tomorrow afternoon", datetime.combine(tomorrow, AFTERNOON, zone).astimezone(UTC)),
    ]


def _rounded(at: datetime) -> datetime:
    """Up to the next full five minutes, in UTC: no zone of today is off by less."""
    at = at.astimezone(UTC)
    beyond = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at + (ROUNDING - beyond if beyond else timedelta())


def moment(text: str, field: str) -> datetime:
    """A moment with its offset, as a quick time sends it. Raises Refused."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused("Choose one of the times, or give an exact one.", field)
    return _utc(at, field)


def local_time(text: str, zone: ZoneInfo, field: str) -> datetime:
    """A wall-clock time, as a date-and-time field sends it, in that zone. Raises Refused for one that does not exist.

    Of a time that exists twice, when clocks go back, the first is meant: earlier than feared is no broken promise.
    """
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or ":" not in text:
        raise Refused("Give the date and the time, like 2026-11-19T15:00.", field)
    at = _utc(wall.replace(tzinfo=zone), field)
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        raise Refused(
            f"{wall:%H:%M} on {wall.day} {wall:%B} does not exist in {zone.key}: the clocks go forward over it. "
            "Choose an earlier or a later time.",
            field,
        )
    return at


def _utc(at: datetime, field: str) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Refused("That date is out of reach: promise something nearer.", field) from None
