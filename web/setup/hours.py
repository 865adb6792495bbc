"""What do a team's hours and holidays come to, in words and days that can be checked by eye?"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from babel import Locale
from babel.dates import format_date, get_day_names
from holidays import list_supported_countries

from tracker.policy.calendars import PublicHolidays, WeeklyHours
from web.i18n import _, language
from web.times import locale

SHOWN = 4
"""Holidays to come: enough to see whether they are the right ones."""


def in_words(hours: WeeklyHours) -> str:
    """`Monday to Friday 09:00-18:00; Saturday 10:00-17:00`."""
    if not hours.shifts:
        return _("Never.")
    if hours.always:
        return _("Day and night, all week.")
    names = get_day_names("wide", locale=locale())
    said = []
    for item in str(hours).split(","):
        days, _colon, _times = item.partition(":")
        first, _dash, last = days.partition("-")
        _day, start, end = next(shift for shift in WeeklyHours.parse(item).shifts)
        said.append(f"{_days(names, int(first), int(last or first))} {_clock(start)}\N{EN DASH}{_clock(end)}")
    return "; ".join(said) + "."


_ITEM = re.compile(
    r"(?P<first>[^\W\d_]+)\.?(\s*(-|\N{EN DASH}|\bto\b|\ba\b)\s*(?P<last>[^\W\d_]+)\.?)?\s*:?\s*(?P<hours>\d.*)"
)
"""Days by their names, and hours."""


def in_digits(typed: str) -> str:
    """`Mon-Fri 9-12, 13-17, Sat 10-14` as the rest of the program has it: `0-4:9-12,0-4:13-17,5:10-14`. Days may be
    named in the language of the page or in English; what is not understood stays as it was typed."""
    numbers = {
        name.rstrip(".").lower(): day
        for locale_ in ("en", locale())
        for width in ("wide", "abbreviated")
        for day, name in get_day_names(width, locale=locale_).items()
    }
    days, items = "", []
    for item in re.split("[,;]", typed):
        found = _ITEM.fullmatch(item.strip())
        first = numbers.get(found["first"].lower()) if found else None
        last = numbers.get((found["last"] or found["first"]).lower()) if found else None
        if found and first is not None and last is not None:
            days = f"{first}:" if first == last else f"{first}-{last}:"
            items.append(days + _close(found["hours"]))
        else:
            more = days and re.fullmatch(r"[\d:\s\N{EN DASH}-]+", item)
            items.append(days + _close(item) if more else item)
    return ",".join(items)


def _close(times: str) -> str:
    return re.sub(r"\s+", "", times).replace("\N{EN DASH}", "-")


def to_type(hours: str | None) -> str:
    """The same as a person would type it in the language of the page: `Mon-Fri 09:00-18:00, Sat 10:00-14:00`."""
    names = get_day_names("abbreviated", locale=locale())
    said = []
    for item in hours.split(",") if hours else ():
        days = [names[int(day)].rstrip(".") for day in item.partition(":")[0].split("-")]
        _day, start, end = WeeklyHours.parse(item).shifts[0]
        said.append(f"{'-'.join(days)} {_clock(start)}-{_clock(end)}")
    return ", ".join(said)


def _days(names: Mapping[int, str], first: int, last: int) -> str:
    if first == last:
        return names[first]
    if last == first + 1:
        return _("%(first)s and %(last)s", first=names[first], last=names[last])
    return _("%(first)s to %(last)s", first=names[first], last=names[last])


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour % 24 if hour > 24 else hour:02}:{minute:02}"


@cache
def _supported() -> Mapping[str, list[str]]:
    return list_supported_countries()


def countries() -> list[tuple[str, str]]:
    """Whose public holidays are known: code and name, by name."""
    names = Locale.parse(language()).territories
    return sorted(
        ((code, names[code]) for code in _supported() if len(code) == 2 and code in names),
        key=lambda each: each[1],
    )


def parts(country: str) -> list[str]:
    """The parts of that country that have holidays of their own."""
    return [part for part in _supported().get(country, []) if part == part.upper()]


def next_holidays(code: str | None, today: date) -> str:
    """The next few, each with its day; empty without any."""
    if not code:
        return ""
    public = PublicHolidays.of(code)
    coming = ((day, public.name(day)) for day in (today + timedelta(days=n) for n in range(366)))
    named = [f"{format_date(day, 'EEE d MMM', locale=locale())} {name}" for day, name in coming if name]
    return ", ".join(named[:SHOWN])
