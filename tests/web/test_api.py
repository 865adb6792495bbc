"""A telephone system makes, moves and ends promises, with the rights of the person whose token it has."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.cast import TWO, Cast
from tests.visitor import Visitor
from tests.web.api_client import Program
from tests.web.conftest import Queries
from tracker import people
from tracker.model import Commitment, Person

ENDED = {"outcome": "withdrawn by us", "reference": "sold out"}
FOUR = "2026-11-19T16:00:00Z"
NEW = {"customer_phone": "07700 900123", "customer_name": "Omar Said", "topic": "the boiler"}


@pytest.fixture
def program(app: Flask, cast: Cast) -> Program:
    """One that acts for Ana."""
    return Program.of(app, cast.ana)


def how_many(cast: Cast) -> int:
    with cast.sessions() as session:
        return session.scalar(select(func.count()).select_from(Commitment)) or 0


def test_a_promise_is_made_and_told_in_full(program: Program) -> None:
    answer = program.post("/commitments", **NEW, due_at=FOUR, external_ref="HD-17")
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert made == program.get("/commitments/1").json
    assert (made["due_at"], made["state"], made["verdict"]) == (FOUR, "open", None)
    assert (made["owner_email"], made["team"]) == ("ana@example.org", "Care")
    assert (made["customer_phone"], made["external_ref"]) == ("+447700900123", "HD-17")
    assert [each["kind"] for each in made["events"]] == ["made"]
    assert [each["kind"] for each in made["messages"]] == ["promised"]


def test_the_same_external_ref_again_makes_nothing_and_answers_what_there_is(
    program: Program, cast: Cast
) -> None:
    first = program.post("/commitments", **NEW, due_at=FOUR, external_ref="HD-17").json
    again = program.post("/commitments", **NEW, due_at=FOUR, external_ref="HD-17")
    assert (again.status_code, again.json) == (200, first)
    assert how_many(cast) == 1


def test_words_for_a_time_are_read_by_the_callers_clock_and_asked_about_when_unclear(
    program: Program, cast: Cast
) -> None:
    assert program.post("/commitments", **NEW, due="in 2 hours").json["due_at"] == FOUR
    unclear = program.post("/commitments", **NEW, due="at 1")
    assert unclear.status_code == 422
    assert unclear.json["field"] == "due"
    assert unclear.json["choices"]
    supposed = program.post("/commitments", **NEW, due="1-dec 3pm")
    assert (supposed.status_code, supposed.json["field"]) == (422, "due")
    assert supposed.json["choices"] == ["1 Dec 15:00"]
    nonsense = program.post("/commitments", **NEW, due="when pigs fly")
    assert (nonsense.status_code, nonsense.json["field"]) == (422, "due")
    assert how_many(cast) == 1


def test_outside_the_teams_hours_a_better_time_is_offered_and_confirming_does_not_help(
    program: Program, cast: Cast
) -> None:
    for confirmed in (False, True):
        answer = program.post("/commitments", **NEW, due_at="2026-11-19T22:00:00Z", confirmed=confirmed)
        assert answer.status_code == 422
        assert answer.json["field"] == "due_at"
        assert answer.json["confirmable"] is False
        assert program.post("/commitments", **NEW, due_at=answer.json["better"]).status_code == 201


def test_in_the_customers_night_it_is_promised_only_when_that_is_confirmed(program: Program) -> None:
    abroad = {**NEW, "customer_phone": "+1 415 555 0123", "due_at": "2026-11-20T10:00:00Z"}
    refused = program.post("/commitments", **abroad)
    assert (refused.status_code, refused.json["confirmable"]) == (422, True)
    assert program.post("/commitments", **abroad, confirmed=True).status_code == 201


def test_it_is_tried_moved_handed_over_closed_and_opened_again(program: Program, cast: Cast) -> None:
    number = cast.promised()
    path = f"/commitments/{number}"
    tried = program.post(f"{path}/attempts", disposition="no answer", note="rang out")
    assert tried.status_code == 201
    assert [(each["disposition"], each["by"]) for each in tried.json["attempts"]] == [
        ("no answer", "Ana Ruiz")
    ]
    moved = program.post(f"{path}/revisions", due_at=FOUR, reason="they asked", told=True)
    assert (moved.status_code, moved.json["due_at"]) == (201, FOUR)
    assert moved.json["revisions"][0]["told_at"] is not None
    handed = program.send("PATCH", path, json={"owner_email": "Ben@example.org", "reason": "lunch"})
    assert (handed.status_code, handed.json["owner_name"]) == (200, "Ben Ito")
    early = program.post(f"{path}/close", outcome="fulfilled")
    assert (early.status_code, early.json["field"]) == (422, "outcome")
    program.post(f"{path}/attempts", disposition="reached")
    closed = program.post(f"{path}/close", outcome="fulfilled")
    assert (closed.status_code, closed.json["verdict"]) == (200, "kept on time")
    reopened = program.post(f"{path}/reopen", due="tomorrow 10:00", reason="it broke again")
    assert (reopened.status_code, reopened.json["state"]) == (200, "open")


def test_who_acts_on_an_older_version_is_told_with_the_newest_and_changes_nothing(
    program: Program, cast: Cast
) -> None:
    path = f"/commitments/{cast.promised()}"
    seen = program.get(path)
    assert program.post(f"{path}/revisions", due_at=FOUR, reason="asked").status_code == 201
    newest = program.get(path).json
    body = seen.json["version"]
    late = program.post(f"{path}/close", outcome="withdrawn by us", version=body)
    header = {"If-Match": seen.headers["ETag"]}
    later = program.send("POST", f"{path}/close", headers=header, json=ENDED)
    assert (late.status_code, later.status_code) == (409, 412)
    assert late.json["commitment"] == later.json["commitment"]
    assert late.json["commitment"]["version"] == newest["version"]
    assert program.get(path).json == newest
    right = {"If-Match": program.get(path).headers["ETag"]}
    assert program.send("POST", f"{path}/close", headers=right, json=ENDED).status_code == 200


def test_pages_follow_one_another_without_gaps(program: Program, cast: Cast) -> None:
    numbers = [cast.promised(minutes=60 + 10 * (n // 2)) for n in range(7)]  # pairs of one moment
    for state in ("open", "closed"):
        found: list[int] = []
        asked = {"limit": 2, "state": state}
        while True:
            page = program.get("/commitments", **asked).json
            found += [each["id"] for each in page["commitments"]]
            if page["next"] is None:
                break
            asked["cursor"] = page["next"]
        assert found == (numbers if state == "open" else numbers[::-1])
        if state == "open":
            for number in numbers:
                program.post(f"/commitments/{number}/close", outcome="withdrawn by us", reference="sold out")


def test_the_list_is_filtered(app: Flask, cast: Cast) -> None:
    program = Program.of(app, cast.ada)
    mine, bens = cast.promised(), cast.promised(owner=cast.ben, minutes=120)
    zoes = cast.promised(owner=cast.zoe)
    later = TWO + timedelta(minutes=90)
    for asked, expected in (
        ({}, [mine, zoes, bens]),
        ({"team": "Sales"}, [zoes]),
        ({"owner": "ben@example.org"}, [bens]),
        ({"phone": "+447700900100"}, [mine, zoes, bens]),
        ({"phone": "+447700900999"}, []),
        ({"due_after": later.isoformat()}, [bens]),
        ({"due_before": later.isoformat()}, [mine, zoes]),
        ({"state": "closed"}, []),
    ):
        page = program.get("/commitments", **asked).json
        assert [each["id"] for each in page["commitments"]] == expected, asked


def test_a_page_of_the_list_costs_two_queries_however_long(
    program: Program, cast: Cast, queries: Queries
) -> None:
    for _ in range(12):
        cast.promised()
    with queries() as sent:
        assert len(program.get("/commitments").json["commitments"]) == 12
    assert len(sent) == 2


def test_nobody_reaches_into_another_team(app: Flask, cast: Cast) -> None:
    program = Program.of(app, cast.zoe)
    number = cast.promised()
    assert program.get("/commitments").json["commitments"] == []
    assert program.get(f"/commitments/{number}").status_code == 404
    assert program.post(f"/commitments/{number}/attempts", disposition="busy").status_code == 404
    assert program.get("/commitments", team="Care").json["field"] == "team"
    assert program.get("/advice", owner="ana@example.org", kind="callback").json["field"] == "owner"
    theirs = program.post("/commitments", **NEW, due_at=FOUR, owner_email="ana@example.org")
    assert (theirs.status_code, theirs.json["field"]) == (422, "owner_email")


def test_advice_is_what_the_command_prints(program: Program) -> None:
    told = program.get("/advice", owner="ana@example.org", kind="callback", due=FOUR)
    assert told.status_code == 200
    assert set(told.json["earliest"]) == {"50", "80", "90", "95"}
    assert told.json["why"]
    assert told.json["kept"] is None or 0 <= told.json["kept"] <= 1


def test_without_a_good_token_nothing_is_answered_not_even_to_a_browser_that_is_logged_in(
    app: Flask, cast: Cast, ana: Visitor
) -> None:
    good = Program.of(app, cast.ana).token
    number, _, signature = good.partition(".")
    wrong = ["", "x", "1", f"{number}.", f"{int(number) + 1}.{signature}", f"{good}x", f"{2**63}.x", "é.é"]
    for token in wrong:
        answer = Program(app.test_client(), token).get("/commitments")
        assert answer.status_code == 401, token
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json["error"]
    assert ana.get("/").status_code == 200
    assert ana.get("/api/v1/commitments").status_code == 401


def test_a_new_password_ends_the_token_and_so_does_leaving(app: Flask, cast: Cast) -> None:
    def changed(change: Callable[[Person], object]) -> int:
        program = Program.of(app, cast.ben)
        assert program.get("/commitments").status_code == 200
        with cast.sessions.begin() as session:
            change(session.get_one(Person, cast.ben.id))
        status: int = program.get("/commitments").status_code
        with cast.sessions() as session:
            cast.ben = session.get_one(Person, cast.ben.id)
        return status

    assert changed(lambda ben: people.set_password(ben, "another-word")) == 401
    assert changed(lambda ben: setattr(ben, "active", False)) == 401
