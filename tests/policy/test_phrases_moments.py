"""What does a person mean by these words on other days, and in nights when the clocks change?"""

import pytest

from tests.policy.test_phrases_collection import Asked, At, Expected, No, Scene, check, lines

MONDAY = Scene("2026-11-16 09:30", "Europe/London")
FRIDAY = Scene("2026-11-20 16:30", "America/New_York", "Asia/Tokyo")
SUNDAY = Scene("2026-11-22 10:00", "America/Chicago")
AFTER_MIDNIGHT = Scene("2026-11-19 01:00", "Europe/Berlin", "America/New_York")
SPRING_BERLIN = Scene("2027-03-27 15:00", "Europe/Berlin")
SPRING_NEW_YORK = Scene("2027-03-13 20:00", "America/New_York")
BETWEEN_SPRINGS = Scene("2027-03-18 16:00", "Europe/London", "America/New_York")
AUTUMN_NEW_YORK = Scene("2026-10-31 15:00", "America/New_York")
AUTUMN_NIGHT = Scene("2026-11-01 00:50", "America/New_York")
LORD_HOWE = Scene("2026-10-03 12:00", "Australia/Lord_Howe")
YEAR_END = Scene("2026-12-31 15:00", "Europe/London")
LEAP = Scene("2028-02-28 10:00", "Asia/Kolkata")
SUMMER = Scene("2026-07-15 10:00", "Europe/London", "America/Chicago")

MOMENTS: dict[Scene, dict[str, Expected]] = {
    MONDAY: {
        "next wed 10:00": Asked("2026-11-25 10:00", ("2026-11-18 10:00",)),
        "next wed after lunch": Asked("2026-11-25 13:00", ("2026-11-18 13:00",)),
        "wed after lunch": At("2026-11-18 13:00"),
        "after lunch": At("2026-11-16 13:00"),
        "before lunch": At("2026-11-16 12:00"),
        "lunchtime": Asked("2026-11-16 12:00", ("2026-11-16 13:00",)),
        "at 11": Asked("2026-11-16 11:00", ("2026-11-16 23:00",)),
        "at 12": Asked("2026-11-16 12:00", ("2026-11-17 00:00",)),
        "monday 9am": Asked("2026-11-23 09:00", ()),
        "next monday 9am": At("2026-11-23 09:00"),
        "next tuesday 9am": Asked("2026-11-24 09:00", ("2026-11-17 09:00",)),
        "next sunday 9am": Asked("2026-11-29 09:00", ("2026-11-22 09:00",)),
        "tomorrow 3pm her time": No("customer"),
        "in 2 hours": At("2026-11-16 11:30"),
        "tomorrow 3pm GMT": At("2026-11-17 15:00"),
        "tomorrow 3pm BST": No("BST"),
    },
    FRIDAY: {
        "3pm": Asked("2026-11-21 15:00", ("2026-11-23 15:00",)),
        "first thing": Asked("2026-11-23 09:00", ("2026-11-21 09:00",)),
        "end of day": At("2026-11-20 17:00"),
        "in 2 business days at 10am": At("2026-11-24 10:00"),
        "next business day at 10am": At("2026-11-23 10:00"),
        "friday 5pm": Asked("2026-11-20 17:00", ("2026-11-27 17:00",)),
        "this friday 5pm": At("2026-11-20 17:00"),
        "this friday 3pm": No("passed"),
        "next friday 3pm": At("2026-11-27 15:00"),
        "next friday 5pm": At("2026-11-27 17:00"),
        "a week next friday 5pm": No("more than one"),
        "monday 9am PST": At("2026-11-23 09:00", "America/Los_Angeles"),
        "monday 9am PDT": No("PDT"),
        # it is Saturday morning in Tokyo already
        "tomorrow 10am her time": Asked("2026-11-22 10:00", ("2026-11-21 10:00",), "Asia/Tokyo"),
        "monday 10am her time": At("2026-11-23 10:00", "Asia/Tokyo"),
    },
    SUNDAY: {
        "next monday 10am": Asked("2026-11-23 10:00", ("2026-11-30 10:00",)),
        "next wed 10am": Asked("2026-11-25 10:00", ("2026-12-02 10:00",)),
        "wed 10am": At("2026-11-25 10:00"),
        "tomorrow 10am": At("2026-11-23 10:00"),
        "end of day": Asked("2026-11-22 17:00", ("2026-11-23 17:00",)),
        "in 1 business day at 10am": Asked("2026-11-23 10:00", ("2026-11-24 10:00",)),
        "9am ET tomorrow": At("2026-11-23 09:00", "America/New_York"),
    },
    AFTER_MIDNIGHT: {
        "tomorrow 3pm": Asked("2026-11-20 15:00", ("2026-11-19 15:00",)),
        "today 3pm": At("2026-11-19 15:00"),
        "tonight at 8": At("2026-11-19 20:00"),
        # still Wednesday, 19:00, in New York
        "tomorrow 3pm her time": Asked("2026-11-19 15:00", ("2026-11-20 15:00",), "America/New_York"),
    },
    SPRING_BERLIN: {
        "tomorrow 02:30": No("does not exist"),
        "sunday 2:30am": No("does not exist"),
        "2:30am": No("does not exist"),
        "28 march 2027 02:00": No("does not exist"),
        "tomorrow 03:00": At("2027-03-28 03:00"),
        "tomorrow 1:59am": At("2027-03-28 01:59"),
        # 14:30 is likelier, but who means the other must not get it
        "tomorrow 2:30": No("does not exist"),
        "tomorrow afternoon at 2:30": At("2027-03-28 14:30"),
        "next sunday 2:30am": No("does not exist"),
        "in 12 hours": At("2027-03-28 04:00"),
        "in 24 hours": At("2027-03-28 16:00"),
        "tomorrow 3pm": At("2027-03-28 15:00"),
        "in a day": At("2027-03-28 15:00"),
    },
    SPRING_NEW_YORK: {
        "tomorrow at 2:30 am": No("does not exist"),
        "tomorrow at half past two in the morning": No("does not exist"),
        "tomorrow 3am": At("2027-03-14 03:00"),
        "half two": No("does not exist"),
        "in 7 hours": At("2027-03-14 04:00"),
        # it is Sunday in London already
        "tomorrow 2:30am London": Asked("2027-03-15 02:30", ("2027-03-14 02:30",), "Europe/London"),
        "tomorrow 9am EDT": At("2027-03-14 09:00"),
        "tomorrow 9am EST": No("EST"),
    },
    # the clocks have gone forward in New York, but not yet in London
    BETWEEN_SPRINGS: {
        "tomorrow 3pm her time": At("2027-03-19 19:00"),
        "monday week 3pm her time": At("2027-03-29 20:00"),
        "28 march 01:30": No("does not exist"),
        "end of day tomorrow her time": At("2027-03-19 17:00", "America/New_York"),
    },
    AUTUMN_NEW_YORK: {
        "tomorrow 1:30am": Asked("2026-11-01 01:30", ("2026-11-01 01:30 second",)),
        "tomorrow 00:59": At("2026-11-01 00:59"),
        "tomorrow 2am": At("2026-11-01 02:00"),
        "end of the week": Asked("2026-11-06 17:00", ()),
        "in 12 hours": At("2026-11-01 02:00"),
        "in 24 hours": At("2026-11-01 14:00"),
    },
    AUTUMN_NIGHT: {
        "in 1 hour": At("2026-11-01 01:50"),
        "in 2 hours": At("2026-11-01 01:50 second"),
        "01:30": Asked("2026-11-01 01:30", ("2026-11-01 01:30 second",)),
    },
    LORD_HOWE: {
        "tomorrow 02:15": No("does not exist"),
        "tomorrow 02:30": At("2026-10-04 02:30"),
        "end of the month": Asked("2026-10-31 17:00", ("2026-10-30 17:00",)),
    },
    YEAR_END: {
        "tomorrow 10am": At("2027-01-01 10:00"),
        "1 jan 10am": At("2027-01-01 10:00"),
        "in 10 hours": At("2027-01-01 01:00"),
        "31 jan 10am": At("2027-01-31 10:00"),
        "31 dec 4pm": At("2026-12-31 16:00"),
        "31 dec 2pm": No("passed"),
        "30 dec 2pm": No("passed"),
        "midnight": At("2027-01-01 00:00"),
        "end of the month": At("2026-12-31 17:00"),
        "29 feb 10am": No("does not exist"),
        "in 2 months": No("does not exist"),
        "the 5th at 10am": At("2027-01-05 10:00"),
        "monday 10am": At("2027-01-04 10:00"),
        "day after tomorrow 10am": At("2027-01-02 10:00"),
    },
    LEAP: {
        "tomorrow 10am": At("2028-02-29 10:00"),
        "29 feb 10am": At("2028-02-29 10:00"),
        "feb 29 at 4pm": At("2028-02-29 16:00"),
        "day after tomorrow at 10am": At("2028-03-01 10:00"),
        "end of the month": At("2028-02-29 17:00"),
        "30 feb 10am": No("does not exist"),
        "in a year": No("year"),
    },
    SUMMER: {
        "tomorrow 3pm BST": At("2026-07-16 15:00"),
        "tomorrow 3pm CDT": At("2026-07-16 15:00", "America/Chicago"),
        "tomorrow 3pm CT": At("2026-07-16 15:00", "America/Chicago"),
        "tomorrow 3pm EST": No("EST"),
        "tomorrow 3pm GMT": No("GMT"),
        "tomorrow 3pm CEST": At("2026-07-16 15:00", "Europe/Berlin"),
        "1 dec 3pm EST": At("2026-12-01 15:00", "America/New_York"),
    },
}


@pytest.mark.parametrize(("scene", "phrase", "expected"), lines(MOMENTS))
def test_at_any_other_moment_a_phrase_means_what_a_person_means_by_it(
    scene: Scene, phrase: str, expected: Expected
) -> None:
    check(scene, phrase, expected)
