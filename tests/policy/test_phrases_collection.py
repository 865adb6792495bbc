"""What does a person mean by these words? Decided by reading them, not by running the program.

A scene is a moment, the speaker's zone and the customer's zone. `At` is a clear answer, `Asked` one that
must be offered with the other readings, `No` a refusal whose sentence holds the given words. Times are
local to the scene's zone unless another is named. Working hours are 9 to 17 with lunch from 12 to 13.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tracker.policy.phrases import NotUnderstood, Understood, understand


@dataclass(frozen=True)
class Scene:
    now: str
    zone: str
    customer_zone: str | None = None
    language: str = "en"


@dataclass(frozen=True)
class At:
    local: str
    zone: str | None = None


@dataclass(frozen=True)
class Asked:
    local: str
    others: tuple[str, ...]
    zone: str | None = None


@dataclass(frozen=True)
class No:
    because: str


Expected = At | Asked | No


def instant(local: str, zone: str) -> datetime:
    """`2026-11-01 01:30 second` is the second of two such times on a night when the clocks go back."""
    wall, second = local.removesuffix(" second"), local.endswith(" second")
    # In UTC, because Python holds a repeated hour unequal to the same instant in any other zone.
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=int(second)).astimezone(UTC)


def lines(collection: dict[Scene, dict[str, Expected]]) -> list[tuple[Scene, str, Expected]]:
    return [
        (scene, phrase, expected)
        for scene, phrases in collection.items()
        for phrase, expected in phrases.items()
    ]


def heard(scene: Scene, phrase: str) -> Understood | NotUnderstood:
    """What is understood of the phrase in that scene."""
    return understand(
        phrase,
        now=instant(scene.now, scene.zone),
        zone=scene.zone,
        customer_zone=scene.customer_zone,
        language=scene.language,
    )


def check(scene: Scene, phrase: str, expected: Expected) -> None:
    answer = heard(scene, phrase)
    if isinstance(expected, No):
        assert isinstance(answer, NotUnderstood), answer
        assert expected.because.casefold() in answer.why.casefold()
        return
    assert isinstance(answer, Understood), answer
    zone = expected.zone or scene.zone
    assert answer.at == instant(expected.local, zone), answer
    assert bool(answer.ambiguous) is isinstance(expected, Asked), answer
    if isinstance(expected, Asked):
        offered = {alternative.at for alternative in answer.ambiguous}
        assert {instant(local, zone) for local in expected.others} <= offered, answer


WEDNESDAY = Scene("2026-11-18 14:00", "Europe/Berlin", "America/New_York")

COLLECTION: dict[Scene, dict[str, Expected]] = {
    WEDNESDAY: {
        # how far off
        "in 2 hours": At("2026-11-18 16:00"),
        "In Two Hours": At("2026-11-18 16:00"),
        "2h": At("2026-11-18 16:00"),
        "2 hrs": At("2026-11-18 16:00"),
        "in an hour and a half": At("2026-11-18 15:30"),
        "in 1.5 hours": At("2026-11-18 15:30"),
        "in 1½ hours": At("2026-11-18 15:30"),
        "in one and a half hours": At("2026-11-18 15:30"),
        "1h30": At("2026-11-18 15:30"),
        "in 1 hour and 20 minutes": At("2026-11-18 15:20"),
        "in half an hour": At("2026-11-18 14:30"),
        "in three quarters of an hour": At("2026-11-18 14:45"),
        "in 20 min": At("2026-11-18 14:20"),
        "20 minutes": At("2026-11-18 14:20"),
        "90 minutes from now": At("2026-11-18 15:30"),
        "in an hour's time": At("2026-11-18 15:00"),
        "within the hour": At("2026-11-18 15:00"),
        "in the next hour": At("2026-11-18 15:00"),
        "within 2 hours": At("2026-11-18 16:00"),
        "in a couple of hours": At("2026-11-18 16:00"),
        "in 48 hours": At("2026-11-20 14:00"),
        "in 3 days": At("2026-11-21 14:00"),
        "in two weeks": At("2026-12-02 14:00"),
        "in a fortnight": At("2026-12-02 14:00"),
        "a week from now": At("2026-11-25 14:00"),
        "in a month": At("2026-12-18 14:00"),
        "in 3 days at 10am": At("2026-11-21 10:00"),
        "in 2 business days at 11am": At("2026-11-20 11:00"),
        "in 2 business days": Asked("2026-11-20 14:00", ("2026-11-20 17:00",)),
        "this time tomorrow": At("2026-11-19 14:00"),
        # a time of day alone
        "3pm": At("2026-11-18 15:00"),
        "3 p.m.": At("2026-11-18 15:00"),
        "3 PM!": At("2026-11-18 15:00"),
        "at 3": At("2026-11-18 15:00"),
        "by 5": At("2026-11-18 17:00"),
        "before 4": At("2026-11-18 16:00"),
        "around 4": At("2026-11-18 16:00"),
        "15:00": At("2026-11-18 15:00"),
        "1500": At("2026-11-18 15:00"),
        "1530 hours": At("2026-11-18 15:30"),
        "3.30pm": At("2026-11-18 15:30"),
        "3:30": At("2026-11-18 15:30"),
        "3 o'clock": At("2026-11-18 15:00"),
        "three o’clock": At("2026-11-18 15:00"),
        "three thirty": At("2026-11-18 15:30"),
        "half past four": At("2026-11-18 16:30"),
        "half four": At("2026-11-18 16:30"),
        "quarter to five": At("2026-11-18 16:45"),
        "a quarter past 4": At("2026-11-18 16:15"),
        "20 past 3": At("2026-11-18 15:20"),
        "ten to five": At("2026-11-18 16:50"),
        "20 to 5": At("2026-11-18 16:40"),
        "twenty-five to four": At("2026-11-18 15:35"),
        "10 minutes to 4": At("2026-11-18 15:50"),
        "quarter to five pm": At("2026-11-18 16:45"),
        "end of day": At("2026-11-18 17:00"),
        "by the end of the day": At("2026-11-18 17:00"),
        "EOD": At("2026-11-18 17:00"),
        "cob": At("2026-11-18 17:00"),
        "close of business": At("2026-11-18 17:00"),
        "midnight": At("2026-11-19 00:00"),
        "tonight at 8": At("2026-11-18 20:00"),
        "8 tonight": At("2026-11-18 20:00"),
        "tonight at midnight": At("2026-11-19 00:00"),
        "this evening at 7": At("2026-11-18 19:00"),
        "this afternoon at 4": At("2026-11-18 16:00"),
        "5 past 5": Asked("2026-11-18 17:05", ("2026-11-19 05:05",)),
        "half ten": Asked("2026-11-19 10:30", ("2026-11-18 22:30",)),
        "twenty five past 3": At("2026-11-18 15:25"),
        "12 am": At("2026-11-19 00:00"),
        "12 pm": Asked("2026-11-19 12:00", ()),
        "before noon": Asked("2026-11-19 12:00", ()),
        "no later than 3": At("2026-11-18 15:00"),
        "this evening around 7": At("2026-11-18 19:00"),
        "half 10 tonight": At("2026-11-18 22:30"),
        "15.30 hrs": At("2026-11-18 15:30"),
        "09.30 hrs": Asked("2026-11-19 09:30", ()),
        # a quarter past two, or two hours and a quarter?
        "2.15h": No("2.15h"),
        "1.25 hours": No("hours"),
        "0.25 hours": No("hours"),
        "3.30 hrs": No("hrs"),
        "15h": Asked("2026-11-18 15:00", ("2026-11-19 05:00",)),
        # gone by today: tomorrow, and said so
        "10am": Asked("2026-11-19 10:00", ()),
        "noon": Asked("2026-11-19 12:00", ()),
        "after lunch": Asked("2026-11-19 13:00", ()),
        "first thing": Asked("2026-11-19 09:00", ()),
        "at 1": Asked("2026-11-19 13:00", ("2026-11-19 01:00",)),
        "at 10": Asked("2026-11-19 10:00", ("2026-11-18 22:00",)),
        "14:00": Asked("2026-11-19 14:00", ()),
        "at 8": Asked("2026-11-18 20:00", ("2026-11-19 08:00",)),
        "today 10am": No("passed"),
        "today at 1": No("passed"),
        "this morning": No("passed"),
        # days
        "tomorrow 3pm": At("2026-11-19 15:00"),
        "3pm tomorrow": At("2026-11-19 15:00"),
        "tmrw 3pm": At("2026-11-19 15:00"),
        "TOMORROW,  at 15:00.": At("2026-11-19 15:00"),
        "tomorrow 5": At("2026-11-19 17:00"),
        "tomorrow 15h": At("2026-11-19 15:00"),
        "tomorrow at 9": Asked("2026-11-19 09:00", ("2026-11-19 21:00",)),
        "tomorrow at 8": Asked("2026-11-19 08:00", ("2026-11-19 20:00",)),
        "tomorrow at 6": Asked("2026-11-19 18:00", ("2026-11-19 06:00",)),
        "tomorrow morning at 9": At("2026-11-19 09:00"),
        "8 in the morning tomorrow": At("2026-11-19 08:00"),
        "3 in the afternoon": At("2026-11-18 15:00"),
        "1 dec 10 in the morning": At("2026-12-01 10:00"),
        "tomorrow night at 9": At("2026-11-19 21:00"),
        "by cob tmrw": At("2026-11-19 17:00"),
        "tmrw @ 4": At("2026-11-19 16:00"),
        "quarter to six tomorrow morning": At("2026-11-19 05:45"),
        "12am tomorrow": Asked("2026-11-19 00:00", ("2026-11-20 00:00",)),
        "cob next friday": Asked("2026-11-27 17:00", ("2026-11-20 17:00",)),
        "same time friday": At("2026-11-20 14:00"),
        "2 weeks on friday at 3pm": At("2026-12-04 15:00"),
        "a week today at noon": At("2026-11-25 12:00"),
        "4pm thursday the 19th": At("2026-11-19 16:00"),
        "tomorrow noon": At("2026-11-19 12:00"),
        "day after tomorrow at noon": At("2026-11-20 12:00"),
        "the day after tomorrow, 10am": At("2026-11-20 10:00"),
        "fri 10": Asked("2026-11-20 10:00", ("2026-11-20 22:00",)),
        "fri 10:00": At("2026-11-20 10:00"),
        "friday at 3": At("2026-11-20 15:00"),
        "by Friday 3pm": At("2026-11-20 15:00"),
        "this friday 3pm": At("2026-11-20 15:00"),
        "coming fri 3pm": At("2026-11-20 15:00"),
        "on monday before lunch": At("2026-11-23 12:00"),
        "monday first thing": At("2026-11-23 09:00"),
        "first thing tomorrow morning": At("2026-11-19 09:00"),
        "thursday eod": At("2026-11-19 17:00"),
        "by end of today": At("2026-11-18 17:00"),
        "end of tomorrow": At("2026-11-19 17:00"),
        "end of day friday": At("2026-11-20 17:00"),
        "end of the week": At("2026-11-20 17:00"),
        "end of next week": At("2026-11-27 17:00"),
        "end of the month": At("2026-11-30 17:00"),
        "friday next week at 10am": At("2026-11-27 10:00"),
        "next week friday 10am": At("2026-11-27 10:00"),
        "a week on friday at 10am": At("2026-11-27 10:00"),
        "friday week 10am": At("2026-11-27 10:00"),
        "tomorrow week at 3pm": At("2026-11-26 15:00"),
        "a week tomorrow, 3pm": At("2026-11-26 15:00"),
        "next fri 10:00": Asked("2026-11-27 10:00", ("2026-11-20 10:00",)),
        "next mon 10:00": At("2026-11-23 10:00"),
        "wed 3pm": Asked("2026-11-18 15:00", ("2026-11-25 15:00",)),
        "wed 1pm": Asked("2026-11-25 13:00", ()),
        "tomorrow morning": Asked("2026-11-19 12:00", ("2026-11-19 09:00",)),
        "this afternoon": At("2026-11-18 17:00"),
        "friday afternoon": Asked("2026-11-20 17:00", ("2026-11-20 13:00",)),
        "tomorrow lunchtime": Asked("2026-11-19 12:00", ("2026-11-19 13:00",)),
        "tomorrow night at 12": Asked("2026-11-20 00:00", ("2026-11-19 00:00",)),
        "friday midnight": Asked("2026-11-21 00:00", ("2026-11-20 00:00",)),
        "friday 24:00": At("2026-11-21 00:00"),
        # as it is typed in a hurry
        "2moro 3pm": At("2026-11-19 15:00"),
        "day after tmrw 3pm": At("2026-11-20 15:00"),
        "weds 25 nov 10am": At("2026-11-25 10:00"),
        "thrusday 3pm": At("2026-11-19 15:00"),
        "firday 10": Asked("2026-11-20 10:00", ("2026-11-20 22:00",)),
        "wednesday 25 at 3pm": At("2026-11-25 15:00"),
        "friday 25 at 3pm": No("contradict"),
        "fri 3 at the latest": At("2026-11-20 15:00"),
        "qtr past 3": At("2026-11-18 15:15"),
        "this arvo at 4": At("2026-11-18 16:00"),
        "this arvo": At("2026-11-18 17:00"),
        "later today at 4": At("2026-11-18 16:00"),
        "later this afternoon": At("2026-11-18 17:00"),
        "later today": No("what time"),
        "friday am": Asked("2026-11-20 12:00", ("2026-11-20 09:00",)),
        "tomorrow pm": Asked("2026-11-19 17:00", ("2026-11-19 13:00",)),
        "half past 9 tomorrow am": At("2026-11-19 09:30"),
        "19:30 pm": At("2026-11-18 19:30"),
        "15:00 am": No("am"),
        "pm": No("day"),
        "1st thing tomorrow": At("2026-11-19 09:00"),
        "end of play friday": At("2026-11-20 17:00"),
        "tomorrow at the latest 3pm": At("2026-11-19 15:00"),
        "by 3pm tomorrow at the latest": At("2026-11-19 15:00"),
        "at the latest": No("Type"),
        "no later than fri 3pm": At("2026-11-20 15:00"),
        "not later than 3pm": At("2026-11-18 15:00"),
        "this friday coming 3pm": No("coming"),
        "friday coming 3pm": At("2026-11-20 15:00"),
        "week on friday 10am": At("2026-11-27 10:00"),
        "week tomorrow 10am": At("2026-11-26 10:00"),
        "fortnight today 10am": At("2026-12-02 10:00"),
        "a fortnight on monday 9am": At("2026-12-07 09:00"),
        "tomorrow 4pm uk time": At("2026-11-19 16:00", "Europe/London"),
        # dates
        "1st dec 10:00": At("2026-12-01 10:00"),
        "dec 1 10:00": At("2026-12-01 10:00"),
        "1 December 2026 at 10am": At("2026-12-01 10:00"),
        "December 1st, 2026, 10 a.m.": At("2026-12-01 10:00"),
        "the first of december at noon": At("2026-12-01 12:00"),
        "2026-12-01 10:00": At("2026-12-01 10:00"),
        "2026-12-01T10:00": At("2026-12-01 10:00"),
        "10:00 on 1 dec": At("2026-12-01 10:00"),
        "1.12. 10:00": At("2026-12-01 10:00"),
        "1.12.2026 10:00": At("2026-12-01 10:00"),
        "25/12 3pm": At("2026-12-25 15:00"),
        "12/25 3pm": At("2026-12-25 15:00"),
        "01/12 10:00": Asked("2026-12-01 10:00", ("2027-01-12 10:00",)),
        "12/01 10:00": Asked("2026-12-01 10:00", ("2027-01-12 10:00",)),
        "01/12/2026 10:00": At("2026-12-01 10:00"),
        "the 25th at 3pm": At("2026-11-25 15:00"),
        "the 3rd at 11am": At("2026-12-03 11:00"),
        "tue 1 dec 10:00": At("2026-12-01 10:00"),
        "tomorrow, thursday, 10am": At("2026-11-19 10:00"),
        "15 jan 11:30": At("2027-01-15 11:30"),
        # whose time
        "tomorrow 3pm her time": At("2026-11-19 15:00", "America/New_York"),
        "3pm his time": At("2026-11-18 15:00", "America/New_York"),
        "tomorrow at 3pm customer's time": At("2026-11-19 15:00", "America/New_York"),
        "fri 3pm local time": At("2026-11-20 15:00", "America/New_York"),
        "3pm my time": At("2026-11-18 15:00"),
        "tomorrow 3pm EST": At("2026-11-19 15:00", "America/New_York"),
        "tomorrow 15:00 London": At("2026-11-19 15:00", "Europe/London"),
        "tomorrow 15:00 London time": At("2026-11-19 15:00", "Europe/London"),
        "tomorrow 3pm in New York": At("2026-11-19 15:00", "America/New_York"),
        "tomorrow 15:00 UTC": At("2026-11-19 15:00", "UTC"),
        "tomorrow 15:00 CET": At("2026-11-19 15:00"),
        "tomorrow 15:00 Asia/Kolkata": At("2026-11-19 15:00", "Asia/Kolkata"),
        "end of day her time": At("2026-11-18 17:00", "America/New_York"),
        "tomorrow 3pm IST": No('"IST" is short for several zones'),
        "tomorrow 3pm CST": No('"CST" is short for several zones'),
        "tomorrow 3pm EDT": No("EDT"),
        "tomorrow 15:00 CEST": No("CEST"),
        "tomorrow 3pm Europe/Atlantis": No("europe/atlantis"),
        # what cannot be, or says too little
        "": No("Type"),
        "31 feb 10:00": No("does not exist"),
        "31 november 10am": No("does not exist"),
        "29 feb 2027 10am": No("does not exist"),
        "1 dec 2025 10am": No("passed"),
        "17 nov 10am": No("passed"),
        "11/17 10am": No("passed"),
        "11/12 10am": No("passed"),
        "the 15th at noon": No("passed"),
        "1 dec 2028 10am": No("400 days"),
        "in 3 years": No("years"),
        "yesterday 3pm": No("yesterday"),
        "last friday 3pm": No("last friday"),
        "2 hours ago": No("ago"),
        "fri 1 dec 10:00": No("contradict"),
        "tomorrow friday 10am": No("contradict"),
        "3pm in the morning": No("morning"),
        "tonight 15:00": No("tonight"),
        "tonight at 1": No("tonight"),
        "a week today": No("what time"),
        "this evening": No("what time"),
        "by monday": No("what time"),
        "tmrw noon-ish": No("ish"),
        "not before 3": No("begin"),
        "3 hours from 2pm": No("2pm"),
        "an hour before closing": No("more than one"),
        "in 2-3 hours": No("in"),
        "tomorrow 4/5pm": No("4/5pm"),
        "thursday the 20th 4pm": No("contradict"),
        "29 feb 2028 10am": No("400 days"),
        "tomorrow": No("what time"),
        "friday": No("what time"),
        "1st dec": No("what time"),
        "tonight": No("what time"),
        "in the morning": No("day"),
        "next week": No("next week"),
        "soon": No("soon"),
        "asap": No("asap"),
        "later": No("later"),
        "4ish": No("4ish"),
        "in a few hours": No("few"),
        "3 or 4pm": No("3 or 4pm"),
        "between 3 and 4": No("between"),
        "3-4pm": No("3-4pm"),
        "3 to 5pm": No("3 to 5pm"),
        "10 to 6": No("10 to 6"),
        "after 3pm": No("after 3pm"),
        "3": No("3"),
        "2030": No("2030"),
        "the second monday at 10am": No("the second"),
        "in 5": No("in 5"),
        "in ten": No("in ten"),
        "1 dec 10": No("10"),
        "fri 15": No("15"),
        "tomorrow 3pm and 5pm": No("and"),
        "25:00": No("25:00"),
        "tomorrow 15pm": No("15pm"),
        "in -2 hours": No("-2"),
        "in 0 minutes": No("0 minutes"),
        "tomorrow 3pm please ring the bell": No("please ring the bell"),
        "not tomorrow 3pm": No("not"),
        "3pm 4pm": No("more than one"),
        "1.12": No("what time"),
        "every friday 3pm": No("every"),
        "half past": No("half past"),
        "blah": No("blah"),
    },
}


@pytest.mark.parametrize(("scene", "phrase", "expected"), lines(COLLECTION))
def test_on_a_wednesday_afternoon_a_phrase_means_what_a_person_means_by_it(
    scene: Scene, phrase: str, expected: Expected
) -> None:
    check(scene, phrase, expected)
