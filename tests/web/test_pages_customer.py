"""The customer's page: opened by its link alone, and by nothing else."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cast import Cast
from tests.operations.test_customers import fulfilled
from tests.visitor import Visitor, hidden, words
from tests.web.customer_side import Link, doubles, moved, refused, replies, speaking
from tracker import commitments
from tracker.model import (
    Commitment,
    Feedback,
    OptOut,
    OptOutReason,
)
from tracker.policy.outcomes import Disposition, Outcome
from tracker.wiring import House
from web import customer


def offers_on(page: str) -> list[str]:
    return re.findall(r'name="at" value="([^"]+)"', page)


def seen_on(page: str) -> str:
    return hidden(page, "seen")


def test_it_says_who_will_do_what_by_when_and_nothing_that_is_not_theirs_to_know(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    answer = phone.get(link(cast.promised()))
    assert answer.status_code == 200
    said = words(answer)
    assert "Ana will call you back by today 15:00." in said
    assert "the refund for order 1042" in said
    for secret in ("Ruiz", "Lopez", "+44", "example.org", "Sue", "Ben"):
        assert secret not in answer.text


@pytest.mark.parametrize(
    ("language", "zone", "sentence", "place"),
    [
        ("es", "America/New_York", "Ana le llama hoy antes de las 10:00.", "Nueva York"),
        ("fr-CA", "Europe/Paris", "Ana vous rappelle aujourd'hui avant 16h00.", "Paris"),
        ("de", "Asia/Tokyo", "Ana ruft Sie bis morgen 00:00 zurück.", "Tokio"),
        ("pt", "Europe/London", "Ana will call you back by today 15:00.", "London"),
    ],
)
def test_it_speaks_the_customer_s_language_by_the_customer_s_clock(
    cast: Cast, phone: FlaskClient, link: Link, language: str, zone: str, sentence: str, place: str
) -> None:
    speaking(cast, language, zone)
    answer = phone.get(link(cast.promised()), headers={"Accept-Language": "ja"})
    assert sentence in words(answer)
    assert place in words(answer)
    assert f'<html lang="{language[:2] if language != "pt" else "en"}">' in answer.text


def test_no_link_that_we_did_not_write_opens_anything_and_none_says_why(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    mine = link(cast.promised())
    other = link(cast.promised(topic="something else"))
    for forged in (
        mine[:-1] + ("a" if mine[-1] != "a" else "b"),
        other[:4] + mine[4:],
        mine[:-3],
        "/c/1",
        "/c/0",
        link(999),
        "/c/" + "9" * 5000,
        "/c/%F0%9F%98%80",
    ):
        answer = phone.get(forged)
        assert answer.status_code == 404, forged
        assert "The link may have been cut off." in words(answer)
        assert phone.post(f"{forged}/note", data={"note": "hello"}).status_code == 404


def test_nobody_keeps_lists_or_passes_on_the_page(cast: Cast, phone: FlaskClient, link: Link) -> None:
    for answer in (phone.get(link(cast.promised())), phone.get("/c/nothing")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert 'name="robots" content="noindex' in answer.text
        assert "Set-Cookie" not in answer.headers
    assert "Disallow: /\n" in phone.get("/robots.txt").text


def test_a_colleague_s_text_never_carries_the_customer_s_link(cast: Cast, house: House) -> None:
    cast.wire.links = house.settings.links
    cast.promised()
    cast.tick()
    cast.tick(minutes=60)
    for text in cast.wire.sent:
        assert ("/c/" in text.body) == (text.to == cast.maria.phone)


def test_the_link_in_the_first_text_opens_the_page(cast: Cast, house: House, phone: FlaskClient) -> None:
    cast.wire.links = house.settings.links
    cast.promised()
    cast.tick()
    [path] = re.findall(r"/c/\w+", cast.wire.sent[0].body)
    assert phone.get(path).status_code == 200


def test_another_time_is_promised_with_one_press(cast: Cast, phone: FlaskClient, link: Link) -> None:
    path = link(cast.promised())
    page = phone.get(path).text
    chosen = {"at": offers_on(page)[0], "seen": seen_on(page)}
    for _ in range(2):
        answer = phone.post(f"{path}/time", data=chosen)
        assert answer.status_code == 303
    assert len(moved(cast)) == 1
    after = words(phone.get(answer.headers["Location"]))
    assert "Thank you. Ana knows the new time." in after
    assert "Ana will call you back by today 16:00." in after


def test_the_second_of_two_windows_is_shown_what_holds_now(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    path = link(cast.promised())
    page = phone.get(path).text
    first, second = offers_on(page)[:2]
    phone.post(f"{path}/time", data={"at": first, "seen": seen_on(page)})
    answer = phone.post(f"{path}/time", data={"at": second, "seen": seen_on(page)})
    assert answer.status_code == 409
    assert refused(answer) == "The time was changed meanwhile. Please look at it again."
    assert len(moved(cast)) == 1


def test_a_note_reaches_the_owner_once_and_as_it_was_written(
    cast: Cast, phone: FlaskClient, link: Link, ana: Visitor
) -> None:
    number = cast.promised()
    for _ in range(2):
        phone.post(f"{link(number)}/note", data={"note": "<b>ring twice</b>"})
    assert replies(cast) == ["<b>ring twice</b>"]
    assert (
        "<b>ring twice</b>" in words(ana.get(f"/commitments/{number}"))
        or "&lt;b&gt;" in ana.get(f"/commitments/{number}").text
    )


def test_who_asks_for_no_texts_gets_none_and_can_take_it_back(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    path = link(cast.promised())
    for _ in range(2):
        answer = phone.post(f"{path}/texts", data={"texts": "no"})
    assert "Send me texts again" in phone.get(answer.headers["Location"]).text
    cast.tick(minutes=75)
    assert "Maria" not in " ".join(cast.texts())
    with cast.sessions() as session:
        assert session.scalars(select(OptOut.reason)).all() == [OptOutReason.ASKED]
    for _ in range(2):
        phone.post(f"{path}/texts", data={"texts": "yes"})
    with cast.sessions() as session:
        assert session.scalars(select(OptOut)).all() == []
    assert replies(cast) == [
        "The customer asked for no more texts: keep the promise by calling.",
        "The customer takes texts again.",
    ]


def test_a_stop_by_text_is_not_taken_back_on_the_page(cast: Cast, phone: FlaskClient, link: Link) -> None:
    path = link(cast.promised())
    with cast.sessions.begin() as session:
        session.add(OptOut(phone=cast.maria.phone, reason=OptOutReason.STOP, at=cast.clock.now))
    assert "text us START" in words(phone.get(path))
    phone.post(f"{path}/texts", data={"texts": "yes"})
    with cast.sessions() as session:
        assert session.scalars(select(OptOut.reason)).all() == [OptOutReason.STOP]


def test_a_yes_leads_to_a_score_and_a_comment(cast: Cast, phone: FlaskClient, link: Link) -> None:
    path = link(fulfilled(cast))
    assert "Did we keep our promise?" in words(phone.get(path))
    answer = phone.post(f"{path}/judge", data={"kept": "yes"})
    page = words(phone.get(answer.headers["Location"]))
    assert "Thank you. That is good to hear. This is done." in page
    assert "How satisfied are you with us?" in page
    phone.post(f"{path}/judge", data={"score": "5", "comment": "quick"})
    with cast.sessions() as session:
        [said] = session.scalars(select(Feedback))
        assert (said.kept, said.score, said.comment) == (True, 5, "quick")


def test_a_no_opens_it_again_and_says_by_when_it_is_done(cast: Cast, phone: FlaskClient, link: Link) -> None:
    path = link(fulfilled(cast))
    for _ in range(2):
        answer = phone.post(f"{path}/judge", data={"kept": "no"})
        assert answer.status_code == 303
    page = words(phone.get(answer.headers["Location"]))
    assert "We are sorry. It is open again, and Ana and the head of the team know." in page
    assert "Ana will call you back by today 16:30." in page
    assert len(moved(cast)) == 1


def test_what_was_given_up_can_be_opened_again_by_whom_it_was_promised_to(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        commitment, ana = session.get_one(Commitment, number), session.merge(cast.ana, load=False)
        commitments.log_attempt(
            session, commitment, by=ana, disposition=Disposition.REACHED, now=cast.clock.now
        )
        commitments.close(session, commitment, by=ana, outcome=Outcome.CANCELLED, now=cast.clock.now)
    page = words(phone.get(link(number)))
    assert "This is closed." in page
    assert "Did we keep" not in page
    phone.post(f"{link(number)}/judge", data={"kept": "no"})
    with cast.sessions() as session:
        assert session.get_one(Commitment, number).closed_at is None


def test_the_link_of_a_duplicate_leads_to_the_promise_that_counts(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    first, second = cast.promised(), cast.promised(minutes=90)
    doubles(cast, second, first)
    assert phone.get(link(second)).headers["Location"].endswith(link(first))


def test_thirty_days_after_closing_the_page_says_kindly_that_it_has_closed(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    path = link(fulfilled(cast))
    cast.clock.now += timedelta(days=30)
    answer = phone.get(path)
    assert answer.status_code == 410
    assert "please call us" in words(answer)
    assert "refund" not in words(answer)
    assert phone.post(f"{path}/judge", data={"kept": "no"}).status_code == 410
    with cast.sessions() as session:
        assert session.scalars(select(Feedback)).all() == []


def test_a_form_s_address_opened_anew_leads_back_and_changes_nothing(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    path = link(fulfilled(cast))
    for act in ("time", "note", "texts", "judge"):
        assert phone.get(f"{path}/{act}?kept=no").headers["Location"] == path
    assert phone.post(f"{path}/close").status_code == 404


def test_a_colleague_who_is_logged_in_sees_what_the_customer_sees(
    cast: Cast, ana: Visitor, phone: FlaskClient, link: Link
) -> None:
    path = link(cast.promised())
    assert ana.get(path).text == phone.get(path).text


def test_it_is_light_enough_for_a_bad_line(cast: Cast, phone: FlaskClient, link: Link) -> None:
    page = phone.get(link(cast.promised()))
    css = Path(customer.__file__).parent / "static" / "customer.css"
    assert len(page.data) < 5_000
    assert css.stat().st_size < 4_000
    assert "<script" not in page.text
    assert page.text.count("<link") == 2


def texts_in(page: str) -> dict[str, str]:
    """What stands in each text field, by its name."""
    return {
        name: unescape(text) for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)<', page)
    }


def test_a_note_that_is_refused_need_not_be_typed_anew(cast: Cast, phone: FlaskClient, link: Link) -> None:
    path, long = link(cast.promised()), "Ring <the office>, please. " * 20
    answer = phone.post(f"{path}/note", data={"note": long})
    assert answer.status_code == 422
    assert texts_in(answer.text) == {"note": long}
    assert replies(cast) == []
    answer = phone.post(f"{path}/time", data={"at": "someday", "seen": "1"})
    assert texts_in(answer.text) == {"note": ""}


def test_a_note_for_what_was_closed_meanwhile_goes_along_with_the_answer(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    path = link(fulfilled(cast))
    answer = phone.post(f"{path}/note", data={"note": "Nobody rang."})
    assert answer.status_code == 422
    assert "your note was not sent" in refused(answer)
    assert texts_in(answer.text) == {"comment": "Nobody rang."}
    phone.post(f"{path}/judge", data={"kept": "yes", **texts_in(answer.text)})
    with cast.sessions() as session:
        assert session.scalars(select(Feedback.comment)).all() == ["Nobody rang."]


def test_a_judgement_that_is_refused_keeps_its_points_and_its_words(
    cast: Cast, phone: FlaskClient, link: Link
) -> None:
    path, long = link(fulfilled(cast)), "It took long. " * 50
    phone.post(f"{path}/judge", data={"kept": "yes"})
    answer = phone.post(f"{path}/judge", data={"score": "4", "comment": long})
    assert answer.status_code == 422
    assert texts_in(answer.text) == {"comment": long}
    assert re.findall(r'value="(\d)" checked', answer.text) == ["4"]
