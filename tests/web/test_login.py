"""Who gets in, who does not, and what a log-in is worth."""

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from tests.cast import PASSWORD, Cast
from tests.visitor import Visitor, a_house, pages_over, words
from tracker import people
from tracker.model import Commitment, Person


def test_a_page_asks_for_the_log_in_and_then_opens(visitor: Visitor, cast: Cast) -> None:
    number = cast.promised()
    asked = visitor.get(f"/commitments/{number}")
    assert asked.status_code == 302
    opened = visitor.log_in("ana@example.org", path=asked.location)
    assert opened.location == f"/commitments/{number}"
    assert "order 1042" in visitor.get(opened.location).text


@pytest.mark.parametrize(
    ("email", "password"), [("ana@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("", "")]
)
def test_a_wrong_pair_gets_one_sentence_that_does_not_tell_which_was_wrong(
    visitor: Visitor, email: str, password: str
) -> None:
    answer = visitor.log_in(email, password)
    assert answer.status_code == 422
    assert "do not belong together" in words(answer)
    assert f'value="{email}"' in answer.text
    assert visitor.get("/").status_code == 302


def test_after_five_wrong_passwords_even_the_right_one_waits_five_minutes(
    visitor: Visitor, cast: Cast
) -> None:
    for _ in range(5):
        visitor.log_in("ana@example.org", "wrong")
    assert "wait five minutes" in words(visitor.log_in("ana@example.org"))
    cast.clock.forward(5)
    assert visitor.log_in("ana@example.org").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "evil",
    ],
)
def test_the_log_in_leads_nowhere_but_to_our_own_pages(visitor: Visitor, target: str) -> None:
    answer = visitor.client.get("/login", query_string={"next": target})
    answer = visitor.log_in("ana@example.org", path=answer.request.full_path)
    assert answer.location == "/"


def test_a_new_password_ends_log_ins_made_with_the_old_one(ana: Visitor, cast: Cast) -> None:
    assert ana.get("/").status_code == 200
    with cast.sessions.begin() as session:
        people.set_password(session.get_one(Person, cast.ana.id), "another good one")
    assert ana.get("/").status_code == 302


def test_who_does_not_work_here_any_more_is_out_at_once(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).active = False
    assert ana.get("/").status_code == 302


def test_logging_out_ends_the_log_in(ana: Visitor) -> None:
    assert ana.post("/logout").location == "/login"
    assert ana.get("/").status_code == 302


def test_a_form_without_its_token_is_refused_and_nothing_is_written(ana: Visitor, cast: Cast) -> None:
    sent = ana.client.post(
        "/new", data={"phone": "07700900123", "name": "Al", "topic": "it", "owner": cast.ana.id}
    )
    assert sent.status_code == 400
    assert "too old" in words(sent)
    with cast.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Commitment)) == 0


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.log_in("ana@example.org").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_the_cookie_travels_over_https_alone_where_the_public_address_is_https(
    engine: Engine, cast: Cast
) -> None:
    house = a_house(engine, cast.clock, TRACKER_PUBLIC_URL="https://tracker.example.com")
    client = pages_over(house).test_client()
    page = client.get("/login", base_url="https://tracker.example.com")
    assert "Secure" in page.headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/supervisor", "/people"])
def test_an_agent_may_not_open_a_supervisors_pages(ana: Visitor, sue: Visitor, path: str) -> None:
    assert ana.get(path).status_code == 403
    assert "not yours to open" in words(ana.get(path))
    assert sue.get(path).status_code == 200


def test_only_an_administrator_adds_people_and_sets_passwords(sue: Visitor, cast: Cast) -> None:
    for path in ("/people", "/setup", f"/people/{cast.ana.id}/password"):
        assert sue.post(path, name="X").status_code == 403


def test_every_page_but_the_log_in_and_the_health_of_the_process_asks_who_is_there(app: Flask) -> None:
    open_to_all = {"auth.log_in", "auth.log_out", "static", "bootstrap.static"}
    client = app.test_client()
    assert client.get("/first").status_code == 404, "somebody works here"
    for rule in app.url_map.iter_rules():
        if rule.endpoint in open_to_all or rule.endpoint.startswith(
            ("health.", "twilio.", "customer.", "first.", "api.", "metrics.", "openapi.")
        ):
            continue
        if "GET" not in (rule.methods or set()):
            continue
        path = rule.rule.replace("<number:number>", "1")
        assert client.get(path).location.startswith("/login"), path


def test_a_living_board_is_told_to_log_in_again_instead_of_being_sent_a_page(visitor: Visitor) -> None:
    assert visitor.get("/board", X_Fragment="1").status_code == 401


@pytest.mark.parametrize("path", ["/board", "/new/echo", "/customers?q=mar", "/commitments/1/echo"])
def test_what_a_page_asks_in_the_background_leaves_the_cookie_alone(
    ana: Visitor, cast: Cast, path: str
) -> None:
    cast.promised()
    answer = ana.get(path, X_Fragment="1")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
