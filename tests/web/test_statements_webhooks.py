"""What must hold when Twilio tells us something, each statement by its number in the list we keep to."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, select

from tests.cast import Cast, Wire
from tests.visitor import a_house, pages_over
from tests.web.conftest import Queries
from tests.web.provider import ACCOUNT, PUBLIC, Twilio, rows, signature, the_text
from tracker.channels import Outgoing, Result, Unknown
from tracker.delivery import deliver
from tracker.model import Event, EventKind, Message, MessageStatus, OptOut, Receipt


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


def test_15_during_a_rotation_the_old_token_still_holds(engine: Engine, cast: Cast, token: str) -> None:
    house = a_house(
        engine, cast.clock, **{**ACCOUNT, "TWILIO_AUTH_TOKEN": "new", "TWILIO_AUTH_TOKEN_OLD": "old"}
    )
    app = pages_over(house)
    assert Twilio(app, secret="old").status(token, "sent").status_code == 204
    assert Twilio(app, secret="new").status(token, "delivered").status_code == 204
    assert Twilio(app, secret="older").status(token, "delivered").status_code == 403


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
    app = pages_over(a_house(engine, cast.clock, **{**ACCOUNT, "TRACKER_PUBLIC_URL": public}))
    assert Twilio(app, public).status(token, "delivered").status_code == 204


def test_16_a_proxy_may_leave_the_path_of_the_public_address_in_place(
    engine: Engine, cast: Cast, token: str
) -> None:
    app = pages_over(a_house(engine, cast.clock, **{**ACCOUNT, "TRACKER_PUBLIC_URL": f"{PUBLIC}/promises"}))
    pairs = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    assert Twilio(app).post(f"/promises/twilio/status/{token}", pairs).status_code == 204
    assert app.test_client().get("/promises/").location == "/promises/login"


def test_17_a_terminal_status_never_goes_back(twilio: Twilio, cast: Cast, token: str) -> None:
    for status in ("delivered", "sent", "queued"):
        assert twilio.status(token, status).status_code == 204
    assert the_text(cast).status is MessageStatus.DELIVERED


def test_17_a_failure_without_a_code_erases_no_code(twilio: Twilio, cast: Cast, token: str) -> None:
    twilio.status(token, "undelivered", ("ErrorCode", "30007"))
    twilio.status(token, "failed", ("ErrorCode", ""))
    assert the_text(cast).error_code == 30007


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


def test_24_what_twilio_says_of_the_word_wins_over_the_word(twilio: Twilio, cast: Cast) -> None:
    twilio.text("basta", ("OptOutType", "STOP"))
    assert rows(cast, OptOut) == 1


@pytest.mark.parametrize("digest", ["", "?bodySHA256=", "?bodySHA256=abc"])
@pytest.mark.parametrize("path", ["/twilio/status/{token}", "/twilio/inbound"])
def test_15_json_is_refused_even_if_its_address_is_signed(
    twilio: Twilio, cast: Cast, token: str, path: str, digest: str
) -> None:
    address = path.format(token=token) + digest
    answer = twilio.app.test_client().post(
        address,
        json={"MessageSid": "SM1", "MessageStatus": "delivered", "Body": "STOP"},
        headers={"X-Twilio-Signature": signature(PUBLIC + address, [])},
    )
    assert answer.status_code == 403
    assert rows(cast, Receipt) == rows(cast, OptOut) == 0


def test_18_the_same_callback_twice_is_one_event(twilio: Twilio, cast: Cast, token: str) -> None:
    code = ("ErrorCode", "30006")
    for _ in range(3):
        assert twilio.status(token, "undelivered", code).status_code == 204
    assert rows(cast, Receipt) == 1
    with cast.sessions() as session:
        notes = session.scalars(select(Event).where(Event.kind == EventKind.NOTED)).all()
        assert [note.facts for note in notes] == [{"text": "the number takes no texts: call, do not text"}]


def test_18_the_same_callback_many_times_at_once_is_one_event(twilio: Twilio, cast: Cast, token: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda _: twilio.status(token, "undelivered", ("ErrorCode", "30006")), range(12))
        )
    assert {answer.status_code for answer in answers} == {204}
    assert rows(cast, Receipt) == 1


@pytest.mark.parametrize("sid", ["SM" + "0" * 32, "MM" + "f" * 32])
def test_20_texts_and_pictures_have_sids_of_their_own_kind(twilio: Twilio, cast: Cast, sid: str) -> None:
    cast.promised()
    cast.wire.answers = [Unknown("the connection broke")]
    cast.tick()
    assert twilio.status(cast.wire.sent[0].token, "sent", sid=sid).status_code == 204
    assert (the_text(cast).sid, the_text(cast).status) == (sid, MessageStatus.SENT)


@pytest.mark.parametrize("attempt", ["unheard-of", "x" * 500, "%00", "ü"])
def test_20_news_of_an_attempt_that_nobody_knows_is_taken_politely_and_logged(
    twilio: Twilio, cast: Cast, caplog: pytest.LogCaptureFixture, attempt: str
) -> None:
    path = f"/twilio/status/{quote(attempt, safe='%')}"
    answer = twilio.post(path, [("MessageSid", "MM1"), ("MessageStatus", "delivered")])
    assert answer.status_code == 204
    assert rows(cast, Receipt) == 0
    assert "a receipt for a dispatch that nobody here knows: status delivered, sid MM1" in caplog.messages


@dataclass
class Busy(Wire):
    """A channel at whose other end something happens before the request is answered."""

    meanwhile: Callable[[Outgoing], None] = lambda _: None

    def send(self, outgoing: Outgoing) -> Result:
        """The provider calls us while we wait for it."""
        self.meanwhile(outgoing)
        return super().send(outgoing)


def test_22_news_is_answered_while_our_own_request_is_still_under_way(twilio: Twilio, cast: Cast) -> None:
    """If it waited for the request to end, and the request for it, both would wait until somebody gave up."""
    cast.promised()
    answers: list[int] = []

    def call(outgoing: Outgoing) -> None:
        answers.append(twilio.status(outgoing.token, "sent", sid="SM" + "1" * 32).status_code)
        answers.append(twilio.text("After four is better").status_code)

    wire = Busy(meanwhile=call)
    deliver(cast.sessions, {"sms": wire}, now=cast.clock.now)
    assert answers == [204, 200]


class OutOfReach(Wire):
    """A channel whose provider must not be called now."""

    def send(self, outgoing: Outgoing) -> Result:
        """Nobody may."""
        raise AssertionError(f"a webhook sent {outgoing.body!r}")

    def record(self, sid: str) -> None:
        """Nor ask."""
        raise AssertionError(f"a webhook asked about {sid}")

    def records(self, to: str) -> None:
        """Nor this."""
        raise AssertionError(f"a webhook asked about {to}")


def test_22_an_answer_takes_a_handful_of_statements_and_no_call_to_twilio(
    engine: Engine, cast: Cast, queries: Queries
) -> None:
    for _ in range(20):
        cast.promised()
    cast.tick()
    house = a_house(engine, cast.clock, **ACCOUNT)
    twilio = Twilio(pages_over(replace(house, channels={"sms": OutOfReach()})))
    for body in ("7", "call me", "STOP", "thanks"):
        with queries() as statements:
            assert twilio.text(body, sid=body).status_code == 200
        assert len(statements) <= 30, body
    with queries() as statements:
        assert twilio.status(cast.wire.sent[0].token, "delivered").status_code == 204
    assert len(statements) <= 12


@pytest.mark.parametrize("at_once", [False, True], ids=["later", "at once"])
@pytest.mark.parametrize("second", ["sid", "token"])
@pytest.mark.parametrize(("body", "acted"), [("7", "say_more"), ("call me", "call_wanted")])
def test_23_one_text_that_comes_many_times_is_one_action_and_one_answer(
    twilio: Twilio, cast: Cast, body: str, acted: str, second: str, at_once: bool
) -> None:
    """By its sid it is the same text; by the token of the call, the same call."""
    cast.promised()

    def come(number: int) -> int:
        sid, call = ("SM7", f"call {number}") if second == "sid" else (f"SM{number}", "call")
        return twilio.text(body, sid=sid, call=call).status_code

    with ThreadPoolExecutor(6 if at_once else 1) as pool:
        answers = list(pool.map(come, range(6)))
    assert set(answers) == {200}
    with cast.sessions() as session:
        kinds = Counter(session.scalars(select(Message.kind)))
        assert kinds["reply"] + kinds["unclear"] == 1
        assert kinds[acted] == 1
        assert len(session.scalars(select(Event).where(Event.kind == EventKind.REPLIED)).all()) == 1


def test_23_a_start_that_comes_again_after_a_stop_restores_nothing(twilio: Twilio, cast: Cast) -> None:
    for sid, body in (("SM1", "STOP"), ("SM2", "START"), ("SM3", "STOP"), ("SM2", "START")):
        twilio.text(body, sid=sid)
    assert rows(cast, OptOut) == 1
