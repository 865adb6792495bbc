"""What else holds when Twilio tells us something, beside the numbered statements."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cast import Cast
from tests.visitor import Visitor, words
from tests.web.provider import Twilio, signature, the_text
from tracker.model import Message


def test_our_signing_agrees_with_the_vector_that_twilio_publishes() -> None:
    pairs = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    assert signature("https://mycompany.com/myapp.php?foo=1&bar=2", pairs) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_without_an_account_nobody_is_believed(app: Flask) -> None:
    assert Twilio(app, secret="").text("hi").status_code == 403


@pytest.mark.parametrize("code", ["0", "-1", "abc", "9" * 40, "³"])
def test_an_error_code_that_is_none_is_no_error(twilio: Twilio, cast: Cast, token: str, code: str) -> None:
    assert twilio.status(token, "sent", ("ErrorCode", code)).status_code == 204
    assert the_text(cast).error_code is None


def test_a_text_with_a_character_that_no_database_stores_still_arrives(twilio: Twilio, cast: Cast) -> None:
    assert twilio.text("nul \0 and 👩‍🚒").status_code == 200
    with cast.sessions() as session:
        assert session.scalars(select(Message.body)).one() == "nul  and 👩‍🚒"


def test_a_receipt_shows_on_the_page_of_the_promise(twilio: Twilio, token: str, ana: Visitor) -> None:
    twilio.status(token, "sent")
    assert "sent, no receipt yet" in words(ana.get("/commitments/1"))
    twilio.status(token, "delivered")
    assert "delivered" in words(ana.get("/commitments/1"))
    assert "no receipt" not in words(ana.get("/commitments/1"))


def test_only_a_post_is_news(twilio: Twilio) -> None:
    assert twilio.app.test_client().get("/twilio/inbound").status_code == 405
