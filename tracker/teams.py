"""How does a team work? Its hours, kinds, sender, ladder and words, as an administrator sets them.

Functions take the caller's session and never commit; each raises Refused with one sentence, and writes nothing then.
What two administrators could overwrite for one another (ladders, words) is saved only over what its editor has seen.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.model import Closure, LadderRow, Person, Team, Wording
from tracker.people import free_team_name, working_hours
from tracker.policy import checks, said
from tracker.policy.calendars import PublicHolidays
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.kinds import BUILT_IN
from tracker.policy.ladder import Ladder, LadderError, Step, to_json
from tracker.policy.segments import MAX_CHARACTERS
from tracker.policy.texts import LANGUAGES
from tracker.policy.wording import TextKind, check_template

LONGEST_KIND = 40
MOST_KINDS = 20
MOST_STEPS = 20
TRIES = range(1, 21)
SERVICE = re.compile("MG[0-9a-f]{32}")
"""How Twilio names a messaging service."""


def locked(session: Session, number: int) -> Team:
    """The team of that number, for this transaction alone to change. Raises NotFound."""
    team = session.get(Team, number, with_for_update={"key_share": True})
    if team is None:
        raise NotFound(said.say("There is no team of that number."))
    return team


def describe(session: Session, team: Team, *, name: str, zone: str, region: str, language: str) -> None:
    """What the team is called, where it is and what it speaks."""
    name = free_team_name(session, name, but=team)
    zone, region = checks.zone(zone).key, checks.region(region)
    if language not in LANGUAGES:
        raise Refused(said.say("Choose one of these languages."), "language")
    team.name, team.zone, team.region, team.language = name, zone, region, language


def work(team: Team, *, hours: str, country: str, part: str) -> None:
    """When the team works, and whose public holidays it keeps: a country's, or a part's of it; none without."""
    worked = working_hours(hours)
    code = "-".join(each for each in (country.strip(), part.strip()) if each) or None
    if code and not country.strip():
        raise Refused(said.say("Choose the country of that part too."), "country")
    if code:
        try:
            PublicHolidays(country.strip(), part.strip() or None)
        except ValueError as error:
            raise Refused(str(error), "part" if part.strip() else "country") from error
    team.hours, team.holidays = worked, code


def close(
    session: Session, team: Team, *, starts_at: datetime, ends_at: datetime, reason: str, now: datetime
) -> Closure:
    """The whole team does not work during that time. Said twice it is one closure."""
    if ends_at <= starts_at:
        raise Refused(said.say("It ends before it has begun: give a later end."), "ends_at")
    if ends_at <= now:
        raise Refused(said.say("That time is over already: give one that is still to come."), "ends_at")
    reason = checks.one_line(reason, "reason", most=120, name=said.say("The reason"))
    the_same = {"team_id": team.id, "starts_at": starts_at, "ends_at": ends_at, "reason": reason}
    known = session.scalars(select(Closure).filter_by(**the_same)).first()
    if known is not None:
        return known
    closure = Closure(**the_same)
    session.add(closure)
    session.flush()
    return closure


def reopen(session: Session, team: Team, number: int) -> Closure:
    """It works then after all. Raises NotFound."""
    closure = session.get(Closure, number)
    if closure is None or closure.team_id != team.id:
        raise NotFound(said.say("That closure has been taken away already."))
    session.delete(closure)
    return closure


def promise(team: Team, *, kinds: str, tries: str, sender: str) -> None:
    """What it promises beside the built-in kinds (with commas between), how often it tries to reach a customer, and
    where its texts leave from: a number, a messaging service, or for want of one what the settings say."""
    own = [
        checks.one_line(each, "kinds", most=LONGEST_KIND, name=said.say("A kind")).lower()
        for each in kinds.split(",")
        if each.strip()
    ]
    own = [each for each in dict.fromkeys(own) if each not in BUILT_IN]
    if len(own) > MOST_KINDS:
        raise Refused(
            said.say(
                "These are %(count)s kinds; %(most)s is the most that anybody can choose from.",
                count=len(own),
                most=MOST_KINDS,
            ),
            "kinds",
        )
    if not (tries.strip().isascii() and tries.strip().isdigit() and int(tries[:9]) in TRIES):
        raise Refused(
            said.say("Give a number of tries from %(least)s to %(most)s.", least=TRIES[0], most=TRIES[-1]),
            "tries",
        )
    leaves_from: str | None = sender.strip()
    if leaves_from and not SERVICE.fullmatch(leaves_from):
        try:
            leaves_from = checks.phone(leaves_from, team.region)
        except Refused as refused:
            raise Refused(
                said.say(
                    "Give a number of your account, as +14155550123, or the name of a messaging service, MG and 32 "
                    "digits or letters a to f."
                ),
                "sender",
            ) from refused
    team.kinds, team.tries, team.sender = own, int(tries), leaves_from or None


def climb_by(team: Team, steps: Sequence[Step], *, seen: int | None, now: datetime) -> None:
    """The ladder that new commitments are made under from now on; those that were made keep theirs.

    `seen`: the number of the ladder that the editor started from. Raises Conflict when it is no longer the team's.
    """
    if len(steps) > MOST_STEPS:
        raise Refused(
            said.say(
                "A ladder of %(count)s steps is too long: %(most)s is the most.",
                count=len(steps),
                most=MOST_STEPS,
            ),
            "ladder",
        )
    try:
        Ladder.of(steps)
    except LadderError as error:
        raise Refused(error.sentence, "ladder") from error
    if seen != team.ladder_id:
        raise Conflict(
            said.say(
                "Somebody else changed this ladder meanwhile: theirs is drawn here. Save again to use yours instead."
            ),
            "ladder",
        )
    if to_json(steps) != team.ladder.steps:
        team.ladder = LadderRow(steps=to_json(steps), made_at=now)


def own_words(session: Session, team: Team, kind: TextKind, language: str) -> Wording | None:
    """The team's own words for these texts, if it has any."""
    return session.scalar(
        select(Wording).where(Wording.team_id == team.id, Wording.kind == kind, Wording.language == language)
    )


def say(
    session: Session,
    team: Team,
    kind: TextKind,
    language: str,
    template: str,
    *,
    seen: str,
    by: Person,
    now: datetime,
) -> None:
    """These texts say that from now on; an empty template: what they say everywhere.

    `seen`: the `edition` that the editor started from. Raises Conflict when there is another.
    """
    template = " ".join(template.split())
    if len(template) > MAX_CHARACTERS:
        raise Refused(
            said.say(
                "This has %(count)s characters; %(most)s is the most.",
                count=len(template),
                most=MAX_CHARACTERS,
            ),
            "template",
        )
    problems = check_template(kind, template) if template else []
    if problems:
        raise Refused(reduce(said.both, (problem.message for problem in problems)), "template")
    own = own_words(session, team, kind, language)
    if seen != edition(own):
        raise Conflict(
            said.say(
                "Somebody else changed these words meanwhile: theirs stand beside yours. Save again to use yours "
                "instead."
            ),
            "template",
        )
    if own is None and template:
        own = Wording(team_id=team.id, kind=kind, language=language)
        session.add(own)
    if own is not None and template:
        own.template, own.by_id, own.made_at = template, by.id, now
    elif own is not None:
        session.delete(own)


def edition(own: Wording | None) -> str:
    """What tells one saving of these words from another; empty while there are none."""
    return own.made_at.isoformat() if own else ""
