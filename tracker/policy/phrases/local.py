"""Which instants does a clock on the wall show as this time? One; when the clocks change, none or two."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def wall(day: date, minute: int) -> datetime:
    """The time so many minutes after midnight, up to 1440, as a clock on the wall shows it: with no zone."""
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def instants(shown: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The instants, in UTC and in order, at which a clock in the zone shows this time."""
    both = {shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in both if at.astimezone(zone).replace(tzinfo=None) == shown))


def about(shown: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a time that the clocks skip, had they not changed before it."""
    return shown.replace(tzinfo=zone, fold=0).astimezone(UTC)


def to_the_minute(at: datetime) -> datetime:
    """The next whole minute, so that what is echoed is what is meant, and never sooner than was said."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)
