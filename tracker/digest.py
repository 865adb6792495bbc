"""What should a supervisor know on Monday morning? Last week in a few sentences, by mail, once.

A letter is claimed before it is sent: whatever happens then, and however many workers there are, nobody gets two. The
server is called first, so that one that is down costs nobody their letter.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, sessionmaker

from tracker.channels.mail import Letter, Mail, MailError
from tracker.languages import PAGES, Voice
from tracker.model import Digest, Person, Role
from tracker.policy.causes import CAUSES, Recurrence
from tracker.policy.kinds import BUILT_IN
from tracker.reports import REPORTS, Scope
from tracker.reviewing import causes_that_recur, how_many_wait

MORNING = time(7)
"""When a digest is due, on Mondays where the supervisor is."""
TOLD = ("kept-rate", "lateness", "causes", "renegotiations", "warnings", "texts", "feedback")
"""The reports whose findings are told."""
MOST = 3
"""So many recurring causes are told."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A heading, its sentence, and the page that says more."""

    heading: str
    sentence: str
    link: str


def send_due(
    sessions: sessionmaker[Session],
    readers: sessionmaker[Session],
    mail: Mail,
    *,
    public_url: str,
    now: datetime,
) -> int:
    """Mail every digest that is due and has not been sent; how many were. Raises MailError when the server cannot be
    used at all; then nothing is claimed. A letter that the server refuses is not tried again."""
    with readers.begin() as session:
        due = [person.id for person in _supervisors(session) if _is_due(session, person, now)]
    if not due:
        return 0
    sent = 0
    with mail.opened() as line:
        for number in due:
            if not _claim(sessions, number, now):
                continue
            with readers.begin() as session:
                letter = write(session, session.get_one(Person, number), public_url=public_url, now=now)
            try:
                line.send(letter)
                sent += 1
            except MailError as error:
                log.error("a digest was not sent: %s", error)
    return sent


def _supervisors(session: Session) -> Sequence[Person]:
    return session.scalars(
        select(Person)
        .where(Person.role == Role.SUPERVISOR, Person.active)
        .order_by(Person.id)
        .options(joinedload(Person.team))
    ).all()


def _monday(person: Person, now: datetime) -> datetime:
    """The midnight that this week began with, where the person is."""
    today = now.astimezone(ZoneInfo(person.zone)).date()
    return datetime.combine(today - timedelta(days=today.weekday()), time(), ZoneInfo(person.zone))


def _week(person: Person, now: datetime) -> str:
    year, week, _ = _monday(person, now).isocalendar()
    return f"{year}-W{week:02}"


def _is_due(session: Session, person: Person, now: datetime) -> bool:
    if now < datetime.combine(_monday(person, now).date(), MORNING, ZoneInfo(person.zone)):
        return False
    had = exists().where(Digest.person_id == person.id, Digest.week == _week(person, now))
    return not session.scalar(select(had))


def _claim(sessions: sessionmaker[Session], number: int, now: datetime) -> bool:
    """Is it this worker that sends it?"""
    try:
        with sessions.begin() as session:
            week = _week(session.get_one(Person, number), now)
            session.add(Digest(person_id=number, week=week, sent_at=now))
    except IntegrityError:
        return False
    return True


def write(session: Session, person: Person, *, public_url: str, now: datetime) -> Letter:
    """The digest of the week before this one, for one person, in their language."""
    until, voice = _monday(person, now), _voice(person)
    scope = Scope(person, until - timedelta(days=7), until)
    told = list(_paragraphs(session, scope, voice, public_url, now))
    title = voice.gettext(
        "%(team)s: the week from %(first)s to %(last)s",
        team=person.team.name if person.team else "Tracker",
        first=_day(scope.since, voice),
        last=_day(until - timedelta(days=1), voice),
    )
    text = "\n\n".join([title, *(f"{each.heading}\n{each.sentence}\n{each.link}" for each in told)])
    return Letter(person.email, title, text + "\n", _html(title, told, voice), now)


def _voice(person: Person) -> Voice:
    """Of the languages that pages speak the person's own, else their team's, else English."""
    known = (person.language, person.team.language if person.team else "")
    return Voice(next((each for each in known if each in PAGES), "en"))


def _day(at: datetime, voice: Voice) -> str:
    return format_skeleton("MMMMd", at, tzinfo=at.tzinfo, locale=voice.locale)


def _paragraphs(
    session: Session, scope: Scope, voice: Voice, public_url: str, now: datetime
) -> Iterator[Paragraph]:
    days = f"since={scope.since:%Y-%m-%d}&until={scope.until - timedelta(days=1):%Y-%m-%d}"
    waiting = how_many_wait(session, scope.viewer)
    if waiting:
        yield Paragraph(
            voice.gettext("To do"),
            voice.gettext("Missed promises that wait for your review: %(waiting)s.", waiting=waiting),
            f"{public_url}/supervisor/reviews",
        )
    for name in TOLD:
        figures = REPORTS[name].figures(session, scope)
        if not figures.empty:
            link = f"{public_url}/reports/{name}?{days}"
            yield Paragraph(voice.spoken(REPORTS[name].title), voice.spoken(figures.finding), link)
    recurring = causes_that_recur(session, scope.viewer, now=now)[:MOST]
    if recurring:
        said = "; ".join(_recurs(each, voice) for each in recurring)
        heading = voice.gettext("What keeps coming back")
        yield Paragraph(heading, f"{said}.", f"{public_url}/supervisor/reviews")


def _recurs(found: Recurrence, voice: Voice) -> str:
    often = voice.gettext("%(hits)s of %(total)s misses", hits=found.hits, total=found.total)
    among = found.which.name
    match found.of:
        case "kind":
            kind = voice.gettext(among) if among in BUILT_IN else among
            among = voice.gettext("kind %(name)s", name=kind)
        case "team":
            among = voice.gettext("team %(name)s", name=among)
    return f"{often}: {voice.spoken(CAUSES[found.cause])}, {among}"


def _html(title: str, told: Sequence[Paragraph], voice: Voice) -> str:
    look = escape(voice.gettext("Look"))
    parts = "".join(
        f'<h2>{escape(each.heading)}</h2><p>{escape(each.sentence)}<br><a href="{escape(each.link)}">{look}</a></p>'
        for each in told
    )
    return f'<!doctype html><html lang="{voice.language}"><body><h1>{escape(title)}</h1>{parts}</body></html>'
