"""Which zone does the name of a place or an abbreviation mean, and what do people call a zone?

Only names that mean one place to nearly everybody are understood; any other zone can be given by its name
in the tz database ("Asia/Kolkata"). City names come from the CLDR, in each language.
"""

from functools import cache
from zoneinfo import available_timezones

from babel.dates import get_timezone_location

from tracker.policy.phrases.grammar import Found, Meaning, Slot, normal
from tracker.policy.phrases.pieces import No, Place, Reason

WELL_KNOWN = {
    "Africa": "Algiers Cairo Casablanca Johannesburg Lagos Nairobi Tunis",
    "America": "Anchorage Bogota Caracas Chicago Costa_Rica Denver Detroit Edmonton El_Salvador Guatemala"
    " Guayaquil Halifax Havana Lima Los_Angeles Mexico_City Montevideo New_York Panama Phoenix Puerto_Rico"
    " Santo_Domingo Sao_Paulo Tijuana Toronto Vancouver Winnipeg",
    "Asia": "Baghdad Bangkok Beirut Dhaka Dubai Hong_Kong Jakarta Jerusalem Karachi Kathmandu Kolkata"
    " Kuala_Lumpur Kuwait Manila Qatar Riyadh Seoul Shanghai Singapore Taipei Tehran Tokyo",
    "Atlantic": "Canary Reykjavik",
    "Australia": "Brisbane Darwin Hobart Melbourne Perth Sydney",
    "Europe": "Amsterdam Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Copenhagen Dublin"
    " Helsinki Istanbul Kyiv Lisbon Ljubljana London Luxembourg Madrid Malta Minsk Moscow Oslo Paris Prague"
    " Riga Rome"
    " Sarajevo Stockholm Tallinn Vienna Vilnius Warsaw Zagreb Zurich",
    "Pacific": "Auckland Honolulu",
}

OTHER_NAMES = {
    "atlanta": "America/New_York",
    "boston": "America/New_York",
    "miami": "America/New_York",
    "philadelphia": "America/New_York",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "las vegas": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "montreal": "America/Toronto",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "santiago de chile": "America/Santiago",
    "rio de janeiro": "America/Sao_Paulo",
    "beijing": "Asia/Shanghai",
    "pekin": "Asia/Shanghai",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "nueva delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "osaka": "Asia/Tokyo",
    "tel aviv": "Asia/Jerusalem",
    "edinburgh": "Europe/London",
    "uk": "Europe/London",
    "frankfurt": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "munich": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "ginebra": "Europe/Zurich",
    "kiev": "Europe/Kyiv",
    "barcelona": "Europe/Madrid",
    "milan": "Europe/Rome",
}

ABBREVIATIONS = {
    "utc": Place("UTC"),
    "et": Place("America/New_York"),
    "ct": Place("America/Chicago"),
    "mt": Place("America/Denver"),
    "pt": Place("America/Los_Angeles"),
}
"""Those that hold all year."""

SEASONAL = {
    "America/New_York": ("EST", "EDT"),
    "America/Chicago": ("CDT",),
    "America/Denver": ("MST", "MDT"),
    "America/Los_Angeles": ("PST", "PDT"),
    "America/Anchorage": ("AKST", "AKDT"),
    "Europe/London": ("GMT", "BST"),
    "Europe/Berlin": ("CET", "CEST"),
    "Europe/Athens": ("EET", "EEST"),
    "Asia/Tokyo": ("JST",),
    "Australia/Sydney": ("AEST", "AEDT"),
    "Pacific/Auckland": ("NZST", "NZDT"),
}
"""Those that hold for part of the year; many say "EST" in July and mean New York's time, so that it is
asked about.
"""

SEVERAL = ("CST", "IST", "AST", "GST", "SST")
"""CST, for one, is Chicago's, Shanghai's and Havana's."""


@cache
def names(language: str) -> dict[str, str]:
    """What a place may be called, in plain words (`grammar.normal`), and its zone."""
    zones = [f"{area}/{name}" for area, known in WELL_KNOWN.items() for name in known.split()]
    in_english = {normal(city(zone, "en")): zone for zone in zones}
    in_language = {normal(city(zone, language)): zone for zone in zones}
    return in_english | OTHER_NAMES | in_language


def city(zone: str, language: str) -> str:
    return get_timezone_location(zone, locale=language, return_city=True)


@cache
def called(zone: str, language: str) -> str:
    """A zone's city if that name leads back to it; otherwise the zone's own name."""
    if "/" not in zone:
        return zone
    name = city(zone, language)
    return name if names(language).get(normal(name)) == zone else zone


def slots(language: str) -> dict[str, Slot]:
    """`{place}`: a number that stands for a place's name; `{letters}` for an abbreviation."""
    return {
        "place": Slot("", {name: number for number, name in enumerate(names(language))}),
        "letters": Slot("", {letters: number for number, letters in enumerate(_by_letters())}),
        "several": Slot("", {letters.casefold(): number for number, letters in enumerate(SEVERAL)}),
    }


def patterns(language: str) -> dict[str, Meaning]:
    zones = list(names(language).values())
    by_letters = list(_by_letters().values())
    return {
        "{place}": lambda found: Place(zones[found["place"]]),
        "{letters}": lambda found: by_letters[found["letters"]],
        "{several}": lambda found: No(Reason.SEVERAL_ZONES, SEVERAL[found["several"]]),
        r"[a-z_]+(?:/[a-z0-9_+-]+)+": _by_key,
    }


@cache
def _by_letters() -> dict[str, Place]:
    seasonal = {
        letters.casefold(): Place(zone, letters)
        for zone, all_year in SEASONAL.items()
        for letters in all_year
    }
    return ABBREVIATIONS | seasonal


@cache
def _keys() -> dict[str, str]:
    return {key.casefold(): key for key in available_timezones() if "/" in key}


def _by_key(found: Found) -> Place | No:
    key = next(word for word in found.text.split() if "/" in word)
    return Place(_keys()[key]) if key in _keys() else No(Reason.UNKNOWN_ZONE, key)
