"""Laws of working time, in every zone, for any calendar."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.policy.test_calendars_hours import weekly_hours
from tracker.policy.calendars import BusinessClock, Calendar, PublicHolidays, Stretch
from tracker.policy.calendars.calendar import timeline_of

ZONES = files("tzdata").joinpath("zones").read_text().split()
HOLIDAYS = [None, PublicHolidays("NL"), PublicHolidays("US", "CA"), PublicHolidays("DE", "BY")]
START = datetime(2010, 1, 1, tzinfo=UTC)  # many zones changed their rules then; Samoa left out a whole day
DAY = timedelta(days=1)

law = settings(deadline=None, max_examples=25)  # the first question to a calendar lays out whole years
moments = st.integers(0, 1000 * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))
amounts = st.integers(0, 40 * 3600 * 1000).map(lambda ms: ms / 1000)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    start = draw(moments)
    return Stretch(start, start + timedelta(minutes=draw(st.integers(1, 60 * 24 * 400))))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    calendar = Calendar(
        hours=draw(weekly_hours()),
        zone=draw(st.sampled_from(ZONES)),
        holidays=draw(st.sampled_from(HOLIDAYS)),
        closures=tuple(draw(st.lists(stretches(), max_size=2))),
        extra=tuple(draw(st.lists(stretches(), max_size=2))),
    )
    return calendar & draw(calendars()) if draw(st.integers(0, 4)) == 4 else calendar


@law
@given(calendars(), moments, amounts, amounts)
def test_adding_twice_is_adding_the_sum(calendar: Calendar, at: datetime, one: float, two: float) -> None:
    first = calendar.add(at, one)
    total = round(one * 1000 + two * 1000) / 1000
    assert (None if first is None else calendar.add(first, two)) == calendar.add(at, total)


@law
@given(calendars(), moments, amounts, amounts)
def test_subtracting_twice_is_subtracting_the_sum(
    calendar: Calendar, at: datetime, one: float, two: float
) -> None:
    first = calendar.subtract(at, one)
    total = round(one * 1000 + two * 1000) / 1000
    assert (None if first is None else calendar.subtract(first, two)) == calendar.subtract(at, total)


@law
@given(calendars(), moments, amounts)
def test_what_was_added_lies_between(calendar: Calendar, at: datetime, amount: float) -> None:
    later = calendar.add(at, amount)
    assume(later is not None)
    assert later is not None
    assert at <= later
    assert calendar.between(at, later) == amount
    back = calendar.subtract(later, amount)
    assert back is not None
    assert at <= back  # equal, unless `at` was closed: then it is the opening after it
    assert calendar.between(at, back) == 0


@law
@given(calendars(), moments, amounts)
def test_what_was_subtracted_lies_between(calendar: Calendar, at: datetime, amount: float) -> None:
    earlier = calendar.subtract(at, amount)
    assume(earlier is not None)
    assert earlier is not None
    assert earlier <= at
    assert calendar.between(earlier, at) == amount
    forth = calendar.add(earlier, amount)
    assert forth is not None
    assert forth <= at
    assert calendar.between(forth, at) == 0


@law
@given(calendars(), moments, moments, amounts)
def test_starting_later_never_ends_sooner(
    calendar: Calendar, one: datetime, two: datetime, amount: float
) -> None:
    first, second = sorted((one, two))
    early, late = calendar.add(first, amount), calendar.add(second, amount)
    assert late is None or (early is not None and early <= late)


@law
@given(calendars(), moments, moments, moments)
def test_working_time_adds_up_and_is_no_longer_than_time(
    calendar: Calendar, one: datetime, two: datetime, three: datetime
) -> None:
    first, second, third = sorted((one, two, three))
    whole = calendar.between(first, third)
    assert round(calendar.between(first, second) + calendar.between(second, third), 3) == round(whole, 3)
    assert 0 <= whole <= (third - first).total_seconds()
    assert calendar.between(third, first) == -whole


@law
@given(calendars(), moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar: Calendar, at: datetime) -> None:
    opening = calendar.next_open(at)
    assert (opening == at) == calendar.is_open(at)
    if opening is not None:
        assert calendar.is_open(opening)
        assert calendar.between(at, opening) == 0
        assert calendar.add(opening, 0.001) == opening + timedelta(milliseconds=1)


@law
@given(calendars(), moments)
def test_it_is_open_without_a_break_until_it_closes(calendar: Calendar, at: datetime) -> None:
    opening, closing = calendar.next_open(at), calendar.closing_after(at)
    assume(opening is not None and closing is not None)
    assert opening is not None
    assert closing is not None
    assert calendar.between(opening, closing) == (closing - opening).total_seconds()
    assert not calendar.is_open(closing)
    assert calendar.why_closed(closing) is not None


@law
@given(calendars(), moments)
def test_it_gives_the_same_answers_whichever_year_it_was_asked_about_first(
    calendar: Calendar, at: datetime
) -> None:
    timeline_of.cache_clear()
    fresh = Calendar.from_dict(calendar.as_dict())
    calendar.between(START - 999 * DAY, START + 2999 * DAY)
    assert fresh.next_open(at) == calendar.next_open(at)
    assert fresh.between(at, at + 99 * DAY) == calendar.between(at, at + 99 * DAY)


@law
@given(
    weekly_hours().flatmap(lambda hours: st.builds(Calendar, st.just(hours), st.sampled_from(ZONES))), moments
)
def test_open_is_what_the_wall_clock_says(calendar: Calendar, at: datetime) -> None:
    local = at.astimezone(ZoneInfo(calendar.zone))
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    assume(not twice)
    minute = local.hour * 60 + local.minute
    expected = any(
        (weekday == local.weekday() and start <= minute < end)
        or (weekday == (local.weekday() - 1) % 7 and start <= minute + 1440 < end)
        for weekday, start, end in calendar.hours.shifts
    )
    assert calendar.is_open(at) == expected


@law
@given(calendars(), moments, moments, amounts)
def test_the_business_clock_never_stops_and_can_be_read_backwards(
    calendar: Calendar, start: datetime, at: datetime, amount: float
) -> None:
    clock = BusinessClock(calendar, start)
    assert abs(clock.when(clock.at(at)) - at) < timedelta(milliseconds=1)
    assert clock.at(at + timedelta(seconds=60)) - clock.at(at) >= 2.999
    assert abs(clock.at(clock.when(amount)) - amount) < 0.001
    assert abs(clock.at(clock.when(-amount)) + amount) < 0.001
