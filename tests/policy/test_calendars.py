"""When somebody is at work: single cases that people can check in their heads."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tracker.policy.calendars import (
    ALWAYS,
    NEVER,
    BusinessClock,
    Calendar,
    Closed,
    ClosedBy,
    PublicHolidays,
    Stretch,
    WeeklyHours,
)

HOUR = 3600.0
OFFICE = WeeklyHours.parse("0-4:9-12,0-4:13-17")


def amsterdam(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Amsterdam"), fold=fold)


def office(**changes: object) -> Calendar:
    return Calendar(**{"hours": OFFICE, "zone": "Europe/Amsterdam", **changes})  # type: ignore[arg-type] # any field


def at_work(calendar: Calendar, first: datetime, last: datetime) -> float:
    return calendar.between(first, last) / HOUR


def test_the_lunch_break_is_closed_and_its_ends_belong_to_the_afternoon() -> None:
    calendar = office()
    assert not calendar.is_open(amsterdam(2026, 11, 16, 12, 0))
    assert calendar.next_open(amsterdam(2026, 11, 16, 12, 0)) == amsterdam(2026, 11, 16, 13, 0)
    assert calendar.is_open(amsterdam(2026, 11, 16, 13, 0))
    assert calendar.closing_after(amsterdam(2026, 11, 16, 9, 0)) == amsterdam(2026, 11, 16, 12, 0)


def test_work_added_on_friday_evening_is_done_on_monday() -> None:
    assert office().add(amsterdam(2026, 11, 20, 16, 0), 2 * HOUR) == amsterdam(2026, 11, 23, 10, 0)


def test_work_that_fills_the_day_is_done_at_closing_not_next_morning() -> None:
    assert office().add(amsterdam(2026, 11, 20, 16, 0), HOUR) == amsterdam(2026, 11, 20, 17, 0)


def test_work_subtracted_down_to_the_opening_begins_that_morning_not_the_evening_before() -> None:
    assert office().subtract(amsterdam(2026, 11, 20, 10, 0), HOUR) == amsterdam(2026, 11, 20, 9, 0)


def test_a_negative_amount_goes_the_other_way() -> None:
    monday = amsterdam(2026, 11, 23, 10, 0)
    assert office().add(monday, -2 * HOUR) == office().subtract(monday, 2 * HOUR)
    assert office().subtract(monday, -2 * HOUR) == office().add(monday, 2 * HOUR)
    assert office().between(monday, amsterdam(2026, 11, 20, 16, 0)) == -2 * HOUR


def test_a_night_shift_reaches_into_the_next_day() -> None:
    nights = office(hours=WeeklyHours.parse("4:22-6"))
    assert nights.is_open(amsterdam(2026, 11, 21, 5, 59))
    assert not nights.is_open(amsterdam(2026, 11, 21, 6, 0))
    assert nights.closing_after(amsterdam(2026, 11, 20, 23, 0)) == amsterdam(2026, 11, 21, 6, 0)


def test_the_night_of_the_spring_change_is_an_hour_shorter_and_that_of_autumn_an_hour_longer() -> None:
    nights = office(hours=WeeklyHours.parse("0-6:22-6"))
    assert at_work(nights, amsterdam(2026, 3, 28, 12), amsterdam(2026, 3, 29, 12)) == 7
    assert at_work(nights, amsterdam(2026, 10, 24, 12), amsterdam(2026, 10, 25, 12)) == 9


def test_hours_that_begin_in_the_spring_gap_begin_when_the_clock_jumps() -> None:
    early = office(hours=WeeklyHours.parse("6:2:30-5"))
    assert early.next_open(amsterdam(2026, 3, 29)) == amsterdam(2026, 3, 29, 3, 0)
    inside = office(hours=WeeklyHours.parse("6:2:15-2:45"))
    assert at_work(inside, amsterdam(2026, 3, 29), amsterdam(2026, 3, 30)) == 0


def test_hours_that_end_in_the_autumn_hour_end_the_first_time_it_strikes() -> None:
    late = office(hours=WeeklyHours.parse("6:0-2:30"))
    assert late.closing_after(amsterdam(2026, 10, 25)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert not late.is_open(amsterdam(2026, 10, 25, 2, 15, fold=1))


def test_a_day_that_a_zone_left_out_has_no_hours() -> None:
    apia = Calendar(OFFICE, "Pacific/Apia")  # went from 29 to 31 December 2011, across the date line
    zone = ZoneInfo("Pacific/Apia")
    friday = apia.between(datetime(2011, 12, 29, 17, tzinfo=zone), datetime(2011, 12, 31, 23, tzinfo=zone))
    assert friday == 0


def test_public_holidays_are_closed_where_they_are_kept() -> None:
    epiphany = amsterdam(2026, 1, 6, 10)
    bavaria = Calendar(OFFICE, "Europe/Berlin", PublicHolidays("DE", "BY"))
    berlin = Calendar(OFFICE, "Europe/Berlin", PublicHolidays("DE", "BE"))
    assert bavaria.why_closed(epiphany) == Closed(ClosedBy.HOLIDAY, "Epiphany")
    assert berlin.is_open(epiphany)


def test_a_night_shift_loses_the_part_that_falls_on_the_holiday() -> None:
    nights = office(hours=WeeklyHours.parse("0-6:22-6"), holidays=PublicHolidays("NL"))
    eve, boxing_day = amsterdam(2026, 12, 24, 22), amsterdam(2026, 12, 26)
    assert nights.closing_after(eve) == amsterdam(2026, 12, 25)
    assert nights.next_open(amsterdam(2026, 12, 25)) == amsterdam(2026, 12, 27)
    assert nights.why_closed(boxing_day) == Closed(ClosedBy.HOLIDAY, "Second Day of Christmas")


def test_a_shift_inside_another_adds_nothing() -> None:
    nested = office(hours=WeeklyHours.parse("0:9-17,0:10-12"))
    assert at_work(nested, amsterdam(2026, 11, 16), amsterdam(2026, 11, 17)) == 8


def test_a_year_before_the_first_one_asked_about_is_laid_out_too() -> None:
    calendar = office()
    assert calendar.is_open(amsterdam(2026, 11, 16, 9))
    assert calendar.is_open(amsterdam(2020, 11, 16, 9))


def test_an_unknown_country_part_or_zone_is_refused_with_the_way_to_mend_it() -> None:
    with pytest.raises(ValueError, match="two-letter code"):
        PublicHolidays("XX")
    with pytest.raises(ValueError, match="ZZ in DE"):
        PublicHolidays("DE", "ZZ")
    for name in ("Europe/Atlantis", "../etc/passwd", "Europe", ""):
        with pytest.raises(ValueError, match="no time zone"):
            Calendar(OFFICE, name)


def test_a_one_off_shift_is_open_on_a_holiday_but_a_closure_wins() -> None:
    christmas = Stretch(amsterdam(2026, 12, 25, 10), amsterdam(2026, 12, 25, 14), "Christmas service")
    calendar = office(holidays=PublicHolidays("NL"), extra=(christmas,))
    assert calendar.is_open(amsterdam(2026, 12, 25, 13, 59))
    burst_pipe = Stretch(amsterdam(2026, 12, 25, 12), amsterdam(2026, 12, 26), "burst pipe")
    closed = office(holidays=PublicHolidays("NL"), extra=(christmas,), closures=(burst_pipe,))
    assert closed.why_closed(amsterdam(2026, 12, 25, 13)) == Closed(ClosedBy.CLOSURE, "burst pipe")
    assert closed.is_open(amsterdam(2026, 12, 25, 11))


def test_an_absence_of_whole_days_is_no_working_time() -> None:
    leave = Stretch(amsterdam(2026, 11, 18), amsterdam(2026, 11, 20), "leave")
    calendar = office(closures=(leave,))
    assert calendar.add(amsterdam(2026, 11, 17, 16), 2 * HOUR) == amsterdam(2026, 11, 20, 10)
    assert calendar.why_closed(amsterdam(2026, 11, 19, 10)) == Closed(ClosedBy.CLOSURE, "leave")


def test_an_empty_stretch_is_refused() -> None:
    with pytest.raises(ValueError, match="end it after its start"):
        Stretch(amsterdam(2026, 11, 18), amsterdam(2026, 11, 18))


def test_a_person_works_when_the_team_is_open_and_the_shift_is_on() -> None:
    early = Calendar(WeeklyHours.parse("0-4:6-14"), "Europe/Amsterdam")
    ill = Stretch(amsterdam(2026, 11, 17), amsterdam(2026, 11, 18), "ill")
    person = office() & early & Calendar(ALWAYS, closures=(ill,))
    assert at_work(person, amsterdam(2026, 11, 16), amsterdam(2026, 11, 17)) == 4
    assert person.why_closed(amsterdam(2026, 11, 16, 15)) == Closed(ClosedBy.HOURS)
    assert person.why_closed(amsterdam(2026, 11, 17, 10)) == Closed(ClosedBy.CLOSURE, "ill")
    assert person.why_closed(amsterdam(2026, 11, 16, 10)) is None


def test_round_the_clock_never_closes() -> None:
    always = Calendar(ALWAYS)
    now = amsterdam(2026, 11, 16, 3)
    assert always.is_open(now)
    assert always.closing_after(now) is None
    assert always.add(now, 86_400) == now + timedelta(days=1)


def test_a_calendar_that_never_opens_says_so_and_does_not_search_for_ever() -> None:
    never = Calendar(NEVER)
    now = amsterdam(2026, 11, 16, 3)
    assert never.next_open(now) is None
    assert never.closing_after(now) is None
    assert never.add(now, 1) is None
    assert never.subtract(now, 1) is None
    assert never.add(now, 0) == now


def test_somebody_who_left_for_good_never_opens_again_but_worked_before() -> None:
    left = Stretch(amsterdam(2026, 11, 16), datetime(9999, 1, 1, tzinfo=UTC), "left")
    person = office(closures=(left,))
    assert person.next_open(amsterdam(2026, 11, 16)) is None
    assert person.subtract(amsterdam(2027, 5, 1), HOUR) == amsterdam(2026, 11, 13, 16)


def test_outside_the_years_it_knows_every_calendar_is_closed() -> None:
    always = Calendar(ALWAYS)
    for year in (1, 1969, 2100, 9998):
        assert not always.is_open(datetime(year, 6, 1, tzinfo=UTC))
    assert always.next_open(datetime(1900, 1, 1, tzinfo=UTC)) == datetime(1970, 1, 1, tzinfo=UTC)
    assert always.next_open(datetime(2100, 1, 1, tzinfo=UTC)) is None
    assert always.add(datetime(2099, 12, 31, tzinfo=UTC), 86_401) is None


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(TypeError, match="naive"):
        office().is_open(amsterdam(2026, 11, 16).replace(tzinfo=None))


def test_a_calendar_survives_storage_as_json() -> None:
    leave = Stretch(amsterdam(2026, 11, 18), amsterdam(2026, 11, 20), "leave")
    late = Stretch(amsterdam(2026, 11, 21, 18), amsterdam(2026, 11, 21, 20))
    calendar = office(holidays=PublicHolidays("DE", "BY"), closures=(leave,), extra=(late,))
    person = calendar & Calendar(WeeklyHours.parse("0-4:6-14"))
    assert Calendar.from_dict(json.loads(json.dumps(person.as_dict()))) == person


def test_the_business_clock_counts_a_twentieth_outside_working_hours() -> None:
    clock = BusinessClock(office(), amsterdam(2026, 11, 16, 9))
    assert clock.at(amsterdam(2026, 11, 16, 12)) == pytest.approx(3 * HOUR)
    assert clock.at(amsterdam(2026, 11, 16, 13)) == pytest.approx(3.05 * HOUR)
    assert clock.at(amsterdam(2026, 11, 16, 8)) == pytest.approx(-0.05 * HOUR)
    assert clock.when(3.5 * HOUR) == amsterdam(2026, 11, 16, 13, 27)
