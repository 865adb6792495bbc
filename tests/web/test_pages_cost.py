"""How often does a page ask the database? As often for much as for little, a handful of times; no page escapes."""

from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.operations.past import sixty_callbacks
from tests.operations.test_reviewing import missed
from tests.visitor import Visitor
from tests.web.conftest import Queries
from tests.web.customer_side import Link
from tracker import people
from tracker.model import Commitment, Person, Role
from tracker.reports import REPORTS

HANDFUL = 8
TOMORROW = "2026-11-20T10:00:00%2B00:00"
FOR_PROGRAMS = ("api.", "openapi.", "metrics.", "health.", "static", "bootstrap.")


def test_every_page_asks_as_often_for_much_as_for_little_and_a_handful_of_times(
    app: Flask,
    cast: Cast,
    queries: Queries,
    ana: Visitor,
    sue: Visitor,
    ada: Visitor,
    phone: FlaskClient,
    link: Link,
) -> None:
    sixty_callbacks(cast)
    nobody_covers_a_promise(cast)
    review, late, risky = missed(cast), cast.promised(minutes=5), cast.promised(minutes=600)
    care, report = f"/setup/teams/{cast.care.id}", f"/reports/{next(iter(REPORTS))}"
    typed, seldom = (f"due_at=in+3+hours&kind={kind}" for kind in ("callback", "visit"))
    pages: list[tuple[Visitor | FlaskClient, str]] = [
        *((ana, path) for path in ("/", "/?whose=team", "/board", "/customers?q=Mar", "/me")),
        *((ana, path) for path in ("/new?phone=07700900100", f"/new/echo?phone=07700900100&{typed}")),
        *((ana, f"/commitments/{number}") for number in (late, review, risky)),
        (ana, f"/new/echo?phone=07700900100&{seldom}"),
        (ana, f"/commitments/{risky}/echo?{typed}"),
        *((ada, path) for path in ("/supervisor", "/supervisor/board", "/supervisor/audit")),
        *(
            (sue, path)
            for path in ("/supervisor/reviews", "/supervisor/reviews/causes", f"/supervisor/reviews/{review}")
        ),
        *((ada, path) for path in ("/supervisor/load", f"/supervisor/load/promises?at={TOMORROW}")),
        *((sue, path) for path in ("/people", "/wall", "/wall/numbers", "/reports", f"{report}.csv")),
        *((sue, path) for path in (f"{report}/promises?column=counted", *(f"/reports/{n}" for n in REPORTS))),
        *((ada, path) for path in ("/setup", care, f"{care}/texts", f"{care}/texts/en/promised")),
        *((ada, path) for path in ("/setup/import", f"/setup/people/{cast.ana.id}", "/login", "/first")),
        *((phone, path) for path in (link(late), link(review), f"{link(late)}/note", "/robots.txt")),
    ]
    asked: dict[str, list[int]] = {path: [] for _, path in pages}
    for more in (1, 11):
        more_of_everything(cast, more)
        put_at_risk(cast, risky)
        for reader, path in pages:
            with queries() as sent:
                answer = reader.get(path)
            assert answer.status_code < 400 or path == "/first", path
            asked[path].append(len(sent))

    match = app.url_map.bind("localhost").match
    names = {path: match(urlsplit(path).path)[0] for path in asked}
    answered = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {name for name in answered if not name.startswith(FOR_PROGRAMS)} - set(names.values()) == set()
    assert {path: counts for path, counts in asked.items() if len(set(counts)) > 1} == {}
    assert {path: counts[0] for path, counts in asked.items() if counts[0] > HANDFUL} == {}


def more_of_everything(cast: Cast, count: int) -> None:
    """So many more promises due, missed, and about to be; people, and teams with one person each."""
    for each in range(count):
        missed(cast, minutes=1, late=1)
        cast.promised(minutes=2)
        with cast.sessions.begin() as session:
            made_at = cast.clock.now
            team = people.add_team(
                session, name=f"Team {made_at:%H:%M}", zone="Europe/London", region="GB", now=made_at
            )
            for of in (team, session.merge(cast.care)):
                email = f"{of.id}.{made_at:%H%M}@example.org"
                people.add_person(session, role=Role.AGENT, name=f"Agent {each}", email=email, team=of)
    cast.tick(5)


def nobody_covers_a_promise(cast: Cast) -> None:
    """Ben is on leave when a promise of his is due."""
    cast.promised(owner=cast.ben, minutes=3 * 24 * 60)
    with cast.sessions.begin() as session:
        people.set_absence(session, session.get_one(Person, cast.ben.id), until=None, now=cast.clock.now)


def put_at_risk(cast: Cast, number: int) -> None:
    """It is at risk, by the latest weighing."""
    with cast.sessions.begin() as session:
        promise = session.get_one(Commitment, number)
        promise.at_risk_at, promise.chance = cast.clock.now, 0.3
