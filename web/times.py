"""How do moments become words on a page, and typed times moments?

Pages show every moment in a zone that is somebody's: the viewer's, or the customer's beside it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, get_timezone_location
from flask import Flask
from markupsafe import Markup

from tracker.policy.checks import Refused, zones
from web.i18n import _, voice


def prepare(app: Flask) -> None:
    """Give templates the names of zones as people read them, and all of them to choose from."""
    app.add_template_filter(place)
    app.add_template_global(zone_list)


@cache
def zone_list() -> Markup:
    """What a field for a zone offers while somebody types. Made once: to write out its six hundred names took a
    millisecond of every such page."""
    options = Markup().join(Markup('<option value="{}">').format(zone) for zone in zones())
    return Markup('<datalist id="zones">{}</datalist>').format(options)


def locale() -> str:
    """How the reader of this page writes days and months."""
    return voice().locale


def place(zone: str) -> str:
    """`America/New_York` as a person says it: New York."""
    return get_timezone_location(zone, locale=locale(), return_city=True)


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
        if days == 0:
            return self.clock(at)
        if days in (-1, 1):
            word = _("tomorrow") if days == 1 else _("yesterday")
            return f"{word}, {self.clock(at)}"
        pattern = "EEE d MMM, HH:mm" if there.year == here.year else "EEE d MMM yyyy, HH:mm"
        return format_datetime(there, pattern, tzinfo=self.zone, locale=locale())

    def clock(self, at: datetime) -> str:
        """The time of day alone: `15:00`."""
        return f"{self._local(at):%H:%M}"

    def day(self, at: datetime) -> date:
        """The day on which it falls here."""
        return self._local(at).date()

    def day_and_time(self, at: datetime) -> str:
        """`Thu 19 Nov, 15:00`, also when it is today: for a sentence that is read out to somebody elsewhere."""
        return format_datetime(self._local(at), "EEE d MMM, HH:mm", tzinfo=self.zone, locale=locale())

    def tag(self, at: datetime) -> Markup:
        """The moment for people, and for machines beside it."""
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            at.astimezone(UTC).isoformat(timespec="seconds"), self.in_full(at), self.says(at)
        )

    def in_full(self, at: datetime) -> str:
        """Day, time and zone, leaving nothing to guess."""
        return f"{format_date(self.day(at), 'full', locale=locale())}, {self.clock(at)} ({self.zone.key})"

    def apart(self, at: datetime) -> str:
        """How far from now: `in 20 min`, `35 min late`."""
        if at >= self.now:
            return _("in %(time)s", time=span(at - self.now))
        return _("%(time)s late", time=span(self.now - at))

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
    return voice().span(length)


def local_time(text: str, zone: ZoneInfo, field: str) -> datetime:
    """A wall-clock time, as a date-and-time field sends it, in that zone. Raises Refused for one that does not exist.

    Of a time that exists twice, when clocks go back, the first is meant: earlier than feared is no broken promise.
    """
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or ":" not in text:
        raise Refused(_("Give the date and the time, like 2026-11-19T15:00."), field)
    at = _utc(wall.replace(tzinfo=zone), field)
    if at.astimezone(zone).replace(tzinfo=None) != wall:
        day = format_skeleton("MMMMd", wall, locale=locale())
        raise Refused(
            _(
                "%(time)s on %(day)s does not exist in %(zone)s: the clocks go forward over it. "
                "Choose an earlier or a later time.",
                time=f"{wall:%H:%M}",
                day=day,
                zone=zone.key,
            ),
            field,
        )
    return at


def _utc(at: datetime, field: str) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Refused(_("That date is out of reach: promise something nearer."), field) from None
