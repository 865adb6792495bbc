"""What holds for every phrase, every zone and every moment."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracker.policy.phrases import LANGUAGES, NotUnderstood, Understood, understand
from tracker.policy.phrases.english import SLOTS as ENGLISH_SLOTS
from tracker.policy.phrases.grammar import Slot
from tracker.policy.phrases.spanish import SLOTS as SPANISH_SLOTS

BERLIN = "Europe/Berlin"
WEDNESDAY = datetime(2026, 11, 18, 14, 0, tzinfo=ZoneInfo(BERLIN))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONES = ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone)]

DAYS = """today, tomorrow, tonight, friday, mon, next wed, this thursday, coming sunday, day after tomorrow,
friday week, tuesday next week, a week on monday, in 3 days, in two weeks, in 2 business days, 1st dec, 29
feb, dec 24, 31 march 2027, 1/12, 12/25, 1.12., 2027-03-28, the 25th, 30th, a week tomorrow, next business
day, mañana, in a month, pasado mañana, el viernes, el próximo martes, el lunes que viene, el 5 de enero,
1/11, 1-dec, 2-3-27, 25/dic/2026, 29-feb, en quince días, 31 de octubre, dentro de tres días,
el jueves de la semana que viene"""
TIMES = """3pm, 10, at 10, at 3, 15:00, 1500, 02:30, 2:30am, 1:30am, 3.30, 15h, half past four, quarter to
five, noon, 20 past 3, ten to six, midnight, 00:00, 24:00, end of day, eod, first thing, before lunch, after
lunch, lunchtime, this time, a las 3, a las diez y media, a las 2:30, a la una, a las cinco menos cuarto, a
medianoche, a primera hora, al final del día"""
LENGTHS = """in 2 hours, 2h, 90 minutes, in an hour and a half, within the hour, 45 min, in 36 hours, 9h30,
en dos horas, dentro de 20 minutos, hora y media, en media hora"""
PARTS = """in the morning, this afternoon, in the evening, at night, tomorrow morning, friday afternoon, por
la mañana, de la tarde, esta noche, de la madrugada"""
PLACES = """her time, my time, local time, London, in New York, EST, CET, UTC, Asia/Kolkata, IST, hora de
ella, Australia/Lord_Howe, hora de Madrid, mi hora"""
KINDS = [DAYS, TIMES, LENGTHS, PARTS, PLACES]


def one_of(words: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word.strip() for word in words.split(",")])


zones = st.sampled_from(ZONES)
seconds = st.integers(0, 70 * 365 * 24 * 3600)
nows = seconds.map(lambda passed: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=passed))
languages = st.sampled_from(sorted(LANGUAGES))
pieces = st.tuples(*(st.none() | one_of(kind) for kind in KINDS)).flatmap(st.permutations)
whole = pieces.map(lambda some: " ".join(piece for piece in some if piece))
SLOTS = [*ENGLISH_SLOTS.values(), *SPANISH_SLOTS.values()]
WORDS = sorted({word for slot in SLOTS for word in slot.words}.union(*(kind.split() for kind in KINDS)))
heaps = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
phrases = st.one_of(whole, whole, heaps, st.text(max_size=130))
patient = settings(deadline=None)  # the first look at a zone reads its file


def ask(phrase: str, now: datetime = WEDNESDAY, zone: str = BERLIN, language: str = "en") -> Understood:
    answer = understand(phrase, now=now, zone=zone, language=language)
    assert isinstance(answer, Understood), (phrase, answer)
    return answer


def shown(at: datetime, zone: str) -> datetime:
    """What a clock on the wall there shows."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def moments(local: datetime, zone: str) -> list[datetime]:
    """The instants at which a clock there shows this time, found by trying every offset used around then."""
    around = (local.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(-30, 31))
    offsets = {at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for at in around}
    guesses = [local.replace(tzinfo=UTC) - offset for offset in offsets]
    return sorted(guess for guess in guesses if shown(guess, zone) == local)


@patient
@given(phrases, nows, zones, zones, languages)
def test_no_text_breaks_it_and_every_answer_is_later_than_now(
    phrase: str, now: datetime, zone: str, customer_zone: str, language: str
) -> None:
    answer = understand(phrase, now=now, zone=zone, customer_zone=customer_zone, language=language)
    if isinstance(answer, NotUnderstood):
        assert answer.why.endswith("."), "a sentence"
        return
    assert now < answer.at <= now + timedelta(days=400)
    assert answer.at.second == answer.at.microsecond == 0
    assert answer.at.tzinfo is UTC
    assert f"{shown(answer.at, answer.zone):%H:%M}" in answer.echo
    assert all(alternative.at > now for alternative in answer.ambiguous)
    assert len({alternative.at for alternative in answer.ambiguous}) == len(answer.ambiguous)


@patient
@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.builds(time, st.integers(1, 23), st.integers(0, 59)),
    zones,
)
def test_a_date_and_a_time_in_figures_are_just_that_or_a_time_that_never_comes(
    day: date, at: time, zone: str
) -> None:
    written = datetime.combine(day, at)
    answer = understand(f"{written:%Y-%m-%d %H:%M}", now=datetime(2025, 12, 30, tzinfo=UTC), zone=zone)
    expected = moments(written, zone)
    if not expected:
        assert isinstance(answer, NotUnderstood)
        assert "does not exist" in answer.why
        return
    assert isinstance(answer, Understood)
    assert [answer.at, *(alternative.at for alternative in answer.ambiguous)][: len(expected)] == expected


def changes(zone: str) -> list[tuple[datetime, timedelta]]:
    """What the clocks there show when they are changed in 2027, each time, and how far they go forward."""
    new_year, found = datetime(2027, 1, 2, tzinfo=UTC), []

    def offset(at: datetime) -> timedelta:
        return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()

    for day in range(363):
        before, after = new_year + day * DAY, new_year + (day + 1) * DAY
        forward = offset(after) - offset(before)
        while forward and after - before > MINUTE:
            middle = before + (after - before) // MINUTE // 2 * MINUTE
            before, after = (middle, after) if offset(middle) == offset(before) else (before, middle)
        if forward:
            found.append((shown(before, zone) + MINUTE, forward))
    return found


def test_in_every_zone_a_time_the_clocks_skip_is_refused_and_one_that_comes_twice_is_asked_about() -> None:
    new_years_eve = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    skipped = repeated = 0
    for zone in ZONES:
        for change, forward in changes(zone):
            odd = change + forward / 2
            answer = understand(f"{odd:%Y-%m-%d %H:%M}", now=new_years_eve, zone=zone)
            if forward > timedelta():
                skipped += 1
                assert isinstance(answer, NotUnderstood), (zone, odd)
                assert "does not exist" in answer.why
            else:
                repeated += 1
                assert isinstance(answer, Understood), (zone, odd)
                (second,) = answer.ambiguous
                assert [answer.at, second.at] == moments(odd, zone)
                assert answer.echo != second.echo
    assert skipped > 100
    assert repeated > 100


CLEAR_DAYS = "tomorrow, day after tomorrow, 2027-03-28, a week tomorrow, in 3 days, friday next week"
CLEAR_TIMES = "3pm, 15:30, half past four, noon, eod, after lunch, 1am, 23:59, this time"
clear = st.tuples(one_of(CLEAR_DAYS), one_of(CLEAR_TIMES)).map(" ".join) | one_of(LENGTHS)


@patient
@given(clear, one_of(PLACES), nows, zones, zones)
def test_the_echo_of_a_clear_answer_typed_in_again_means_the_same_time(
    phrase: str, place: str, now: datetime, zone: str, customer_zone: str
) -> None:
    answer = understand(f"{phrase} {place}", now=now, zone=zone, customer_zone=customer_zone)
    if isinstance(answer, Understood) and not answer.ambiguous:
        assert_means_the_same_again(answer, now, zone, "en")


@patient
@given(st.integers(1, 300), st.integers(60, 1439), nows, zones, zones, languages)
def test_the_echo_of_any_date_time_and_zone_typed_in_again_means_the_same_time(
    days: int, minute: int, now: datetime, zone: str, place: str, language: str
) -> None:
    day = now + days * DAY
    phrase = f"{day:%Y-%m-%d} {minute // 60:02}:{minute % 60:02} {place}"
    answer = understand(phrase, now=now, zone=zone, language=language)
    assume(isinstance(answer, Understood) and not answer.ambiguous)
    assert isinstance(answer, Understood)
    assert_means_the_same_again(answer, now, zone, language)


def assert_means_the_same_again(answer: Understood, now: datetime, zone: str, language: str) -> None:
    if len(moments(shown(answer.at, answer.zone), answer.zone)) > 1:
        return  # "in 2 hours" may be the second of two equal times, which has no other name
    echo, _, _ = answer.echo.partition(";")
    assert ask(echo, now, zone, language).at == answer.at


DAY_WORDS = {"tomorrow": 19, "thu": 19, "on Friday": 20, "20 nov": 20, "the 24th": 24, "nov 24": 24}
TIME_WORDS = {
    "3pm": "15:00",
    "1500": "15:00",
    "half past three": "15:30",
    "quarter to 4": "15:45",
    "at 3": "15:00",
}
TIME_WORDS |= {"noon": "12:00", "end of day": "17:00", "by 10:30": "10:30", "after lunch": "13:00"}


@patient
@given(
    st.sampled_from(sorted(DAY_WORDS)),
    st.sampled_from(sorted(TIME_WORDS)),
    st.sampled_from(["{day} {time}", "{time} {day}", "  {day},   {time}!", "{time}, {day}?"]),
    st.booleans(),
)
def test_order_case_spaces_and_punctuation_change_nothing(day: str, at: str, glue: str, loud: bool) -> None:
    phrase = glue.format(day=day, time=at)
    answer = ask(phrase.upper() if loud else phrase)
    assert f"{shown(answer.at, BERLIN):%d %H:%M}" == f"{DAY_WORDS[day]} {TIME_WORDS[at]}"
    assert answer.ambiguous == ()


@patient
@given(st.integers(1, 999), nows, zones)
def test_so_many_minutes_or_hours_pass_whatever_the_clocks_do(count: int, now: datetime, zone: str) -> None:
    in_minutes, in_hours = ask(f"in {count} minutes", now, zone), ask(f"{count} hours from now", now, zone)
    assert timedelta() <= in_minutes.at - now - timedelta(minutes=count) < MINUTE
    assert timedelta() <= in_hours.at - now - timedelta(hours=count) < MINUTE


@pytest.mark.parametrize(
    ("language", "phrase", "slots"),
    [("en", "in {} minutes", ENGLISH_SLOTS), ("es", "dentro de {} minutos", SPANISH_SLOTS)],
)
def test_a_number_in_words_means_the_same_as_in_figures(
    language: str, phrase: str, slots: dict[str, Slot]
) -> None:
    for word, number in slots["n"].words.items():
        in_words, in_figures = (ask(phrase.format(n), language=language) for n in (word, number))
        assert in_words.at == in_figures.at, word


@patient
@given(phrases, st.sampled_from(["xyzzy", "perhaps", "-", "!?x", "3pmm", "+1h", "no"]), st.booleans())
def test_a_word_that_is_not_understood_is_never_ignored(phrase: str, nonsense: str, first: bool) -> None:
    together = f"{nonsense} {phrase}" if first else f"{phrase} {nonsense}"
    assert isinstance(understand(together, now=WEDNESDAY, zone=BERLIN), NotUnderstood)
