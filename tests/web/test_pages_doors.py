"""Nobody is shown a link or a button that the house refuses them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event

from tests.cast import Cast
from tests.operations.test_reviewing import missed, review
from tests.visitor import Visitor
from tracker import commitments
from tracker.channels import Rejected, Unknown
from tracker.model import Absence, Commitment, Person
from tracker.policy.causes import Cause
from tracker.policy.checks import Refused
from tracker.policy.outcomes import Outcome
from tracker.policy.said import say

GO = re.compile(r'\b(?:href|data-poll|data-asks|data-suggest)="(/[^"#]*)')
DO = re.compile(r'\b(?:action|formaction|data-preview)="(/[^"#]*)')
SHUT = (403, 404, 405)
ASKS_AGAIN = 'aria-invalid="true"'
"""Nothing is filled in here: the form comes back, and says which field is wrong."""
ENOUGH = 6
"""Links of one kind that are followed."""


def a_day_at_work(cast: Cast) -> None:
    """Something of everything: reviewed and not reviewed, late, at risk, nobody's, doubled, a text that failed."""
    for _ in range(2):
        review(cast, missed(cast), cause=Cause.DEMAND_SPIKE)
    missed(cast)
    cast.promised(owner=cast.zoe, minutes=5)
    numbers = cast.promised(minutes=300), cast.promised(minutes=301)
    with cast.sessions.begin() as session:
        ana = session.merge(cast.ana)
        first, again = (commitments.find(session, number, by=ana) for number in numbers)
        commitments.close(
            session, again, by=ana, outcome=Outcome.DUPLICATE, duplicate_of=first, now=cast.clock.now
        )
    cast.promised(minutes=20)
    cast.wire.answers = [Unknown("cut off"), Rejected(21211, "no such number")]
    for _ in range(5):
        cast.tick(8)
    risky = cast.promised(minutes=90)
    cast.promised(minutes=120, owner=cast.ben)
    with cast.sessions.begin() as session:
        session.get_one(Commitment, risky).at_risk_at = cast.clock.now
        session.add(Absence(person_id=cast.ben.id, starts_at=cast.clock.now))


@contextmanager
def nothing_kept(engine: Engine) -> Iterator[None]:
    """Whatever is done is refused at the last moment, so that every button finds what its page showed."""

    def refuse(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            raise Refused(say("Nothing is kept."))

    event.listen(engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(engine, "commit", refuse)


def shut_doors(visitor: Visitor, endpoint: Callable[[str], str]) -> list[str]:
    """Go where links lead, then press every button; each that is refused, with the page it stands on."""
    shut, went, buttons, waiting = list[str](), Counter[str](), dict[str, str](), {"/": "the log-in"}
    known = set(waiting)
    while waiting:
        path, page = waiting.popitem()
        answer = visitor.get(path)
        if answer.status_code in SHUT:
            shut.append(f"{page} leads to {path}: {answer.status_code}")
        links = [answer.location] if answer.location else []
        if answer.mimetype == "text/html":
            links += map(unescape, GO.findall(answer.text))
            buttons |= dict.fromkeys(map(unescape, DO.findall(answer.text)), path)
        for link in links:
            if link not in known and "/static/" not in link and went[endpoint(link)] < ENOUGH:
                went[endpoint(link)] += 1
                known.add(link)
                waiting[link] = path
    for button, page in sorted(buttons.items(), key=lambda each: each[0] == "/logout"):
        answer = visitor.post(button)
        if answer.status_code in SHUT and ASKS_AGAIN not in answer.text:
            shut.append(f"{page} has a button for {button}: {answer.status_code}")
    return shut


@pytest.mark.parametrize("who", ["ana", "sue", "ada"])
def test_every_link_and_button_opens_to_whoever_is_shown_it(
    app: Flask, engine: Engine, enter: Callable[[Person], Visitor], cast: Cast, who: str
) -> None:
    a_day_at_work(cast)
    routes, visitor = app.url_map.bind("localhost"), enter(getattr(cast, who))
    with nothing_kept(engine):
        assert shut_doors(visitor, lambda path: routes.match(path.partition("?")[0])[0]) == []
