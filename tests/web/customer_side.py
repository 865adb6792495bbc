"""What a customer's page is reached by, and what comes of what they do there."""

import re
from html import unescape

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.cast import Cast
from tracker import commitments
from tracker.model import (
    Commitment,
    Customer,
    Event,
    EventKind,
    Revision,
)
from tracker.policy.outcomes import Outcome
from tracker.wiring import House


class Link:
    """Paths of customers' pages."""

    def __init__(self, house: House) -> None:
        self._links = house.settings.links

    def __call__(self, number: int) -> str:
        return f"/c/{self._links.token(number)}"


def moved(cast: Cast) -> list[Revision]:
    """Every new time that was agreed."""
    with cast.sessions() as session:
        return list(session.scalars(select(Revision)))


def replies(cast: Cast) -> list[str]:
    """What customers said, in order."""
    with cast.sessions() as session:
        said = session.scalars(select(Event).where(Event.kind == EventKind.REPLIED).order_by(Event.id))
        return [str((each.facts or {})["text"]) for each in said]


def speaking(cast: Cast, language: str, zone: str) -> None:
    """Maria reads that language and lives there."""
    with cast.sessions.begin() as session:
        maria = session.get_one(Customer, cast.maria.id)
        maria.language, maria.zone = language, zone


def doubles(cast: Cast, number: int, original: int) -> None:
    """One promise turns out to be another one."""
    with cast.sessions.begin() as session:
        commitments.close(
            session,
            session.get_one(Commitment, number),
            by=session.merge(cast.ana, load=False),
            outcome=Outcome.DUPLICATE,
            duplicate_of=session.get_one(Commitment, original),
            now=cast.clock.now,
        )


def refused(answer: TestResponse) -> str:
    """The one sentence that says why something was not done."""
    [told] = re.findall(r'role="alert">([^<]+)<', answer.text)
    return unescape(told)
