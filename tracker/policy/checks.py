"""Is what somebody gave us usable? Each check returns the clean value or refuses it in one sentence."""

from datetime import datetime, timedelta
from functools import cache
from unicodedata import category
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from tracker.policy.calendars.hours import HoursError, WeeklyHours
from tracker.policy.said import say

FARTHEST_DUE = timedelta(days=366)
TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Unicode's embeddings, overrides and isolates, as they come along with what is copied from an address book."""
LONGEST_HOURS = 400
LONGEST_QUOTE = 40


class Refused(ValueError):
    """What was asked cannot be done; the `sentence` says why and what to do instead.

    `field` names what has to be mended, where that is one thing. A sentence made by `say` is read in the language
    of the page.
    """

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class NotFound(Refused):
    """There is none, or none that this person may see."""


class Conflict(Refused):
    """Somebody else changed it in the meantime."""


def one_line(text: str, field: str, *, most: int, name: str) -> str:
    """Text as one line without outer space, 1 to `most` characters. Refuses what is empty, to the eye at least, or
    longer. Marks that turn the direction of writing are left out: what follows on a page or in a text would turn."""
    clean = " ".join(text.translate(TURNS).split())
    if all(category(letter) in ("Cf", "Zs") for letter in clean):
        raise Refused(say("%(what)s is missing: write at least a word.", what=name), field)
    if any(category(letter) in ("Cc", "Cs", "Cn", "Co") for letter in clean):
        raise Refused(say("%(what)s has a character that cannot be shown: type it anew.", what=name), field)
    return at_most(clean, field, most=most, name=name)


def at_most(text: str, field: str, *, most: int, name: str) -> str:
    """Text of at most so many characters, its lines as they were typed. Refuses what is longer."""
    if len(text) > most:
        told = say(
            "%(what)s has %(length)s characters; %(most)s is the most.",
            what=name,
            length=len(text),
            most=most,
        )
        raise Refused(told, field)
    return text


def quoted(text: str) -> str:
    """What was typed, as a sentence quotes it: with escapes for what nobody sees, and no more than its beginning."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…")


@cache
def zones() -> tuple[str, ...]:
    """The name of every IANA zone, in order; looked up once, for it takes a walk through many folders."""
    return tuple(sorted(available_timezones()))


def zone(name: str, field: str = "zone") -> ZoneInfo:
    """The IANA zone of that name."""
    if name not in zones():
        raise Refused(
            say(
                "There is no time zone %(name)s: use a name like Europe/Madrid or America/New_York.",
                name=quoted(name),
            ),
            field,
        )
    return ZoneInfo(name)


def phone(text: str, region: str, field: str = "phone") -> str:
    """A phone number as E.164 (`+14155550123`). A number without + is read as one of `region` (ISO 3166)."""
    if not text.strip():
        raise Refused(say("The phone number is missing: give it with area code, or as +14155550123."), field)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refused(
            say(
                "%(typed)s is not a phone number: give it with area code, or as +14155550123.",
                typed=quoted(text),
            ),
            field,
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def due(at: datetime, *, now: datetime, field: str = "due_at") -> datetime:
    """A due time that lies ahead, at most a year. Refuses a naive one: a time without a zone is a guess."""
    if at.tzinfo is None:
        raise Refused(say("The due time has no zone: add an offset, like 2026-11-19T15:00:00-05:00."), field)
    if at <= now:
        raise Refused(
            say("The due time has passed: a promise is made for a time that is still to come."), field
        )
    if at - now > FARTHEST_DUE:
        raise Refused(say("The due time is more than a year away: promise something nearer."), field)
    return at


def hours(text: str, field: str = "hours") -> WeeklyHours:
    """Hours of a week, as `tracker.policy.calendars.hours` spells them."""
    if len(text) > LONGEST_HOURS:
        raise Refused(
            say(
                "These hours have %(count)s characters; %(most)s is the most.",
                count=len(text),
                most=LONGEST_HOURS,
            ),
            field,
        )
    try:
        return WeeklyHours.parse(text)
    except HoursError as error:
        raise Refused(error.sentence, field) from error


def region(code: str, field: str = "region") -> str:
    """A country as ISO 3166 writes it: two letters."""
    clean = code.strip().upper()
    if clean not in phonenumbers.SUPPORTED_REGIONS:
        raise Refused(
            say("There is no country %(code)s: use two letters, like US or ES.", code=quoted(code)), field
        )
    return clean


def email(text: str, field: str = "email") -> str:
    """An e-mail address in lower case: something, an @, a host with a dot."""
    clean = text.strip().lower()
    name, at, host = clean.partition("@")
    if (
        not (name and at and "." in host.strip(".") and clean.isprintable())
        or " " in clean
        or len(clean) > 254
    ):
        raise Refused(say("%(typed)s is not an e-mail address.", typed=quoted(text)), field)
    return clean
