"""What Twilio tells us: believed only when signed, taken in once, answered at once."""

import base64
import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from tests.cast import Cast, Wire
from tests.visitor import Visitor, a_house, words
from tracker.delivery import deliver
from tracker.model import Base, Direction, Event, EventKind, Message, MessageStatus, OptOut, Receipt
from web.app import create_app

PUBLIC = "https://tracker.example.com"
SECRET = "12345"
ACCOUNT = {
    "TRACKER_PUBLIC_URL": PUBLIC,
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": SECRET,
    "TWILIO_FROM": "+15005550006",
}
Pairs = Sequence[tuple[str, str]]


def signature(url: str, pairs: Pairs, secret: str = SECRET) -> str:
    """As Twilio writes it down: the address, then every name and value in order of names."""
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), sha1).digest()).decode()


@dataclass
class Twilio:
    """The provider: signs what it sends."""

    app: Flask
    public: str = PUBLIC
    secret: str = SECRET

    def post(self, path: str, pairs: Pairs, *, signed: str | None = None) -> TestResponse:
        """Call one of our addresses; behind a proxy that ends TLS, so we see plain http and another host."""
        given = signature(self.public + path, pairs, self.secret) if signed is None else signed
        return self.app.test_client().post(
            path,
            data=urlencode(pairs),
            base_url="http://10.0.0.7:8000",
            headers={
                "X-Twilio-Signature": given,
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            },
        )

    def status(self, token: str, status: str, *more: tuple[str, str], sid: str = "SM1") -> TestResponse:
        """A receipt."""
        return self.post(f"/twilio/status/{token}", [("MessageSid", sid), ("MessageStatus", status), *more])

    def text(
        self, body: str, *more: tuple[str, str], sid: str = "SMin", sender: str = "+447700900100"
    ) -> TestResponse:
        """A text from Maria, unless somebody else sends it."""
        pairs = [("MessageSid", sid), ("From", sender), ("To", "+15005550006"), ("Body", body), *more]
        return self.post("/twilio/inbound", pairs)


@pytest.fixture
def twilio(engine: Engine, cast: Cast) -> Twilio:
    return Twilio(create_app(a_house(engine, cast.clock, **ACCOUNT)))


@pytest.fixture
def token(cast: Cast) -> str:
    """The token of the dispatch that confirms a promise to Maria."""
    cast.promised()
    wire = Wire()
    deliver(cast.sessions, {"sms": wire}, now=cast.clock.now)
    return wire.sent[0].token


def the_text(cast: Cast) -> Message:
    with cast.sessions() as session:
        return session.scalars(select(Message).where(Message.direction == Direction.OUT)).one()


def rows(cast: Cast, kind: type[Base]) -> int:
    with cast.sessions() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_our_signing_agrees_with_the_vector_that_twilio_publishes() -> None:
    pairs = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    assert signature("https://mycompany.com/myapp.php?foo=1&bar=2", pairs) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize("signed", ["", "nonsense", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "ü" * 28])
def test_15_a_bad_signature_is_refused_and_nothing_is_written(
    twilio: Twilio, cast: Cast, token: str, signed: str
) -> None:
    for path in (f"/twilio/status/{token}", "/twilio/inbound"):
        pairs = [
            ("MessageSid", "SM1"),
            ("MessageStatus", "delivered"),
            ("From", "+447700900100"),
            ("Body", "hi"),
        ]
        assert twilio.post(path, pairs, signed=signed.encode().decode("latin-1")).status_code == 403
    assert rows(cast, Receipt) == 0
    assert rows(cast, Message) == 1


def test_15_a_missing_signature_and_one_for_another_address_are_refused(
    twilio: Twilio, cast: Cast, token: str
) -> None:
    pairs = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    path = f"/twilio/status/{token}"
    assert twilio.app.test_client().post(path, data=dict(pairs)).status_code == 403
    elsewhere = signature(f"{PUBLIC}/twilio/status/other", pairs)
    assert twilio.post(path, pairs, signed=elsewhere).status_code == 403
    assert rows(cast, Receipt) == 0


def test_15_json_that_nobody_signed_is_refused(twilio: Twilio, token: str) -> None:
    answer = twilio.app.test_client().post(
        f"/twilio/status/{token}?bodySHA256=abc",
        json={"MessageSid": "SM1"},
        headers={"X-Twilio-Signature": "x"},
    )
    assert answer.status_code == 403


def test_15_during_a_rotation_the_old_token_still_holds(engine: Engine, cast: Cast, token: str) -> None:
    house = a_house(
        engine, cast.clock, **{**ACCOUNT, "TWILIO_AUTH_TOKEN": "new", "TWILIO_AUTH_TOKEN_OLD": "old"}
    )
    app = create_app(house)
    assert Twilio(app, secret="old").status(token, "sent").status_code == 204
    assert Twilio(app, secret="new").status(token, "delivered").status_code == 204
    assert Twilio(app, secret="older").status(token, "delivered").status_code == 403


def test_without_an_account_nobody_is_believed(app: Flask) -> None:
    assert Twilio(app, secret="").text("hi").status_code == 403


@pytest.mark.parametrize("query", ["?a=%2F", "?a=/", "?a=&b=", "?a=1&a=2", "?x=%C3%A9+y", "?q=caf%C3%A9%26"])
def test_16_the_query_counts_as_it_was_sent(twilio: Twilio, cast: Cast, token: str, query: str) -> None:
    answer = twilio.post(
        f"/twilio/status/{token}{query}", [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    )
    assert answer.status_code == 204
    assert the_text(cast).status is MessageStatus.DELIVERED


def test_16_empty_values_repeated_keys_and_parameters_nobody_announced_do_no_harm(
    twilio: Twilio, cast: Cast, token: str
) -> None:
    more = [
        ("ErrorCode", ""),
        ("Media", "b"),
        ("Media", "a"),
        ("Media", "a"),
        ("RawDlrDoneDate", "2611191500"),
        ("ü", "é"),
    ]
    assert twilio.status(token, "delivered", *more).status_code == 204
    assert the_text(cast).status is MessageStatus.DELIVERED


@pytest.mark.parametrize(
    "public", ["https://tracker.example.com:8443", "http://192.0.2.1:8000", f"{PUBLIC}/promises"]
)
def test_16_any_public_address_is_signed_for(engine: Engine, cast: Cast, token: str, public: str) -> None:
    app = create_app(a_house(engine, cast.clock, **{**ACCOUNT, "TRACKER_PUBLIC_URL": public}))
    assert Twilio(app, public).status(token, "delivered").status_code == 204


def test_16_a_proxy_may_leave_the_path_of_the_public_address_in_place(
    engine: Engine, cast: Cast, token: str
) -> None:
    app = create_app(a_house(engine, cast.clock, **{**ACCOUNT, "TRACKER_PUBLIC_URL": f"{PUBLIC}/promises"}))
    pairs = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    assert Twilio(app).post(f"/promises/twilio/status/{token}", pairs).status_code == 204
    assert app.test_client().get("/promises/").location == "/promises/login"


def test_17_a_terminal_status_never_goes_back(twilio: Twilio, cast: Cast, token: str) -> None:
    for status in ("delivered", "sent", "queued"):
        assert twilio.status(token, status).status_code == 204
    assert the_text(cast).status is MessageStatus.DELIVERED


def test_17_a_failure_without_a_code_erases_no_code(twilio: Twilio, cast: Cast, token: str) -> None:
    twilio.status(token, "undelivered", ("ErrorCode", "30003"))
    twilio.status(token, "failed", ("ErrorCode", ""))
    assert the_text(cast).error_code == 30003


@pytest.mark.parametrize("code", ["0", "-1", "abc", "9" * 40, "³"])
def test_an_error_code_that_is_none_is_no_error(twilio: Twilio, cast: Cast, token: str, code: str) -> None:
    assert twilio.status(token, "sent", ("ErrorCode", code)).status_code == 204
    assert the_text(cast).error_code is None


def test_18_the_same_news_twice_is_one_receipt(twilio: Twilio, cast: Cast, token: str) -> None:
    for _ in range(3):
        assert twilio.status(token, "delivered").status_code == 204
    assert rows(cast, Receipt) == 1


def test_20_news_of_a_dispatch_that_nobody_knows_is_taken_politely(twilio: Twilio, cast: Cast) -> None:
    assert twilio.status("unheard-of", "delivered", sid="MM1").status_code == 204
    assert twilio.status("x" * 500, "delivered").status_code == 204
    assert rows(cast, Receipt) == 0


def test_23_a_text_delivered_again_later_is_one_row_and_one_line_of_history(
    twilio: Twilio, cast: Cast
) -> None:
    cast.promised()
    answers = [twilio.text("I am home from six") for _ in range(2)]
    assert [answer.text for answer in answers] == ["<Response></Response>"] * 2
    assert answers[0].mimetype == "text/xml"
    with cast.sessions() as session:
        assert session.scalars(select(Event).where(Event.kind == EventKind.REPLIED)).one().facts == {
            "text": "I am home from six"
        }


def test_23_a_text_delivered_many_times_at_once_is_one_row(twilio: Twilio, cast: Cast) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: twilio.text("hello"), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert rows(cast, Message) == 1


def test_24_stop_and_start_are_honoured(twilio: Twilio, cast: Cast) -> None:
    assert twilio.text(" Stop ", sid="SM1").text == "<Response></Response>"
    assert rows(cast, OptOut) == 1
    twilio.text("START", sid="SM2")
    assert rows(cast, OptOut) == 0


def test_24_what_twilio_says_of_the_word_wins_over_the_word(twilio: Twilio, cast: Cast) -> None:
    twilio.text("basta", ("OptOutType", "STOP"))
    assert rows(cast, OptOut) == 1


def test_a_text_with_a_character_that_no_database_stores_still_arrives(twilio: Twilio, cast: Cast) -> None:
    assert twilio.text("nul \0 and 👩‍🚒").status_code == 200
    with cast.sessions() as session:
        assert session.scalars(select(Message.body)).one() == "nul  and 👩‍🚒"


def test_26_a_text_from_somebody_unknown_is_kept_and_answered_with_silence(
    twilio: Twilio, cast: Cast
) -> None:
    assert twilio.text("who is this?", sender="+447700900999").text == "<Response></Response>"
    assert rows(cast, Event) == 0


def test_a_receipt_shows_on_the_page_of_the_promise(twilio: Twilio, token: str, ana: Visitor) -> None:
    twilio.status(token, "sent")
    assert "sent, no receipt yet" in words(ana.get("/commitments/1"))
    twilio.status(token, "delivered")
    assert "delivered" in words(ana.get("/commitments/1"))
    assert "no receipt" not in words(ana.get("/commitments/1"))


def test_only_a_post_is_news(twilio: Twilio) -> None:
    assert twilio.app.test_client().get("/twilio/inbound").status_code == 405
