"""Who is here? Teams, the people in them, the customers; log-ins and absences.

Functions take the caller's session and never commit; each raises Refused with one sentence, and writes nothing then.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from phonenumbers import parse
from phonenumbers.timezone import time_zones_for_number
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.model import Absence, Customer, LadderRow, Person, Role, Team
from tracker.policy import checks
from tracker.policy.checks import NotFound, Refused
from tracker.policy.ladder import DEFAULT, Step, to_json
from tracker.policy.said import say
from tracker.queries import colleagues

SHORTEST_PASSWORD = 10
TRIES_BEFORE_PAUSE = 5
PAUSE = timedelta(minutes=5)


PASSWORDS = PasswordHasher()
"""Argon2id at the library's cost, which follows the recommendation of RFC 9106."""


def add_team(
    session: Session,
    *,
    name: str,
    zone: str,
    region: str,
    now: datetime,
    language: str = "en",
    hours: str = "0-4:9-18",
    ladder: Sequence[Step] = DEFAULT,
) -> Team:
    """A new team under a ladder of its own."""
    name = free_team_name(session, name)
    checks.zone(zone)
    team = Team(
        name=name,
        zone=zone,
        region=checks.region(region),
        language=language,
        hours=working_hours(hours),
        kinds=[],
        ladder=LadderRow(steps=to_json(ladder), made_at=now),
    )
    session.add(team)
    session.flush()
    return team


def free_team_name(session: Session, name: str, but: Team | None = None) -> str:
    """The name, if no team has it but this one. Raises Refused."""
    name = checks.one_line(name, "name", most=80, name=say("The team's name"))
    taken = session.scalar(select(Team.id).where(Team.name == name))
    if taken is not None and (but is None or taken != but.id):
        raise Refused(say("There is a team called %(name)s already: choose another name.", name=name), "name")
    return name


def working_hours(text: str) -> str:
    """A team's week as it is stored. Raises Refused for none at all."""
    worked = checks.hours(text)
    if not worked.shifts:
        raise Refused(say("A team works at some time: write its hours, like 0-4:9-18."), "hours")
    return str(worked)


def team_called(session: Session, name: str) -> Team:
    """The team of that name. Raises NotFound."""
    team = session.scalar(select(Team).where(Team.name == name))
    if team is None:
        raise NotFound(say("There is no team called %(name)s.", name=checks.quoted(name)), "team")
    return team


def add_person(
    session: Session,
    *,
    role: Role,
    name: str,
    email: str,
    team: Team | None,
    phone: str = "",
    password: str | None = None,
    zone: str = "",
) -> Person:
    """A new colleague, in the team's zone unless another is named. Without a password they cannot log in yet."""
    if team is None and role is not Role.ADMIN:
        raise Refused(say("A %(role)s works in a team: name it.", role=say(role.value)), "team")
    person = Person(
        team=team,
        role=role,
        name=checks.one_line(name, "name", most=120, name=say("The name")),
        email=free_email(session, email),
        phone=checks.phone(phone, team.region if team else "US") if phone.strip() else None,
        zone=checks.zone(zone or (team.zone if team else "UTC")).key,
        language=team.language if team else "en",
        session_key=secrets.token_hex(16),
    )
    if password is not None:
        set_password(person, password)
    session.add(person)
    session.flush()
    return person


def free_email(session: Session, email: str, but: Person | None = None) -> str:
    """The address, if nobody has it but this person. Raises Refused."""
    clean = checks.email(email)
    taken = session.scalar(select(Person.id).where(Person.email == clean))
    if taken is not None and (but is None or taken != but.id):
        raise Refused(
            say("%(email)s belongs to somebody already: one person, one address.", email=clean), "email"
        )
    return clean


def person_with(session: Session, email: str) -> Person:
    """The active person with that address. Raises NotFound."""
    clean = email.strip().lower()
    person = session.scalar(select(Person).where(Person.email == clean, Person.active))
    if person is None:
        raise NotFound(
            say("Nobody here has the address %(email)s.", email=checks.quoted(email)), "owner_email"
        )
    return person


def colleague(session: Session, number: int | None, *, by: Person, field: str = "") -> Person:
    """The active person of that number, among those that `by` works with. Raises NotFound for anybody else."""
    person = session.scalar(colleagues(by).where(Person.id == number)) if number is not None else None
    if person is None:
        raise NotFound(say("Nobody of that number works in your team."), field)
    return person


def set_password(person: Person, password: str) -> None:
    """A new password; every log-in made with the old one ends."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(
            say("A password has at least %(fewest)s characters.", fewest=SHORTEST_PASSWORD), "password"
        )
    person.password_hash = PASSWORDS.hash(password)
    person.session_key = secrets.token_hex(16)
    person.failed_logins, person.locked_until = 0, None


def change_password(person: Person, *, old: str, new: str) -> None:
    """Their own new password; who does not know the old one is refused."""
    if not _fits(person.password_hash, old):
        raise Refused(say("That is not your present password."), "old")
    set_password(person, new)


def log_in(session: Session, *, email: str, password: str, now: datetime) -> Person | None:
    """The person, or None when address and password do not belong together; nobody learns which was wrong.

    After five wrong tries in a row the log-in rests for five minutes, even for the right password: guessing gets
    nowhere. Raises Refused then. The caller commits also when the answer is None: wrong tries are counted.
    """
    person = session.scalar(
        select(Person)
        .where(Person.email == email.strip().lower(), Person.active)
        .with_for_update(key_share=True)
    )
    if person is not None and person.locked_until is not None and person.locked_until > now:
        raise Refused(say("Too many wrong passwords: wait five minutes and try again."), "password")
    if _fits(person.password_hash if person else None, password):
        assert person is not None  # noqa: S101 tells the type checker what _fits has found
        person.failed_logins, person.locked_until = 0, None
        return person
    if person is not None:
        person.failed_logins += 1
        if person.failed_logins >= TRIES_BEFORE_PAUSE:
            person.failed_logins, person.locked_until = 0, now + PAUSE
    return None


def _fits(password_hash: str | None, password: str) -> bool:
    try:
        return PASSWORDS.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """An address that nobody has costs the same time as a wrong password."""
    return PASSWORDS.hash(secrets.token_hex(16))


def set_absence(session: Session, person: Person, *, until: datetime | None, now: datetime) -> None:
    """Away from now on, until then or until they say they are back."""
    if until is not None and until <= now:
        raise Refused(say("The end of an absence lies ahead: give a later time, or none."), "until")
    set_present(session, person, now=now)
    session.add(Absence(person_id=person.id, starts_at=now, ends_at=until))
    session.flush()


def absence_now(session: Session, person: Person, *, now: datetime) -> Absence | None:
    """Why they are not here now, for this transaction alone to change; None when they are here."""
    _alone(session, person)
    lasting = or_(Absence.ends_at.is_(None), Absence.ends_at > now)
    theirs = select(Absence).where(Absence.person_id == person.id, Absence.starts_at <= now, lasting)
    return session.scalars(theirs.order_by(Absence.id.desc()).limit(1)).first()


def _alone(session: Session, person: Person) -> None:
    """One change at a time: else neither of two at once would see, and end, the absence that the other adds."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))


def set_present(session: Session, person: Person, *, now: datetime) -> None:
    """Back: what absence lasts now ends now."""
    _alone(session, person)
    for absence in session.scalars(select(Absence).where(Absence.person_id == person.id)):
        if absence.starts_at >= now:
            session.delete(absence)
        elif absence.ends_at is None or absence.ends_at > now:
            absence.ends_at = now
    session.flush()


def find_or_add_customer(
    session: Session, *, phone: str, name: str, team: Team, zone: str = "", language: str = "", now: datetime
) -> Customer:
    """The customer with that number; a new one is added with the name given.

    Zone and language default to what the number and the team suggest. A known customer keeps what we know.
    """
    number = checks.phone(phone, team.region)
    known = session.scalar(select(Customer).where(Customer.phone == number))
    if known is not None:
        return known
    whole, given = _names(name)
    customer = Customer(
        name=whole,
        given_name=given,
        phone=number,
        zone=checks.zone(zone or likely_zone(number, team), "zone").key,
        language=language or team.language,
        made_at=now,
    )
    session.add(customer)
    session.flush()
    return customer


def _names(typed: str) -> tuple[str, str]:
    """The name, and how texts address them."""
    name = checks.one_line(typed, "name", most=120, name=say("The customer's name"))
    return name, name.split()[0][:60]


def is_called(customer: Customer, typed: str) -> bool:
    """May that be this customer's name, or the beginning of it, as people type names? Nothing typed may."""
    known = customer.name.casefold().split()
    return all(any(each.startswith(word) for each in known) for word in typed.casefold().split())


def correct_customer(customer: Customer, *, name: str = "", zone: str = "", language: str = "") -> None:
    """What somebody who talked to the customer knows better than we did; empty: nothing new."""
    if name:
        customer.name, customer.given_name = _names(name)
    if zone:
        customer.zone = checks.zone(zone, "zone").key
    if language:
        customer.language = language


def likely_zone(phone: str, team: Team) -> str:
    """Where a number probably is: the one zone its area lies in, else the team's."""
    zones = time_zones_for_number(parse(phone))
    return zones[0] if len(zones) == 1 and zones[0] != "Etc/Unknown" else team.zone
