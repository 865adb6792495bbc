"""No text to anyone off duty when someone on duty can be told; what is held goes out if it still matters."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.cast import TWO, Cast
from tests.operations.office import Office
from tracker import commitments, outbox
from tracker.model import Absence, Message, MessageStatus, Person
from tracker.policy.wording import TextKind


@pytest.fixture
def office(cast: Cast) -> Iterator[Office]:
    with Office.open(cast) as office:
        yield office


def away(office: Office, who: Person, until: datetime | None) -> None:
    with office.cast.sessions.begin() as session:
        session.add(Absence(person_id=who.id, starts_at=TWO - timedelta(hours=1), ends_at=until))


def tell(office: Office, who: Person, kind: TextKind, minutes: float = 240) -> None:
    """Queue a text about a promise for a colleague."""
    number = office.cast.promised(owner=who, minutes=minutes)
    with office.cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=office.cast.ada)
        outbox.to_person(session, commitment, session.get_one(Person, who.id), kind, now=TWO)


def heard(office: Office, who: Person) -> int:
    return len(office.provider.phones[who.phone or ""])


def test_who_is_off_duty_is_told_when_they_return(office: Office) -> None:
    away(office, office.cast.ana, TWO + timedelta(hours=2))
    tell(office, office.cast.ana, TextKind.YOURS_NOW)
    office.deliver()
    assert heard(office, office.cast.ana) == 0
    assert office.message("yours_now").send_after == TWO + timedelta(hours=2)
    assert office.message("yours_now").reason == "off duty; somebody of the team is here"
    office.deliver(minutes=120)
    assert heard(office, office.cast.ana) == 1


def test_what_no_longer_matters_when_they_return_is_not_sent(office: Office) -> None:
    away(office, office.cast.ana, TWO + timedelta(hours=2))
    tell(office, office.cast.ana, TextKind.YOURS_NOW)
    with office.cast.sessions.begin() as session:
        text = session.scalars(select(Message).where(Message.kind == "yours_now")).one()
        text.expires_at = TWO + timedelta(hours=1)
    office.deliver()
    office.deliver(minutes=120)
    assert heard(office, office.cast.ana) == 0
    assert office.message("yours_now").status is MessageStatus.SUPPRESSED


def test_with_nobody_else_on_duty_somebody_has_to_know(office: Office) -> None:
    for who in (office.cast.ana, office.cast.ben, office.cast.sue):
        away(office, who, None)
    tell(office, office.cast.ana, TextKind.YOURS_NOW)
    office.deliver()
    assert heard(office, office.cast.ana) == 1


def test_of_somebody_who_never_said_when_they_return_is_asked_again_every_hour(office: Office) -> None:
    away(office, office.cast.ana, None)
    tell(office, office.cast.ana, TextKind.YOURS_NOW, minutes=6000)
    office.deliver()
    assert heard(office, office.cast.ana) == 0
    with office.cast.sessions.begin() as session:
        session.scalars(select(Absence)).one().ends_at = TWO + timedelta(minutes=30)
    office.deliver(minutes=60)
    assert heard(office, office.cast.ana) == 1
