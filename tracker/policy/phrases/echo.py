"""How is a time said back, so that a wrong one is seen at once, and how is a refusal put into words?"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_month_names

from tracker.policy.phrases import places
from tracker.policy.phrases.language import Language
from tracker.policy.phrases.local import instants
from tracker.policy.phrases.pieces import Refusal


def echo(at: datetime, *, zone: str, reader_zone: str, now: datetime, language: Language) -> str:
    """ "Thu 19 Nov, 15:00 in New York; 21:00 for you": with the day and the place, and the year if not this
    one.
    """
    there, here = at.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(reader_zone))
    this_year = now.astimezone(ZoneInfo(zone)).year
    where = zone if "/" not in zone else language.echo.place.format(place=places.called(zone, language.code))
    said = f"{_day(there.date(), this_year, language)}, {_time(at, zone, language)} {where}"
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return said
    when = _time(at, reader_zone, language)
    if here.date() != there.date():
        when = f"{_day(here.date(), this_year, language)}, {when}"
    return f"{said}; {language.echo.reader.format(when=when)}"


def explain(refusal: Refusal, *, now: datetime, language: Language) -> str:
    """The sentence for a refusal, with its facts in the language's own words."""
    facts = {name: _fact(name, fact, now.year, language) for name, fact in refusal.facts.items()}
    return language.sentences[refusal.reason].format(**facts)


def _fact(name: str, fact: object, this_year: int, language: Language) -> str:
    match name, fact:
        case "time", int(minute):
            return f"{minute // 60:02}:{minute % 60:02}"
        case "place", str(zone):
            return places.called(zone, language.code)
        case _, (int(year), int(month), int(day)):
            # No such date: the CLDR can only write dates that exist.
            names = get_month_names("wide", locale=language.code)
            if month not in names:
                return f"{day}/{month}"
            return language.echo.no_date.format(day=day, month=names[month], year=year)
        case _, datetime():
            return f"{_day(fact.date(), this_year, language)}, {fact:%H:%M}"
        case _, date():
            return _day(fact, this_year, language)
    return str(fact)


def _day(day: date, this_year: int, language: Language) -> str:
    pattern = "EEE d MMM" if day.year == this_year else "EEE d MMM y"
    return format_date(day, pattern, locale=language.code)


def _time(at: datetime, zone: str, language: Language) -> str:
    """The time of day; in the night when the clocks go back, which of two."""
    local = at.astimezone(ZoneInfo(zone))
    text = f"{local:%H:%M}"
    if len(instants(local.replace(tzinfo=None, fold=0), ZoneInfo(zone))) == 1:
        return text
    return (language.echo.second if local.fold else language.echo.first).format(time=text)
