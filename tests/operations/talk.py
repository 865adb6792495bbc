"""What a customer and we say to one another, and what the house then knows of it."""

from sqlalchemy import func, select

from tests.journeys.town import Town
from tests.visitor import Visitor, pages_over, words
from tracker import commitments
from tracker.model import (
    Base,
    Commitment,
    Event,
    EventKind,
)
from tracker.policy.outcomes import Disposition, Outcome

MARIA = "+447700900100"


def rows(town: Town, kind: type[Base]) -> int:
    with town.house.readers() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def ours(town: Town, phone: str = MARIA) -> list[str]:
    """What we wrote to that phone; what the provider answers by itself is not ours."""
    return [text.body for text in town.simulator.phones[phone] if not text.inbound and not text.automatic]


def said(town: Town, kind: EventKind = EventKind.REPLIED) -> list[str]:
    """What histories say of that kind, in order."""
    with town.house.readers() as session:
        events = session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id))
        return [str((event.facts or {}).get("text")) for event in events]


def state(town: Town, number: int = 1) -> tuple[object, ...]:
    """All that a reply could change about a promise."""
    with town.house.readers() as session:
        c = session.get_one(Commitment, number)
        return (c.due_at, c.due_version, c.owner_id, c.closed_at, c.outcome, c.next_step_at, c.version)


def page(town: Town, number: int = 1) -> str:
    """What Ana reads on its page."""
    ana = Visitor(pages_over(town.house).test_client())
    ana.log_in("ana@example.org")
    return words(ana.get(f"/commitments/{number}"))


def tried(town: Town, number: int) -> None:
    """Ana calls, nobody picks up, and the customer is texted that now may suit them: code 1."""
    with town.house.sessions.begin() as session:
        commitment = commitments.find(session, number, by=town.cast.ana)
        ana = session.merge(town.cast.ana, load=False)
        at = town.cast.clock.now
        commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.NO_ANSWER, now=at)
    town.forward(1)  # for some seconds the try could be taken back


def kept(town: Town, number: int) -> None:
    """Ana reaches the customer and closes; a little later they are asked: 1 for yes, 2 for no."""
    with town.house.sessions.begin() as session:
        commitment = commitments.find(session, number, by=town.cast.ana)
        ana, at = session.merge(town.cast.ana, load=False), town.cast.clock.now
        commitments.log_attempt(session, commitment, by=ana, disposition=Disposition.REACHED, now=at)
        commitments.close(session, commitment, by=ana, outcome=Outcome.FULFILLED, now=at)
    town.tick()
    town.forward(6)


def answer(town: Town, body: str, phone: str = MARIA) -> None:
    """Somebody writes, and whatever we have to say to it is sent; not all in one minute, for it is paced."""
    town.simulator.reply(phone, body)
    town.tick()
    town.forward(2, stride=2)
