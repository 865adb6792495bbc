"""How an answer is worded, what the working hours decide, and whether both languages agree."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tracker.policy.phrases import LANGUAGES, DayHours, NotUnderstood, Understood, understand
from tracker.policy.phrases.pieces import Reason

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
WEDNESDAY = datetime(2026, 11, 18, 14, 0, tzinfo=ZoneInfo(BERLIN))


def ask(phrase: str, now: datetime = WEDNESDAY, zone: str = BERLIN, language: str = "en") -> Understood:
    answer = understand(phrase, now=now, zone=zone, customer_zone=NEW_YORK, language=language)
    assert isinstance(answer, Understood), answer
    return answer


def refusal(phrase: str, now: datetime = WEDNESDAY, zone: str = BERLIN) -> str:
    answer = understand(phrase, now=now, zone=zone)
    assert isinstance(answer, NotUnderstood), answer
    return answer.why


def shown(at: datetime, zone: str) -> datetime:
    """What a clock on the wall there shows."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


SAME_IN_BOTH = {
    "in 2 hours": "en dos horas",
    "tomorrow 3pm": "mañana a las tres de la tarde",
    "day after tomorrow, half past ten in the morning": "pasado mañana a las diez y media de la mañana",
    "friday at 10": "el viernes a las 10",
    "1 dec 10:00": "1 de diciembre a las 10:00",
    "monday first thing": "el lunes a primera hora",
    "end of day": "al final del día",
    "tomorrow quarter to four her time": "mañana a las cuatro menos cuarto, hora de ella",
    "friday next week 3pm": "el viernes de la semana que viene a las 3 de la tarde",
    "tonight at 9": "esta noche a las 9",
    "friday midnight": "el viernes a medianoche",
    "31 december, end of day": "31 de diciembre, al final del día",
}


@pytest.mark.parametrize(("english", "spanish"), SAME_IN_BOTH.items())
def test_both_languages_mean_the_same(english: str, spanish: str) -> None:
    one, other = ask(english), ask(spanish, language="es")
    assert one.at == other.at
    assert [alternative.at for alternative in one.ambiguous] == [
        alternative.at for alternative in other.ambiguous
    ]


def test_the_echo_names_the_day_the_place_and_the_readers_time() -> None:
    answer = ask("tomorrow 3pm her time")
    assert answer.echo == "Thu 19 Nov, 15:00 in New York; 21:00 for you"
    assert answer.zone == NEW_YORK


def test_the_echo_names_the_readers_day_when_it_is_another() -> None:
    assert ask("tomorrow 8pm her time").echo == "Thu 19 Nov, 20:00 in New York; Fri 20 Nov, 02:00 for you"


def test_the_echo_has_the_year_when_it_is_another() -> None:
    assert ask("15 jan 11am").echo == "Fri 15 Jan 2027, 11:00 in Berlin"


def test_the_echo_is_in_the_language_of_the_phrase() -> None:
    answer = ask("mañana a las 15:00 hora de ella", language="es")
    assert answer.echo == "jue 19 nov, 15:00 en Nueva York; 21:00 para ti"


def test_the_reader_may_live_elsewhere_than_the_speaker() -> None:
    answer = understand("tomorrow 3pm", now=WEDNESDAY, zone=BERLIN, reader_zone="Asia/Tokyo")
    assert isinstance(answer, Understood)
    assert answer.echo == "Thu 19 Nov, 15:00 in Berlin; 23:00 for you"


def test_another_reading_is_offered_in_the_same_words() -> None:
    (other,) = ask("fri 10").ambiguous
    assert other.echo == "Fri 20 Nov, 22:00 in Berlin"


def test_a_time_that_has_passed_today_is_tomorrows_and_to_be_confirmed() -> None:
    answer = ask("1pm")
    assert answer.echo == "Thu 19 Nov, 13:00 in Berlin"
    (other,) = answer.ambiguous
    assert other.at == answer.at
    assert other.echo == "Thu 19 Nov, 13:00 in Berlin: the one before has passed"


def test_two_equal_times_in_one_night_are_told_apart() -> None:
    answer = ask("1 nov 1:30am", datetime(2026, 10, 31, tzinfo=UTC), NEW_YORK)
    assert answer.echo == "Sun 1 Nov, 01:30 (before the clocks go back) in New York"
    assert answer.ambiguous[0].echo == "Sun 1 Nov, 01:30 (after the clocks have gone back) in New York"


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("tomorrow", 'At what time on Thu 19 Nov? Type it too, like "Thu 19 Nov, 15:00".'),
        ("31 feb 10am", "31 February 2026 does not exist: type another date."),
        ("today 10am", "Wed 18 Nov, 10:00 has passed: type a time that is still to come."),
        (
            "tomorrow 3pm perhaps",
            '"perhaps" makes no sense here: type a day and a time, like "tomorrow 3pm".',
        ),
        ("3pm EDT", 'New York is not on EDT on Wed 18 Nov: type the city, like "3pm New York".'),
        (
            "2027-03-28 02:30",
            "02:30 on Sun 28 Mar 2027 does not exist in Berlin, where the clocks go forward over it:"
            " type an earlier or a later time.",
        ),
    ],
)
def test_a_refusal_is_one_sentence_that_says_why_and_what_to_type(phrase: str, why: str) -> None:
    assert refusal(phrase) == why


def test_every_reason_has_a_sentence_in_every_language() -> None:
    for language in LANGUAGES.values():
        assert set(language.sentences) == set(Reason)


FRIDAY = 4
EARLY = DayHours(time(6), time(10), time(10, 30), time(14))
LATE = DayHours(time(13), time(17), time(18), time(22))
ALWAYS = DayHours(time(0), time(12), time(12), time(23, 59))


@pytest.mark.parametrize(
    ("hours", "phrase", "local", "asked"),
    [
        (EARLY, "tomorrow at 6", "06:00", False),
        (EARLY, "tomorrow at 9", "09:00", True),
        (EARLY, "tomorrow end of day", "14:00", False),
        (EARLY, "tomorrow after lunch", "10:30", False),
        (LATE, "tomorrow at 9", "21:00", True),
        (LATE, "tomorrow at 3", "15:00", False),
        (LATE, "tomorrow first thing", "13:00", False),
        (LATE, "tomorrow 10:00", "10:00", True),
        (LATE, "tomorrow at 11", "23:00", True),
        (ALWAYS, "tomorrow at 3", "15:00", True),
        (ALWAYS, "tomorrow at 8", "08:00", True),
        (ALWAYS, "tomorrow 10:00", "10:00", True),
        (ALWAYS, "2026-11-19T10:00", "10:00", False),
        (ALWAYS, "2026-11-19 12:30:00", "12:30", False),
        (ALWAYS, "2026-11-19 10:00 pm", "22:00", False),
    ],
)
def test_the_working_hours_say_which_half_of_the_day_is_meant(
    hours: DayHours, phrase: str, local: str, asked: bool
) -> None:
    answer = understand(phrase, now=WEDNESDAY, zone=BERLIN, hours=lambda _: hours)
    assert isinstance(answer, Understood)
    assert f"{shown(answer.at, BERLIN):%H:%M}" == local
    assert bool(answer.ambiguous) is asked


@pytest.mark.parametrize(
    ("phrase", "local", "others"),
    [
        ("end of day", "2026-11-18 22:00", []),
        ("friday eod", "2026-11-20 14:00", []),
        ("first thing friday", "2026-11-20 06:00", []),
        ("monday after lunch", "2026-11-23 18:00", []),
        ("end of the week", "2026-11-20 14:00", []),
        ("lunchtime friday", "2026-11-20 10:00", ["2026-11-20 10:30"]),
        ("thu morning", "2026-11-19 17:00", ["2026-11-19 13:00"]),
        ("in 2 business days", "2026-11-20 14:00", []),
        ("next fri eod", "2026-11-27 14:00", ["2026-11-20 14:00"]),
        # over for today: tomorrow's, by tomorrow's hours
        ("first thing", "2026-11-19 13:00", ["2026-11-19 13:00"]),
    ],
)
def test_each_day_has_its_own_working_hours(phrase: str, local: str, others: list[str]) -> None:
    """Late ones, but for an early Friday."""
    answer = understand(
        phrase, now=WEDNESDAY, zone=BERLIN, hours=lambda day: EARLY if day.weekday() == FRIDAY else LATE
    )
    assert isinstance(answer, Understood)
    assert f"{shown(answer.at, BERLIN):%Y-%m-%d %H:%M}" == local
    assert [f"{shown(each.at, BERLIN):%Y-%m-%d %H:%M}" for each in answer.ambiguous] == others


@pytest.mark.parametrize(
    ("free", "now", "phrase", "local", "others"),
    [
        # seven days a week: a Saturday's end of day is that Saturday's
        ("", "2026-11-21 10:00", "eod", "2026-11-21 17:00", []),
        ("", "2026-11-21 10:00", "first thing", "2026-11-22 09:00", ["2026-11-22 09:00"]),
        ("", "2026-11-20 18:00", "eod", "2026-11-21 17:00", ["2026-11-21 17:00"]),
        ("", "2026-11-20 18:00", "3pm", "2026-11-21 15:00", ["2026-11-21 15:00"]),
        # Tuesday to Saturday
        ("6 0", "2026-11-23 10:00", "eod", "2026-11-23 17:00", ["2026-11-24 17:00"]),
        ("6 0", "2026-11-21 18:00", "eod", "2026-11-24 17:00", ["2026-11-22 17:00"]),
        # nobody at all: tomorrow is as good as any other day
        ("0 1 2 3 4 5 6", "2026-11-21 10:00", "eod", "2026-11-21 17:00", ["2026-11-22 17:00"]),
    ],
)
def test_which_days_are_worked_is_for_the_hours_to_say(
    free: str, now: str, phrase: str, local: str, others: list[str]
) -> None:
    answer = understand(
        phrase,
        now=datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(BERLIN)),
        zone=BERLIN,
        hours=lambda day: DayHours(free=str(day.weekday()) in free),
    )
    assert isinstance(answer, Understood)
    assert f"{shown(answer.at, BERLIN):%Y-%m-%d %H:%M}" == local
    assert [f"{shown(each.at, BERLIN):%Y-%m-%d %H:%M}" for each in answer.ambiguous] == others


OVER_MIDNIGHT = DayHours(time(22), time(1), time(2), time(7))


@pytest.mark.parametrize(
    ("now", "phrase", "local", "others"),
    [
        ("2026-11-19 23:00", "eod", "2026-11-20 07:00", []),
        ("2026-11-20 08:00", "eod", "2026-11-21 07:00", []),
        # in the small hours of Friday it is still Thursday's working day
        ("2026-11-20 05:00", "eod", "2026-11-20 07:00", []),
        ("2026-11-20 05:00", "end of today", "2026-11-20 07:00", []),
        ("2026-11-20 05:00", "end of tomorrow", "2026-11-21 07:00", []),
        ("2026-11-20 05:00", "friday eod", "2026-11-21 07:00", []),
        ("2026-11-20 05:00", "tomorrow morning", "2026-11-21 01:00", ["2026-11-20 22:00"]),
        ("2026-11-20 05:00", "first thing", "2026-11-20 22:00", ["2026-11-20 22:00"]),
        ("2026-11-20 05:00", "tomorrow at 3", "2026-11-21 03:00", []),
    ],
)
def test_a_working_day_over_midnight_is_that_of_the_day_on_which_it_begins(
    now: str, phrase: str, local: str, others: list[str]
) -> None:
    answer = understand(
        phrase,
        now=datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(BERLIN)),
        zone=BERLIN,
        hours=lambda _: OVER_MIDNIGHT,
    )
    assert isinstance(answer, Understood)
    assert f"{shown(answer.at, BERLIN):%Y-%m-%d %H:%M}" == local
    assert [f"{shown(each.at, BERLIN):%Y-%m-%d %H:%M}" for each in answer.ambiguous] == others


@pytest.mark.parametrize("wrong", [(17, 12, 13, 9), (9, 13, 12, 17), (9, 12, 18, 17)])
def test_working_hours_in_disorder_are_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="within one day"):
        DayHours(*map(time, wrong))


def test_a_begun_minute_counts_as_a_whole_one() -> None:
    half_a_minute_on = WEDNESDAY.replace(second=30)
    assert f"{shown(ask('in 20 minutes', half_a_minute_on).at, BERLIN):%H:%M:%S}" == "14:21:00"
    assert f"{shown(ask('this time tomorrow', half_a_minute_on).at, BERLIN):%H:%M:%S}" == "14:01:00"


@pytest.mark.parametrize("endless", ["15h " * 12, "tomorrow" + " " * 200 + "3pm"])
def test_an_endless_phrase_is_refused_at_once(endless: str) -> None:
    assert refusal(endless).startswith("That is too long for a time")


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        understand("in 2 hours", now=WEDNESDAY.replace(tzinfo=None), zone=BERLIN)
