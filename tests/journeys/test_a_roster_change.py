"""Ana is ill. What she promised is kept by somebody else, and every customer knows by whom."""

import re
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tests.cast import TWO, Cast
from tests.journeys.town import Town
from tests.visitor import Visitor, pages_over, words
from tracker import people, roster
from tracker.audit import audit
from tracker.duty import duty_calendars
from tracker.model import Commitment, Customer, Event, EventKind, Person, Role

PROMISES = 500
SHIFTS = {"Early": "0-4:9-13", "Late": "0-4:13-18", "Midweek": "2-3:9-18", "Always": None}


def promised_by_ana(cast: Cast) -> dict[str, datetime]:
    """500 customers are promised something in the team's hours of three days; when, by phone number."""
    due: dict[str, datetime] = {}
    with cast.sessions.begin() as session:
        for n in range(PROMISES):
            day, hour, minute = n % 3, (9, 12, 13, 17)[n // 3 % 4], n % 60
            due_at = datetime(2026, 11, 23, hour, minute, tzinfo=TWO.tzinfo) + timedelta(days=day)
            customer = Customer(
                name=f"Pat{n} Doe",
                given_name=f"Pat{n}",
                phone=f"+4477008{n:05d}",
                zone="Europe/London",
                language="en",
                made_at=TWO,
            )
            session.add(customer)
            session.flush()
            cast.promise(session, customer=customer, due_at=due_at, topic=f"order {n}", announce=False)
            due[customer.phone] = due_at
    return due


def without_reference(body: str) -> str:
    """A text, but for the number that it carries if it does."""
    return re.sub(r" #\w+$", "", body)


def test_five_hundred_promises_of_somebody_who_is_ill_all_find_somebody_who_is_there(cast: Cast) -> None:
    due = promised_by_ana(cast)
    with cast.sessions.begin() as session:
        team = session.merge(cast.care, load=False)
        for name, shifts in SHIFTS.items():
            email = f"{name.lower()}@example.org"
            person = people.add_person(
                session, role=Role.AGENT, name=f"{name} Bird", email=email, team=team, phone="07700 900955"
            )
            person.shifts = shifts
        session.get_one(Person, cast.ben.id).active = False
        ana = session.get_one(Person, cast.ana.id)
        people.set_absence(session, ana, until=None, now=TWO)
        covered = roster.cover(session, ana, by=session.get_one(Person, cast.sue.id), now=TWO)
    assert (len(covered.moved), covered.uncovered) == (PROMISES, ())
    assert max(covered.takers.values()) < PROMISES / 2, "nobody gets it all"

    with cast.sessions() as session:
        care = session.merge(cast.care, load=False)
        assert roster.rosters(session, care.id, now=TWO)[care.id].uncovered == ()
        assert audit(session, now=TWO).findings == ()
        every = session.scalars(
            select(Commitment).options(joinedload(Commitment.owner), joinedload(Commitment.customer))
        ).all()
        calendars = duty_calendars(session, {each.owner_id for each in every})
        assert all(calendars[each.owner_id].is_open(each.due_at) for each in every)
        moved = session.scalars(select(Event.commitment_id).where(Event.kind == EventKind.REASSIGNED)).all()
        assert sorted(moved) == sorted(each.id for each in every), "one line of history each"
        owners = {each.customer.phone: each.owner.name.split()[0] for each in every}

    cast.wire.batch = 50  # no time is spent on a thousand claims
    cast.tick()
    to_customers = [text for text in cast.wire.sent if text.to in due]
    assert Counter(text.to for text in to_customers) == dict.fromkeys(due, 1)
    for text in to_customers:
        n = int(text.to[-5:])
        assert without_reference(text.body) == (
            f'Care: Hi Pat{n}, {owners[text.to]} now takes care of "order {n}" '
            f"(promised: {due[text.to]:%a %d %b, %H:%M}). We stay on it until it is done."
        )
    assert Counter(cast.texts())["handed_over to Maria"] == PROMISES, "any customer is Maria to the cast"
    told = Counter(text.split(" to ")[1] for text in cast.texts() if text.startswith("yours_now"))
    assert told == {name.split()[0]: count for name, count in covered.takers.items()}


def test_a_supervisor_enters_an_absence_and_reads_who_calls_instead(town: Town) -> None:
    number = town.cast.promised(minutes=60)
    town.tick()
    sue = Visitor(pages_over(town.house).test_client())
    sue.log_in("sue@example.org")
    sue.post(f"/people/{town.cast.ana.id}/away", until="2026-11-19T18:00")
    page = words(sue.get("/people"))
    assert "Ana Ruiz is away until 18:00." in page
    assert "1 promise that is due meanwhile was handed over, and the customer told: Ben Ito (1)." in page
    town.tick()
    texts = [without_reference(text) for text in town.phone(town.cast.maria.phone)]
    assert texts[1:] == [
        '14:00 Care: Hi Maria, Ben now takes care of "the refund for order 1042" (promised: today 15:00). '
        "We stay on it until it is done."
    ]
    assert town.phone(town.cast.ben)[0].startswith("14:00 Yours now: callback today 15:00, Maria Lopez")
    assert town.phone(town.cast.ana) == []

    sue.post(f"/people/{town.cast.ben.id}/away")
    sue.post(f"/people/{town.cast.sue.id}/away")
    page = words(sue.get("/people"))
    assert "Ben Ito is away." in page
    assert "handed over, and the customer told: Sue May (1)." in page
    assert "1 promise has nobody on duty when it is due: Maria Lopez, 15:00. Agree on another time." in page
    with town.house.readers() as session:
        assert session.get_one(Commitment, number).owner_id == town.cast.sue.id
