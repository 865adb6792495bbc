"""What do we say, to whom, in which words?

Every text is a template of the reader's language (policy/texts), filled with the facts of one commitment: the
customer by given name, their own topic, what we will do and by when, in their own time. The aim is one
segment of GSM-7; of everything that is said only the topic may be shortened for it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from tracker.policy.said import Said, say
from tracker.policy.segments import GSM7, count, plain
from tracker.policy.texts import language as language_table
from tracker.policy.texts.language import Language

SHORTEST_TOPIC = 20
"""Characters that a shortened topic keeps, its "..." counted: in fewer, nobody knows their own case again."""


class TextKind(StrEnum):
    """Why a text is sent; those of CUSTOMER_KINDS go to the customer, the others to staff."""

    PROMISED = "promised"
    RENEGOTIATED = "renegotiated"
    APOLOGY = "apology"
    HANDED_OVER = "handed_over"
    UNREACHED = "unreached"
    SAY_MORE = "say_more"
    """An answer that could not be understood."""
    KEPT_IT = "kept_it"
    REMINDER = "reminder"
    DUE = "due"
    ESCALATION = "escalation"
    YOURS_NOW = "yours_now"
    STILL_OPEN = "still_open"
    CALL_WANTED = "call_wanted"
    """The customer asks for a call at once."""
    USE_THE_PAGE = "use_the_page"
    """A colleague answered with a code that no text of ours offered."""
    CHOSEN = "chosen"
    NOT_KEPT = "not_kept"
    UNCOVERED = "uncovered"


CUSTOMER_KINDS: frozenset[TextKind] = frozenset(
    {
        TextKind.PROMISED,
        TextKind.RENEGOTIATED,
        TextKind.APOLOGY,
        TextKind.HANDED_OVER,
        TextKind.UNREACHED,
        TextKind.SAY_MORE,
        TextKind.KEPT_IT,
    }
)


LINKED: frozenset[TextKind] = frozenset({TextKind.PROMISED})
"""Texts that carry the link even where it costs a second segment: without one that does, nobody finds the page."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text may speak of. All times are aware; `zone` is the reader's (an IANA name).

    `given_name` may be empty: the greeting then goes without. `next_at`: when a colleague takes over, if
    that is known. `late_count`: for how many promises one staff text stands. `link`: a page, or empty.
    `reference`: what the text ends with, so that its record can be found again at the provider.
    """

    given_name: str
    customer_name: str
    customer_phone: str
    topic: str
    commitment_kind: str
    owner_given_name: str
    team: str
    due_at: datetime
    first_due_at: datetime
    zone: str
    next_at: datetime | None = None
    late_count: int = 1
    link: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template: the part at fault, and a sentence that says how to mend it."""

    part: str
    message: Said


PLACEHOLDERS: Mapping[str, Said] = {
    "given_name": say("the customer's given name"),
    "topic": say("the customer's own case, as logged"),
    "owner": say("the given name of the owner"),
    "team": say("the team, as the customer knows it"),
    "will": say('what the owner will do and by when: "will call you back by today 15:00"'),
    "due": say('the time promised now: "today 15:00"'),
    "by": say('the time promised now, as a limit: "by today 15:00"'),
    "first_due": say('the time promised first: "Thu 19 Nov, 15:00"'),
    "next": say("one sentence: what happens next, and by when if that is known"),
    "link": say("the address of the page, where there is one"),
    "customer": say("the customer's full name"),
    "phone": say("the customer's phone number"),
    "label": say('what was promised, in a word: "callback"'),
    "heading": say('for staff: "Late", or "40 late, first" when one text stands for forty promises'),
}
"""What a template may contain, in braces, and what stands there in the text."""

STAFF_ONLY = frozenset({"heading", "phone"})
"""Placeholders that no text to a customer may contain."""
_TIMES = ("will", "by", "due")
_FOR_CUSTOMERS: tuple[tuple[tuple[str, ...], Said], ...] = (
    (("given_name",), say("Greet the customer by name: put in {given_name}.")),
    (("topic",), say("Say what it is about: put in {topic}.")),
    (_TIMES, say("Name the time: put in {will}, {by} or {due}.")),
)
_AFTERWARDS = _FOR_CUSTOMERS[:2]  # the question whether it was kept has no time to name
_FOR_STAFF: tuple[tuple[tuple[str, ...], Said], ...] = (
    (("heading",), say("Say why it is sent, and for how many promises: put in {heading}.")),
    (("customer",), say("Say whom it is about: put in {customer}.")),
)

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_JOINERS = "\u200c\u200d"  # they shape letters and emoji: a name without them is another name


def render(
    kind: TextKind,
    facts: Facts,
    *,
    language: str,
    now: datetime,
    templates: Mapping[str, str] | None = None,
) -> str:
    """The text of `kind` in one line, in `language` (a tag; English where we have no such language).

    `templates` are a team's own, by kind; one that `check_template` finds fault with is never sent: ours is.
    Names are never altered, so a name outside GSM-7 makes a UCS-2 text. The topic is shortened, at a word,
    only if that saves a segment, and only as far as it takes. The link is left out where it would cost one,
    but for the kinds in LINKED.
    Raises ZoneInfoNotFoundError if `facts.zone` is no zone.
    """
    table = language_table(language)
    template = table.templates[kind]
    own = (templates or {}).get(kind)
    if own is not None and not check_template(kind, own):
        template = plain(_one_line(own))
    values = _values(kind, facts, table, now)
    if not values["given_name"]:
        template = _without_name(template)

    def text(topic: str, **other: str) -> str:
        filling = values | {"topic": topic} | other
        filled = _PLACEHOLDER.sub(lambda match: filling[match[1]], template)
        ending = f" #{facts.reference}" if facts.reference else ""
        return re.sub(" {2,}", " ", filled).strip() + ending

    topic = plain(_one_line(facts.topic)).rstrip(" .")
    forms = [topic, *_shortened(topic)]
    if kind not in LINKED and count(text(forms[-1])).count > count(text(forms[-1], link="")).count:
        values["link"] = ""
    fewest = count(text(forms[-1])).count
    return next(shown for form in forms if count(shown := text(form)).count <= fewest)


def check_template(kind: TextKind, template: str) -> list[Problem]:
    """What must be mended before `template` may stand for the texts of `kind`; empty if nothing."""
    for_customers = kind in CUSTOMER_KINDS
    allowed = [name for name in PLACEHOLDERS if not (for_customers and name in STAFF_ONLY)]
    used = _PLACEHOLDER.findall(template)
    problems = [_unknown(name, allowed) for name in dict.fromkeys(used) if name not in allowed]
    stray = re.search(r"[{}][^{}]{0,20}[{}]?", _PLACEHOLDER.sub("", template))
    if stray:
        problems.append(
            Problem(
                stray[0],
                say(
                    "A brace is left open or over. Write a placeholder as {topic}, without spaces; use no braces for "
                    "anything else."
                ),
            )
        )
    wanted = _FOR_CUSTOMERS if for_customers else _FOR_STAFF
    for names, message in _AFTERWARDS if kind is TextKind.KEPT_IT else wanted:
        if not any(name in used for name in names):
            problems.append(Problem(f"{{{names[0]}}}", message))
    return problems


def _unknown(name: str, allowed: list[str]) -> Problem:
    close = get_close_matches(name, allowed, n=1, cutoff=0.5)
    mend = (
        say("Did you mean {%(name)s}?", name=close[0])
        if close
        else say("Use one of %(names)s.", names=allowed)
    )
    part = f"{{{name}}}"
    return Problem(part, say("%(part)s cannot be filled in here. %(mend)s", part=part, mend=mend))


def _values(kind: TextKind, facts: Facts, table: Language, now: datetime) -> dict[str, str]:
    """What stands for each placeholder but the topic."""
    due, by = _time(facts.due_at, facts.zone, table, now)
    first_due, _ = _time(facts.first_due_at, facts.zone, table, now)
    deed = table.deeds.get(facts.commitment_kind, table.deeds["other"])
    one, many = table.headings.get(kind, ("", ""))
    upcoming = table.next_unknown
    if facts.next_at is not None and facts.next_at > now:
        upcoming = table.next_known.format(by=_limit(facts.next_at, facts.zone, table, now))
    team = _one_line(facts.team)
    return {
        "given_name": _one_line(facts.given_name),
        "owner": _one_line(facts.owner_given_name) or team,
        "team": team,
        "will": deed.will.format(by=by),
        "due": due,
        "by": by,
        "first_due": first_due,
        "next": upcoming,
        "link": _one_line(facts.link),
        "customer": _one_line(facts.customer_name),
        "phone": _one_line(facts.customer_phone),
        "label": deed.label,
        "heading": many.format(count=facts.late_count) if facts.late_count > 1 else one,
    }


def _time(at: datetime, zone: str, table: Language, now: datetime) -> tuple[str, str]:
    """`at` as the reader would say it, and as a limit: "today 15:00" and "by today 15:00"."""
    local = at.astimezone(ZoneInfo(zone))
    clock = _clock(local, table)
    near = table.near.get(_days_ahead(local, now))
    if near:
        return f"{near} {clock}", table.by_near.format(day=near, time=clock)
    day = _in_alphabet(format_datetime(local, table.date, locale=table.code))
    return f"{day}, {clock}", table.by_far.format(day=day, time=clock)


def _limit(at: datetime, zone: str, table: Language, now: datetime) -> str:
    """`at` as a limit in a text that has named a time already: later today needs no day."""
    local = at.astimezone(ZoneInfo(zone))
    if _days_ahead(local, now) == 0:
        return table.by_clock.format(time=_clock(local, table))
    return _time(at, zone, table, now)[1]


def _days_ahead(local: datetime, now: datetime) -> int:
    return (local.date() - now.astimezone(local.tzinfo).date()).days


def _clock(local: datetime, table: Language) -> str:
    return format_datetime(local, table.clock, locale=table.code)


def _in_alphabet(day: str) -> str:
    """A date without the accents that GSM-7 lacks: one "sáb" or "août" would halve what fits."""
    return "".join(letter if letter in GSM7 else normalize("NFD", letter)[0] for letter in day)


def _one_line(text: str) -> str:
    """`text` with breaks and controls as spaces, without invisible marks (some reverse what follows)."""
    if not text.isprintable():
        text = "".join(_shown(character) for character in text)
    return re.sub(" {2,}", " ", normalize("NFC", text)).strip()


def _shown(character: str) -> str:
    if category(character) in {"Cc", "Zl", "Zp"}:
        return " "
    if category(character) in {"Cf", "Cs"} and character not in _JOINERS:
        return ""
    return character


def _without_name(template: str) -> str:
    """The template for a customer whose name we do not know: "Hi {given_name}, we" becomes "Hi, we"."""
    nameless = re.sub(r" ?\{given_name\}", "", template)
    return re.sub(r"(^|[.:!?])[,;:] ?", r"\1 ", nameless)


def _shortened(topic: str) -> Iterator[str]:
    """Shorter and shorter forms of the topic, each ending at a word, none shorter than SHORTEST_TOPIC."""
    if len(topic) <= SHORTEST_TOPIC:
        return
    shortest = SHORTEST_TOPIC - len("...")
    words = [match.start() for match in re.finditer(" ", topic) if match.start() >= shortest]
    for end in reversed(words or [shortest]):
        yield topic[:end].rstrip(" ,;:-.") + "..."
