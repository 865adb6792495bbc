"""Other times for a customer: on their clock, when they are awake and we work."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.calendars import NEVER, Calendar, WeeklyHours
from tracker.policy.consent import DEFAULT_QUIET
from tracker.policy.offers import A_DAY, APART, FARTHEST, HOUR, MOST, offers

TWO = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
LONDON = Calendar(WeeklyHours.parse("0-4:9-18"), "Europe/London")
ZONES = st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
MOMENTS = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda passed: TWO + passed)


def in_words(times: list[datetime], zone: str = "Europe/London") -> list[str]:
    return [f"{at.astimezone(ZoneInfo(zone)):%a %H:%M}" for at in times]


def test_three_a_day_two_hours_apart_from_the_earliest_on() -> None:
    times = offers(LONDON, zone="Europe/London", earliest=TWO, promised=TWO, now=TWO)
    assert in_words(times) == ["Thu 15:00", "Thu 17:00", "Fri 10:00", "Fri 12:00", "Fri 14:00", "Mon 10:00"]


def test_the_time_promised_now_gives_way_to_the_next() -> None:
    three = TWO + HOUR
    times = offers(LONDON, zone="Europe/London", earliest=TWO, promised=three, now=TWO)
    assert in_words(times)[:2] == ["Thu 16:00", "Thu 18:00"]


def test_nobody_is_offered_a_time_in_their_night() -> None:
    times = offers(LONDON, zone="America/Los_Angeles", earliest=TWO, promised=TWO, now=TWO)
    assert in_words(times, "America/Los_Angeles")[:3] == ["Thu 08:00", "Thu 10:00", "Fri 08:00"]


def test_a_team_that_never_works_offers_nothing() -> None:
    assert offers(Calendar(NEVER), zone="UTC", earliest=TWO, promised=TWO, now=TWO) == []


@given(now=MOMENTS, ahead=st.timedeltas(timedelta(), timedelta(days=20)), zone=ZONES)
def test_every_offer_can_be_worked_for_and_wakes_nobody(now: datetime, ahead: timedelta, zone: str) -> None:
    earliest = now + ahead
    times = offers(LONDON, zone=zone, earliest=earliest, promised=now, now=now)
    local = [at.astimezone(ZoneInfo(zone)) for at in times]
    assert len(times) <= MOST
    assert all(earliest <= at <= earliest + FARTHEST + HOUR for at in times)
    assert all(LONDON.between(max(now, at - HOUR), at) == HOUR.total_seconds() for at in times)
    assert all(at.minute == 0 and not DEFAULT_QUIET.cover(at.time()) for at in local)
    assert all(later - at >= APART for at, later in pairwise(times))
    assert all(sum(each.date() == at.date() for each in local) <= A_DAY for at in local)
