"""By when? What the words in a form mean: understood, asked about, or refused with a sentence; never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy.orm import Session

from tracker.duty import Crew, crews
from tracker.model import Team
from tracker.policy import checks
from tracker.policy.calendars import Calendar, WeeklyHours
from tracker.policy.checks import Refused
from tracker.policy.phrases import LANGUAGES, DayHours, NotUnderstood, Understood, nine_to_five, understand
from web.forms import WhenForm
from web.i18n import _, language
from web.spoken import spoken
from web.times import Watch, local_time, locale, place

ROUNDING = timedelta(minutes=5)
"""Nobody promises "at 14:37": quick times fall on the next full five minutes."""
DAY = timedelta(days=1)
CLOSING = timedelta(seconds=1)
"""Who works until six is there a second before six, and not at six."""
SOON = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))


@dataclass(frozen=True, slots=True)
class Setting:
    """All that the words may refer to: who types them, the customer's clock, and the team whose hours count."""

    watch: Watch
    theirs: ZoneInfo | None
    """None while nobody knows whose clock "her time" would be."""
    team: Team | None
    crew: Crew | None
    """Who works in that team."""

    @classmethod
    def of(cls, session: Session, watch: Watch, theirs: ZoneInfo | None, team: Team | None) -> Self:
        """With the crew of the team. One query."""
        return cls(watch, theirs, team, crews(session, team.id, now=watch.now)[team.id] if team else None)

    @property
    def hours(self) -> Calendar | None:
        """When that team works."""
        return self.crew.hours if self.crew else None


@dataclass(frozen=True, slots=True)
class Pick:
    """A time that is one press away: what the button says, and the words that it puts into the field."""

    label: str
    words: str
    when: str = ""
    """The time of day beside the label, where that does not tell."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was typed comes to: `at` when it is clear, `choices` when it may be several times, else a `problem`."""

    at: datetime | None = None
    echo: str = ""
    choices: Sequence[Pick] = ()
    problem: str = ""
    field: str = "due_at"
    blank: bool = False
    """Was nothing typed yet?"""


def due(form: WhenForm, setting: Setting) -> datetime:
    """The time that was meant. Raises Refused at the field that has to be mended."""
    found = meaning(form, setting)
    if found.at is None:
        raise Refused(found.problem, found.field)
    return found.at


def meaning(form: WhenForm, setting: Setting) -> Meaning:
    """What the form says of the time, in words or as an exact date; a moment with its offset is taken as it is."""
    typed, exact = form.due_at.data.strip(), form.exact.data.strip()
    if typed == "exact":
        typed = ""  # an older page, left open, sends it beside an exact time
    try:
        if typed and exact:
            raise Refused(_("Give the time in words or as a date, not both: empty one of them."), "due_at")
        if exact:
            zone = setting.watch.zone
            if form.exact_zone.data == "customer" and setting.theirs is not None:
                zone = setting.theirs
            return _clear(local_time(exact, zone, "exact"), setting)
        if not typed:
            return Meaning(problem=_("Say by when, like “tomorrow 3pm” or “in 2 hours”."), blank=True)
        if (at := _moment(typed)) is not None:
            return _clear(at, setting)
        return _read(typed, setting)
    except Refused as problem:
        return Meaning(problem=spoken(problem.sentence), field=problem.field)


def _read(typed: str, setting: Setting) -> Meaning:
    answer = _understood(typed, setting)
    if isinstance(answer, NotUnderstood):
        return Meaning(problem=answer.why)
    if answer.ambiguous:
        times = dict.fromkeys([answer.at, *(each.at for each in answer.ambiguous)])
        if len(times) > 1:
            asked = _("That may mean two times: choose one.")
        elif answer.supposed:
            asked = _("Did you mean this time? Choose it if so.")
        else:
            asked = _("Today’s has passed: choose it if you mean this one.")
        picks = [Pick(sentence(at, setting), in_words(at, setting)) for at in times]
        return Meaning(choices=picks, problem=asked)
    return _clear(answer.at, setting)


def _clear(at: datetime, setting: Setting) -> Meaning:
    checks.due(at, now=setting.watch.now)
    return Meaning(at, sentence(at, setting))


def sentence(at: datetime, setting: Setting) -> str:
    """The time as both will read it off their clocks: `Thu 19 Nov, 11:00 in New York; 16:00 for you, in 2 h`."""
    watch, zone = setting.watch, setting.theirs
    facts = {"mine": watch.day_and_time(at), "apart": watch.apart(at)}
    if zone is None or watch.same_clock(zone, at):
        return _("%(mine)s, %(apart)s", **facts)
    theirs = watch.elsewhere(zone)
    facts |= {"theirs": theirs.day_and_time(at), "place": place(zone.key)}
    if theirs.day(at) == watch.day(at):
        facts["mine"] = watch.clock(at)
    return _("%(theirs)s in %(place)s; %(mine)s for you, %(apart)s", **facts)


def _moment(text: str) -> datetime | None:
    """A moment with its offset, as scripts send it; None when it is none. Raises Refused beyond the calendar."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Refused(_("That date is out of reach: promise something nearer."), "due_at") from None


def in_words(at: datetime, setting: Setting) -> str:
    """Words that mean this very moment to whoever types them there, to fill the field with; the moment itself where
    words would be unclear."""
    watch = setting.watch
    there = at.astimezone(watch.zone)
    patterns = ("HH:mm", f"'{_('tomorrow')}' HH:mm", "d MMM HH:mm", "d MMM y HH:mm", "y-MM-dd HH:mm")
    days = (watch.day(at) - watch.day(watch.now)).days
    for pattern in patterns[min(days, 2) :]:
        words = format_datetime(there, pattern, tzinfo=watch.zone, locale=locale())
        read = _understood(words, setting)
        if not isinstance(read, NotUnderstood) and read.at == at and not read.ambiguous:
            return words
    return at.isoformat(timespec="minutes")


def _understood(typed: str, setting: Setting) -> Understood | NotUnderstood:
    return understand(
        typed,
        now=setting.watch.now,
        zone=setting.watch.zone.key,
        customer_zone=setting.theirs.key if setting.theirs else None,
        language=_spoken(),
        hours=partial(day_hours, setting),
    )


def _spoken() -> str:
    return language() if language() in LANGUAGES else "en"


def day_hours(setting: Setting, day: date) -> DayHours:
    """What "end of day" and "after lunch" mean on that day: the team's hours, by the clock of who types."""
    team = setting.team
    if team is None:
        return nine_to_five(day)
    by_the_clock = partial(_by_the_clock, setting.watch, team)
    # The working day that begins on this date here may be that of another date there.
    opened = ((by_the_clock(each, _named(team, each).opening), each) for each in (day, day - DAY, day + DAY))
    there = next((each for opening, each in opened if opening.date() == day), day)
    named = _named(team, there)
    marks = (named.opening, named.lunch, named.after_lunch, named.closing)
    try:
        return DayHours(*(by_the_clock(there, mark).time() for mark in marks), free=named.free)
    except ValueError:  # the clocks go back in its lunch break
        return DayHours(free=named.free)


def _by_the_clock(watch: Watch, team: Team, day: date, mark: time) -> datetime:
    """When the team's clock shows that on that day, by the clock of who types."""
    return datetime.combine(day, mark, ZoneInfo(team.zone)).astimezone(watch.zone)


def _named(team: Team, day: date) -> DayHours:
    """The opening, lunch and closing of that weekday; of the first weekday with hours, when it has none."""
    shifts = WeeklyHours.parse(team.hours).shifts
    todays = [each for each in shifts if each[0] == day.weekday()]
    free = not todays
    todays = todays or [each for each in shifts if each[0] == shifts[0][0]]
    if not todays:
        return DayHours(free=True)
    opening, closing = _time(todays[0][1]), _time(max(end for _, _, end in todays))
    breaks = [(_time(a[2]), _time(b[1])) for a, b in pairwise(todays) if a[2] < b[1]]
    lunch, after = (min(max(mark, opening), closing) for mark in (breaks or [(time(12), time(13))])[0])
    return DayHours(opening, lunch, after, closing, free=free)


def _time(minutes: int) -> time:
    return time(*divmod(min(minutes, 24 * 60 - 1), 60))


def quick_times(setting: Setting) -> list[Pick]:
    """The times that agents promise most: soon, and at the ends of the team's working days."""
    watch = setting.watch
    soon = ((wait, rounded(watch.now + wait)) for wait in SOON)
    picks = [
        _pick(_("In %(time)s", time=_wait(wait)), at, setting)
        for wait, at in soon
        if setting.hours is None or works_at(setting.hours, at)
    ]
    if setting.team is None or setting.hours is None:
        return picks
    zone, open_hours = ZoneInfo(setting.team.zone), setting.hours
    today = watch.now.astimezone(zone).date()
    closing = _last_moment(open_hours, today, zone)
    if closing and closing.astimezone(zone).date() == today and closing > rounded(watch.now + SOON[0]):
        picks.append(_pick(_("End of day"), closing, setting))
    opening = open_hours.next_open(datetime.combine(today + timedelta(days=1), time(), zone))
    if opening is None:
        return picks
    day = opening.astimezone(zone).date()
    named = _named(setting.team, day)
    noon = datetime.combine(day, named.lunch, zone).astimezone(UTC)
    evening = datetime.combine(day, named.closing, zone).astimezone(UTC)
    evening = min(evening, _last_moment(open_hours, day, zone) or evening)
    if (day - today).days == 1:
        labels = _("Tomorrow morning"), _("Tomorrow, end of day")
    else:
        weekday = format_datetime(opening, "EEEE", tzinfo=zone, locale=locale())
        labels = (
            _("%(day)s morning", day=weekday.capitalize()),
            _("%(day)s, end of day", day=weekday.capitalize()),
        )
    offered = [(labels[1], evening)]
    if named.opening < named.lunch and noon < evening and works_at(open_hours, noon):
        offered = [(labels[0], noon), *offered]
    named_day = watch.day(noon) == day == watch.day(evening)
    return [
        *picks,
        *(
            Pick(label, in_words(at, setting), watch.clock(at) if named_day else watch.says(at))
            for label, at in offered
        ),
    ]


def _last_moment(hours: Calendar, day: date, zone: ZoneInfo) -> datetime | None:
    """Until when somebody works on that day, or on the last one before it on which anybody does; midnight at the
    latest."""
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    last = hours.subtract(midnight, CLOSING.total_seconds())
    return last and last + CLOSING


def works_at(hours: Calendar, at: datetime) -> bool:
    """Is somebody there then? At closing time too: it is still a time of theirs."""
    return hours.is_open(at) or hours.is_open(at - CLOSING)


def _pick(label: str, at: datetime, setting: Setting) -> Pick:
    return Pick(label, in_words(at, setting), setting.watch.says(at))


def _wait(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    return _("%(n)s min", n=minutes) if minutes < 60 else _("%(n)s h", n=minutes // 60)


def rounded(at: datetime) -> datetime:
    """Up to the next full five minutes, in UTC: no zone of today is off by less."""
    at = at.astimezone(UTC)
    beyond = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at + (ROUNDING - beyond if beyond else timedelta())
