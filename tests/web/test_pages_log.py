"""A promise is logged with the customer on the line."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.cast import Cast
from tests.visitor import Visitor, hidden, words
from tracker.model import Commitment, Customer, Message, Person, Team

FOUR = "2026-11-19T16:00+00:00"


def fields(cast: Cast, **changes: object) -> dict[str, object]:
    """A form filled in as it should be."""
    return {
        "phone": "07700 900123",
        "name": "Omar Said",
        "topic": "whether the boiler is covered",
        "kind": "callback",
        "owner": cast.ana.id,
        "due_at": FOUR,
        **changes,
    }


def made(cast: Cast) -> list[Commitment]:
    with cast.sessions() as session:
        return list(session.scalars(select(Commitment).order_by(Commitment.id)))


def test_a_promise_is_logged_and_read_back(ana: Visitor, cast: Cast) -> None:
    assert ana.post("/new", **fields(cast)).location == "/"
    page = words(ana.get("/"))
    assert "Promised to Omar Said: whether the boiler is covered, 16:00." in page
    (commitment,) = made(cast)
    assert commitment.owner_id == commitment.made_by_id == cast.ana.id
    assert commitment.due_at == datetime(2026, 11, 19, 16, tzinfo=UTC)


def test_who_logs_their_own_promise_is_not_texted_about_it(ana: Visitor, cast: Cast) -> None:
    ana.post("/new", **fields(cast))
    assert "yours now" not in words(ana.get("/commitments/1"))
    ana.post("/new", **fields(cast, owner=cast.ben.id))
    assert "Text to Ben Ito: yours now" in words(ana.get("/commitments/2"))


def test_a_screen_pop_shows_who_is_calling_and_what_was_promised_before(ana: Visitor, cast: Cast) -> None:
    cast.promised()
    page = ana.get("/new?phone=%2B447700900100")
    assert 'value="+447700900100"' in page.text
    assert 'value="Maria Lopez"' in page.text
    assert "the refund for order 1042 : open, due 15:00" in words(page)


def test_quick_times_are_round_and_by_the_clock_of_the_team(ana: Visitor, cast: Cast) -> None:
    cast.clock.forward(3)
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).zone = "America/New_York"
    page = words(ana.get("/new"))
    assert "In 30 min 09:35" in page
    assert "End of day 13:00" in page
    assert "Tomorrow morning 07:00" in page


def test_an_exact_time_is_read_by_the_clock_it_was_given_in(ana: Visitor, cast: Cast) -> None:
    exact = {"due_at": "", "exact": "2026-11-20T10:00"}
    ana.post("/new", **fields(cast, **exact, exact_zone="mine"))
    ana.post("/new", **fields(cast, **exact, exact_zone="customer", phone="+1 212 555 0123"))
    assert [each.due_at.hour for each in made(cast)] == [10, 15]


def test_the_check_shows_the_time_on_both_clocks_and_saves_nothing(ana: Visitor, cast: Cast) -> None:
    page = ana.post("/new", **fields(cast, phone="+1 212 555 0123", check="y"))
    assert page.status_code == 200
    assert "Thu 19 Nov, 11:00 in New York; 16:00 for you, in 2 h" in words(page)
    assert 'value="whether the boiler is covered"' in page.text
    assert made(cast) == []


def test_the_same_echo_is_given_while_typing(ana: Visitor, cast: Cast) -> None:
    cast.promised()
    echo = ana.client.get("/new/echo", query_string=fields(cast, phone="07700900100")).get_json()
    assert "Thu 19 Nov, 16:00, in 2 h" in echo["when"]
    assert echo["known"] == "Maria Lopez"
    assert "order 1042" in echo["caller"]


def test_typing_a_name_or_a_number_shows_known_customers_with_what_was_promised(
    ana: Visitor, cast: Cast
) -> None:
    cast.promised()
    for typed in ("lop", "MARIA", "7700 900 100", "07700900"):
        (found,) = ana.client.get("/customers", query_string={"q": typed}).get_json()["customers"]
        assert found["name"] == "Maria Lopez"
        assert found["before"] == ["the refund for order 1042: open, due 15:00"]
    for typed in ("", "x", "%%", "__", "nobody", "\0\0\0", "a" * 10_000):
        assert ana.client.get("/customers", query_string={"q": typed}).get_json() == {"customers": []}


def test_another_teams_customers_are_not_suggested(ana: Visitor, cast: Cast) -> None:
    cast.promised(owner=cast.zoe)
    assert ana.get("/customers?q=maria").get_json() == {"customers": []}
    assert "Maria" not in ana.get("/new?phone=%2B447700900100").text


def test_a_zone_that_was_chosen_is_kept_for_a_known_customer_too(ana: Visitor, cast: Cast) -> None:
    cast.promised()
    known = {"phone": "07700900100", "name": "maria"}
    ana.post("/new", **fields(cast, **known, zone="Europe/Madrid", language="es"))
    with cast.sessions() as session:
        maria = session.get_one(Customer, cast.maria.id)
        assert (maria.zone, maria.language) == ("Europe/Madrid", "es")
    ana.post("/new", **fields(cast, **known))
    with cast.sessions() as session:
        maria = session.get_one(Customer, cast.maria.id)
        assert (maria.zone, maria.name) == ("Europe/Madrid", "Maria Lopez")
    assert len(made(cast)) == 3


def test_a_number_that_is_somebody_elses_is_noticed_before_the_promise_goes_to_them(
    ana: Visitor, cast: Cast
) -> None:
    cast.promised()
    refused = ana.post("/new", **fields(cast, phone="07700900100"))
    assert refused.status_code == 422
    assert "This is the number of Maria Lopez" in words(refused)
    assert "Is called Omar Said from now on" in words(refused)
    assert len(made(cast)) == 1


def test_a_customer_with_a_new_name_is_called_by_it_from_now_on(ana: Visitor, cast: Cast) -> None:
    cast.promised()
    typed = fields(cast, phone="07700900100", name="Maria Lopez-Vega", renamed="y")
    echo = ana.client.get("/new/echo", query_string=typed).get_json()
    assert "Is called Maria Lopez-Vega from now on" in echo["caller"]
    assert ana.post("/new", **typed).status_code == 302
    with cast.sessions() as session:
        assert session.get_one(Customer, cast.maria.id).name == "Maria Lopez-Vega"


def test_another_teams_customer_is_neither_named_nor_renamed(ana: Visitor, cast: Cast) -> None:
    cast.promised(owner=cast.zoe)
    assert "Maria" not in ana.post("/new", **fields(cast, phone="07700900100", due_at="")).text
    assert ana.post("/new", **fields(cast, phone="07700900100", renamed="y")).status_code == 302
    with cast.sessions() as session:
        assert session.get_one(Customer, cast.maria.id).name == "Maria Lopez"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"phone": "12"}, "is not a phone number"),
        ({"name": ""}, "customer's name is missing"),
        ({"topic": "  "}, "topic is missing"),
        ({"topic": "x" * 201}, "201 characters; 200 is the most"),
        ({"kind": "poem"}, "There is no kind 'poem'"),
        ({"zone": "Mars/Olympus"}, "There is no time zone 'Mars/Olympus'"),
        ({"language": "tlh"}, "Choose one of these languages"),
        ({"due_at": ""}, "Say by when"),
        ({"due_at": "2026-11-19T13:00+00:00"}, "has passed"),
        ({"due_at": "2028-11-19T13:00+00:00"}, "more than a year away"),
        ({"due_at": "9999-12-31T23:59-14:00"}, "out of reach"),
        ({"due_at": "the day after never"}, "type"),
        ({"due_at": "fri 10"}, "may mean two times"),
        ({"due_at": "1pm"}, "has passed"),
        ({"due_at": "4pm", "exact": "2026-11-20T10:00"}, "not both"),
        ({"due_at": "", "exact": "tomorrow"}, "Give the date and the time"),
        (
            {"due_at": "", "exact": "2027-03-28T01:30"},
            "01:30 on 28 March does not exist in Europe/London",
        ),
        ({"due_at": "", "exact": "9999-12-31T23:59"}, "more than a year away"),
        ({"due_at": "", "exact": "0001-01-01T00:00"}, "has passed"),
    ],
)
def test_what_will_not_do_gets_a_sentence_and_nothing_typed_is_lost(
    ana: Visitor, cast: Cast, wrong: dict[str, str], sentence: str
) -> None:
    answer = ana.post("/new", **fields(cast, **wrong))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'role="alert"' in answer.text
    for name, value in fields(cast, **wrong).items():
        if name in ("phone", "name", "topic", "exact", "zone") and value:
            assert f'value="{value}"' in answer.text
    with cast.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 1
    assert made(cast) == []


def test_the_first_of_two_equal_times_is_meant_when_clocks_go_back(ana: Visitor, cast: Cast) -> None:
    cast.clock.now = datetime(2027, 10, 30, 12, tzinfo=UTC)
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = "0-6:0-24"
    meant = "2027-10-31T00:30+00:00"  # in the customer's night, and meant all the same
    ana.post("/new", **fields(cast, due_at="", exact="2027-10-31T01:30", confirmed=meant))
    assert made(cast)[0].due_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_the_same_form_sent_twice_makes_one_promise_and_says_the_same(ana: Visitor, cast: Cast) -> None:
    key = hidden(ana.get("/new").text, "form_key")
    assert len(key) >= 16
    for _ in range(2):
        assert ana.post("/new", **fields(cast, form_key=key)).location == "/"
        assert "Promised to Omar Said: whether the boiler is covered, 16:00." in words(ana.get("/"))
    assert len(made(cast)) == 1
    with cast.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_form_that_was_changed_and_sent_again_is_another_promise(ana: Visitor, cast: Cast) -> None:
    key = hidden(ana.get("/new").text, "form_key")
    for topic in ("the boiler", "the boiler", "the heating"):
        ana.post("/new", **fields(cast, form_key=key, topic=topic))
    assert [each.topic for each in made(cast)] == ["the boiler", "the heating"]


def test_every_blank_form_has_a_key_of_its_own(ana: Visitor) -> None:
    assert hidden(ana.get("/new").text, "form_key") != hidden(ana.get("/new").text, "form_key")


def test_somebody_elses_key_hides_nothing(ana: Visitor, sue: Visitor, cast: Cast) -> None:
    ana.post("/new", **fields(cast, form_key="the same key"))
    answer = sue.post("/new", **fields(cast, form_key="the same key"))
    assert answer.status_code == 302
    assert len(made(cast)) == 2


def test_the_same_form_sent_by_many_at_once_makes_one_promise(
    app: Flask, enter: Callable[[Person], Visitor], cast: Cast
) -> None:
    visitors = [enter(cast.ana) for _ in range(4)]
    for each in visitors:
        each.token = hidden(each.get("/new").text, "csrf_token")
    start = Barrier(len(visitors))

    def send(visitor: Visitor) -> int:
        start.wait()
        return visitor.post("/new", **fields(cast, form_key="pressed four times")).status_code

    with ThreadPoolExecutor(len(visitors)) as pool:
        assert list(pool.map(send, visitors)) == [302] * len(visitors)
    assert len(made(cast)) == 1


def test_a_form_sent_after_the_log_out_leads_to_the_log_in_and_back(ana: Visitor, cast: Cast) -> None:
    ana.get("/new")
    token = hidden(ana.get("/new").text, "csrf_token")
    ana.client.post("/logout", data={"csrf_token": token})
    answer = ana.client.post("/new", data={"csrf_token": token, **fields(cast)})
    assert answer.status_code == 302
    assert "You were logged out meanwhile" in words(ana.get(answer.location))
    ana.token = ""
    assert ana.log_in("ana@example.org", path=answer.location).location == "/new"
    assert made(cast) == []


def test_an_act_sent_after_the_log_out_leads_back_to_its_own_form(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    ana.client.delete_cookie("tracker")
    answer = ana.client.post(f"/commitments/{number}/revise", data={"reason": "typed with care"})
    ana.token = ""
    back = ana.log_in("ana@example.org", path=answer.location).location
    assert back == f"/commitments/{number}?do=revise"
    assert '<details class="act" name="act" id="revise" open' in ana.get(back).text


def test_a_saved_form_is_named_so_that_the_browser_forgets_its_draft(ana: Visitor, cast: Cast) -> None:
    ana.post("/new", **fields(cast))
    assert f'data-saved="new" data-person="{cast.ana.id}"' in ana.get("/").text
    assert "data-saved" not in ana.get("/").text
    ana.act(1, "revise", due_at="tomorrow 10am", reason="asked")
    assert 'data-saved="1-revise"' in ana.get("/commitments/1").text


def test_an_administrator_of_no_team_logs_for_somebody_who_has_one(ada: Visitor, cast: Cast) -> None:
    assert ada.get("/new").status_code == 200
    assert ada.post("/new", **fields(cast, owner=cast.ada.id)).status_code == 422
    assert ada.post("/new", **fields(cast, owner=cast.zoe.id)).status_code == 302
    assert made(cast)[0].team_id == cast.sales.id
