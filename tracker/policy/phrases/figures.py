"""How are times and dates written in figures? What languages share, and what the spoken forms build on."""

from tracker.policy.phrases.days import InFigures, OnDate
from tracker.policy.phrases.grammar import Found, Meaning, Slot, always
from tracker.policy.phrases.pieces import Clock, Length, No, Reason

SLOTS = {
    "hour:1": Slot("[1-9]"),
    "hour:10": Slot("1[0-2]"),
    "hour:1-12": Slot("[1-9]|1[0-2]"),
    "hour:01-12": Slot("0?[1-9]|1[0-2]"),
    "hour:7": Slot("[7-9]|1[0-2]"),
    "hour:13": Slot("1[3-9]|2[0-3]"),
    "hour:7-23": Slot("[7-9]|1[0-9]|2[0-3]"),
    "hour:24": Slot("0?0|0[1-9]|1[3-9]|2[0-3]"),
    "hour:00": Slot("[01][0-9]|2[0-3]"),
    "minute:00": Slot("[0-5][0-9]"),
    "minute:13": Slot("1[3-9]|[2-5][0-9]"),
    "day:1": Slot("0?[1-9]|[12][0-9]|3[01]"),
    "month:1": Slot("0?[1-9]|1[0-2]"),
    "first": Slot("0?[1-9]|[12][0-9]|3[01]"),
    "second": Slot("0?[1-9]|[12][0-9]|3[01]"),
    "year": Slot("20[0-9][0-9]"),
    "year:26": Slot("[0-9][0-9]"),
    "half": Slot("", {"am": 0, "pm": 1}),
}
NOON = Clock(720)


def dial(found: Found, minutes: int = 0, *, bare: str = "") -> Clock | No:
    """The hour in the slot `hour`, so many `minutes` later or earlier, with its am or pm if it has one."""
    hour, half = found["hour"], found.get("half")
    if half is None:
        if hour > 12:
            return Clock(hour * 60 + minutes, bare=bare)
        return Clock((hour % 12 * 60 + minutes) % 720, twelve=True, bare=bare)
    minute = (hour % 12 + 12 * half) * 60 + minutes
    if hour > 12 or minute < 0:
        return No(Reason.LEFTOVER, found.text)
    return Clock(minute)


def hour(plus: int = 0) -> Meaning:
    return lambda found: dial(found, plus)


def minutes_past(found: Found) -> Clock | No:
    return dial(found, found["minute"])


def minutes_to(found: Found) -> Clock | No:
    return dial(found, -found["minute"])


def bare_hour(found: Found) -> Clock | No:
    return dial(found, bare=found.text)


def exactly(found: Found) -> Clock:
    return Clock(found["hour"] * 60 + found.get("minute", 0))


def written(found: Found) -> Clock:
    return Clock(found["hour"] % 12 * 60 + found["minute"], twelve=True, written=True)


def four_figures(found: Found) -> Clock:
    """1500. What may be a year, alone, is only a number."""
    year = "2020" <= found.text <= "2039"
    return Clock(found["hour"] * 60 + found["minute"], bare=found.text if year else "")


def clocks(suffix: str) -> dict[str, Meaning]:
    """15:00, 3:30pm, 3.30 and 1500. `suffix` is what may be written after hours on a 24-hour clock."""
    return {
        f"{{hour:24}}:{{minute:00}}(?::00)?(?:{suffix})?": exactly,
        f"{{hour:10}}:{{minute:00}}(?::00)?(?:{suffix})?": written,
        "{hour:1}:{minute:00}": minutes_past,
        "{hour:01-12}[:. ]?{minute:00} ?{half}": minutes_past,
        # 3.30 can be no date; 3.10 could, and is a time only where the language's own words say so.
        r"{hour:24}\.{minute:13}": exactly,
        r"{hour:1-12}\.{minute:13}": minutes_past,
        # "2.15 hours" may be a length: a time of day has two figures there.
        rf"{{hour:00}}\.{{minute:13}}{suffix}": exactly,
        f"{{hour:00}}{{minute:00}}(?:{suffix})?": four_figures,
        "24[:.]00": always(Clock(1440)),
    }


def dates(*, day_first: bool) -> dict[str, Meaning]:
    """2026-12-01, 1.12., 1/12 and 01/12/2026; with `day_first`, never the month before the day."""

    def in_figures(found: Found) -> InFigures:
        year = found.get("year")
        if year is not None and year < 100:
            year += 2000
        first, second = found["first"], found["second"]
        orders = [OnDate(first, second, year)]
        if not day_first:
            orders.append(OnDate(second, first, year))
        return InFigures(tuple(orders))

    return {
        "{year}[-/]{month:1}[-/]{day:1}": on_date,
        # As programs write it, and then on a clock of 24 hours.
        "{year}-{month:1}-{day:1} {hour:10}:{minute:00}(?::00)?(?! ?[ap]m)": lambda found: (
            on_date(found),
            exactly(found),
        ),
        r"{day:1}\.{month:1}\.?": on_date,
        r"{day:1}\.{month:1}\.{year}": on_date,
        "{first}/{second}": in_figures,
        "{first}[-/]{second}[-/]{year}": in_figures,
        "{first}/{second}/{year:26}": in_figures,
    }


def length(each: int, extra: int = 0) -> Meaning:
    """So many times `each` minutes, the number being in the slot `n`, and `extra` minutes more."""
    return lambda found: Length(found["n"] * each + extra)


def length_and_minutes(found: Found) -> Length:
    return Length(found["n"] * 60 + found["minute"])


def on_date(found: Found) -> OnDate:
    return OnDate(found["day"], found["month"], found.get("year"))
