"""What changes for somebody who works here? Role, team, shifts; they leave, they come back.

Functions take the caller's session and never commit; each raises Refused with one sentence, and writes nothing then.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker import roster
from tracker.model import Commitment, Person, Role, Team
from tracker.people import free_email
from tracker.policy import checks
from tracker.policy.checks import NotFound, Refused
from tracker.policy.said import say
from tracker.policy.texts import LANGUAGES
from tracker.queries import is_open
from tracker.roster import Covered


@dataclass(frozen=True, slots=True)
class Details:
    """Everything about somebody that an administrator may set, as it was typed."""

    name: str
    email: str
    role: Role
    team: Team | None
    phone: str
    zone: str
    language: str
    shifts: str
    """Weekly hours in the team's zone; empty: whenever the team works."""


def somebody(session: Session, number: int) -> Person:
    """Who has that number, also if they have left. Raises NotFound."""
    person = session.get(Person, number, options=[joinedload(Person.team)])
    if person is None:
        raise NotFound(say("Nobody of that number has worked here."))
    return person


def locked(session: Session, number: int) -> Person:
    """The same, for this transaction alone to change, and with them who the administrators are: else the last two
    could end one another at once. Raises NotFound."""
    them = select(Person.id).where(or_(Person.id == number, Person.role == Role.ADMIN)).order_by(Person.id)
    session.execute(them.with_for_update(key_share=True))
    return somebody(session, number)


def open_promises(session: Session, person: Person) -> int:
    """How many open promises they answer for."""
    theirs = select(func.count()).select_from(Commitment).where(Commitment.owner_id == person.id, is_open())
    return session.scalar(theirs) or 0


def correct(session: Session, person: Person, to: Details, *, by: Person, now: datetime) -> Covered:
    """Set what is known of them. Who goes to another team leaves their open promises with colleagues of the old one;
    after other shifts, colleagues take over what is due when they are no longer there."""
    if to.team is None and to.role is not Role.ADMIN:
        raise Refused(say("A %(role)s works in a team: name it.", role=say(to.role.value)), "team")
    if to.role is not Role.ADMIN:
        _another_admin(session, person, "role")
    if to.language not in LANGUAGES:
        raise Refused(say("Choose one of these languages."), "language")
    name = checks.one_line(to.name, "name", most=120, name=say("The name"))
    email = free_email(session, to.email, but=person)
    phone = checks.phone(to.phone, to.team.region if to.team else "US") if to.phone.strip() else None
    zone = checks.zone(to.zone.strip()).key
    shifts = str(checks.hours(to.shifts, "shifts")) if to.shifts.strip() else None

    moves = person.team_id != (to.team.id if to.team else None)
    covered = (
        _give_up(session, person, by=by, now=now, field="team") if moves and person.active else Covered()
    )
    other_shifts = shifts != person.shifts
    person.name, person.email, person.role, person.team = name, email, to.role, to.team
    person.phone, person.zone, person.language, person.shifts = phone, zone, to.language, shifts
    session.flush()
    if other_shifts and person.active and not moves:
        covered = roster.cover(session, person, by=by, now=now)
    return covered


def leave(session: Session, person: Person, *, by: Person, now: datetime) -> Covered:
    """They work here no longer: colleagues take over their open promises, and they cannot log in."""
    if person.id == by.id:
        raise Refused(say("You cannot end your own work here: ask another administrator."))
    _another_admin(session, person, "")
    covered = _give_up(session, person, by=by, now=now, field="")
    person.active = False
    person.session_key = secrets.token_hex(16)
    session.flush()
    return covered


def return_(session: Session, person: Person) -> None:
    """They work here again, with the role, the team and the password that they had."""
    person.active = True
    session.flush()


def _give_up(session: Session, person: Person, *, by: Person, now: datetime, field: str) -> Covered:
    """Hand over all that they own to colleagues of their team. Raises Refused when some of it would be nobody's."""
    person.active = False  # so that whatever they own needs somebody else
    session.flush()
    covered = roster.cover(session, person, by=by, now=now)
    person.active = True
    left = open_promises(session, person)
    if left:
        raise Refused(
            say(
                "Open promises of %(name)s for which nobody else of %(team)s is ever on duty: %(count)s. Add a "
                "colleague, or hand those over first.",
                team=person.team.name if person.team else say("their team"),
                count=left,
                name=person.name,
            ),
            field,
        )
    return covered


def _another_admin(session: Session, person: Person, field: str) -> None:
    """Refuse to lose the last administrator: nobody could make another one in the browser."""
    if person.role is not Role.ADMIN or not person.active:
        return
    others = (
        select(func.count())
        .select_from(Person)
        .where(Person.role == Role.ADMIN, Person.active, Person.id != person.id)
    )
    if not session.scalar(others):
        raise Refused(
            say("%(name)s is the only administrator: make somebody else one first.", name=person.name), field
        )
