"""Does the simulator answer the official client as Twilio does?"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.web.messages_contract import CONTRACTS, Contract
from tests.web.simulator_stage import (
    ACCOUNT,
    ADA,
    BOB,
    NOON,
    OURS,
    PLAIN,
    SERVICE,
    TOKEN,
    WITH_SERVICE,
    Stage,
)
from web.simulator import Fault, FaultKind, SimulatorSettings


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


@pytest.fixture
def service() -> Iterator[Stage]:
    with Stage(WITH_SERVICE) as stage:
        yield stage


def test_two_at_once_know_nothing_of_one_another() -> None:
    with Stage() as one, Stage() as other:
        sid = one.send().sid
        assert one.client.messages(sid).fetch().sid == sid
        with pytest.raises(TwilioRestException, match="404"):
            other.client.messages(sid).fetch()


def last_json(stage: Stage) -> Any:
    assert stage.http.last_answer is not None
    return json.loads(stage.http.last_answer.text)


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())
class TestTheContract:
    def test_holds_for_a_created_and_a_fetched_message(self, stage: Stage, contract: Contract) -> None:
        sid = stage.send().sid
        assert contract.message_errors(last_json(stage)) == []
        stage.server.drain()
        stage.client.messages(sid).fetch()
        assert contract.message_errors(last_json(stage)) == []

    def test_holds_for_scheduled_failed_redacted_and_inbound_messages(
        self, service: Stage, contract: Contract
    ) -> None:
        service.server.order(Fault(FaultKind.FAILED_AT_ONCE))
        service.send(from_=None, messaging_service_sid=SERVICE)
        assert contract.message_errors(last_json(service)) == []
        service.send(
            from_=None,
            messaging_service_sid=SERVICE,
            schedule_type="fixed",
            send_at=NOON + timedelta(hours=1),
        )
        assert contract.message_errors(last_json(service)) == []
        sid = service.send().sid
        service.server.reply(ADA, "thanks")
        service.server.advance(60)
        service.client.messages(sid).update(body="")
        assert contract.message_errors(last_json(service)) == []
        service.client.messages.list()
        assert contract.page_errors(last_json(service)) == []
        assert len(last_json(service)["messages"]) == 4

    def test_holds_for_every_page_of_a_listing(self, stage: Stage, contract: Contract) -> None:
        for number in range(5):
            stage.send(body=f"text {number}")
        page = stage.client.messages.page(page_size=2)
        while page:
            assert contract.page_errors(last_json(stage)) == []
            page = page.next_page()

    def test_notices_a_missing_field_and_a_wrong_kind(self, stage: Stage, contract: Contract) -> None:
        stage.send()
        answer = last_json(stage)
        assert contract.message_errors({**answer, "status": "lost"})
        assert contract.message_errors({name: value for name, value in answer.items() if name != "uri"})
        assert contract.message_errors({**answer, "tags": {}})


def test_a_created_message_is_queued_and_says_what_was_sent(stage: Stage) -> None:
    message = stage.send(body="Hello, Ada")
    assert message.sid.startswith("SM")
    assert (message.status, message.direction) == ("queued", "outbound-api")
    assert (message.to, message.from_, message.body) == (ADA, OURS, "Hello, Ada")
    assert (message.date_created, message.date_sent) == (NOON, None)
    assert (message.num_segments, message.num_media, message.price) == ("1", "0", None)
    assert (message.error_code, message.error_message, message.messaging_service_sid) == (None, None, None)


def test_a_messaging_service_accepts_first_and_picks_its_sender_later(service: Stage) -> None:
    message = service.send(from_=None, messaging_service_sid=SERVICE)
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    service.server.drain()
    sent = message.fetch()
    assert (sent.status, sent.num_segments) == ("delivered", "1")
    assert sent.from_ in WITH_SERVICE.numbers


def test_a_media_message_has_a_sid_of_its_own_kind(stage: Stage) -> None:
    message = stage.send(body=None, media_url=["https://example.org/map.png"])
    assert message.sid.startswith("MM")
    assert message.num_media == "1"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"to": ""}, (400, 21604)),
        ({"to": "banana"}, (400, 21211)),
        ({"to": "+1415"}, (400, 21211)),
        ({"to": OURS}, (400, 21211)),
        ({"to": "+442079460018"}, (400, 21614)),
        ({"from_": None}, (400, 21603)),
        ({"from_": "+12025550199"}, (400, 21606)),
        ({"from_": "not a number"}, (400, 21212)),
        ({"body": ""}, (400, 21602)),
        ({"body": "x" * 1601}, (400, 21617)),
        ({"body": "€" * 801}, (400, 21617)),
        ({"status_callback": "not an address"}, (400, 21609)),
        ({"status_callback": "http://my_host/status"}, (400, 21609)),
        ({"status_callback": "ftp://example.org/"}, (400, 21609)),
        ({"status_callback": "https://example.org/" + "a" * 3981}, (400, 21609)),
        ({"messaging_service_sid": SERVICE}, (400, 21705)),
        ({"validity_period": 0}, (400, 30012)),
        ({"validity_period": 36001}, (400, 30012)),
    ],
)
def test_a_bad_request_is_refused_with_twilios_code(
    stage: Stage, changes: dict[str, Any], expected: tuple[int, int]
) -> None:
    assert stage.refusal(**changes) == expected
    assert stage.client.messages.list() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"from_": "+15005550001"}, 21212),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15005550008"}, 21611),
    ],
)
def test_the_magic_numbers_of_the_test_credentials_work(
    stage: Stage, changes: dict[str, Any], code: int
) -> None:
    assert stage.refusal(**changes)[1] == code


def test_from_the_magic_sender_nothing_is_ever_sent(stage: Stage) -> None:
    message = stage.send(from_="+15005550006")
    stage.server.drain()
    assert message.fetch().status == "queued"
    assert stage.receiver.calls == []


def test_the_longest_body_and_the_longest_callback_are_taken(stage: Stage) -> None:
    callback = "https://example.org/".ljust(4000, "a")
    assert stage.send(body="x" * 1600, status_callback=callback).num_segments == "11"


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("x" * 160, "1"),
        ("x" * 161, "2"),
        ("x" * 306, "2"),
        ("x" * 307, "3"),
        ("x" * 158 + "€", "1"),
        ("x" * 159 + "€", "2"),
        ("x" * 152 + "{" * 77, "3"),
        ("я" * 70, "1"),
        ("я" * 71, "2"),
        ("😀" * 35, "1"),
        ("😀" * 36, "2"),
        ("😀" * 67, "3"),
    ],
)
def test_segments_are_counted_as_carriers_count_them(stage: Stage, body: str, segments: str) -> None:
    assert stage.send(body=body).num_segments == segments


def test_a_refusal_has_twilios_four_fields(stage: Stage) -> None:
    answer = requests.post(
        f"{stage.server.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        auth=(ACCOUNT, TOKEN),
        data={"From": OURS, "Body": "Hello"},
        timeout=5,
    )
    assert answer.status_code == 400
    assert answer.json() == {
        "code": 21604,
        "message": "A message needs a 'To' number",
        "more_info": "https://www.twilio.com/docs/errors/21604",
        "status": 400,
    }


@pytest.mark.parametrize(("user", "token"), [(ACCOUNT, "wrong"), ("AC" + "6" * 32, TOKEN)])
def test_a_wrong_account_or_token_is_401_with_20003(stage: Stage, user: str, token: str) -> None:
    stranger = Client(user, token, http_client=stage.http)
    with pytest.raises(TwilioRestException) as refused:
        stranger.messages.create(to=ADA, from_=OURS, body="Hello")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert stage.server.phones[ADA] == []


def test_no_credentials_at_all_are_401_in_json(stage: Stage) -> None:
    answer = requests.get(f"{stage.server.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_another_account_and_an_unknown_address_are_404_with_20404(stage: Stage) -> None:
    for path in (f"Accounts/AC{'6' * 32}/Messages.json", f"Accounts/{ACCOUNT}/Calls.json"):
        answer = requests.get(f"{stage.server.url}/2010-04-01/{path}", auth=(ACCOUNT, TOKEN), timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)


def test_an_unknown_message_is_404_with_20404(stage: Stage) -> None:
    with pytest.raises(TwilioRestException) as refused:
        stage.client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_a_listing_is_newest_first_and_filters_by_both_numbers(stage: Stage) -> None:
    for to, body in ((ADA, "one"), (BOB, "two"), (ADA, "three")):
        stage.send(to=to, body=body)
        stage.server.advance(60)
    stage.server.reply(ADA, "four")

    def bodies(**query: str) -> list[str]:
        return [message.body for message in stage.client.messages.list(**query)]

    assert bodies() == ["four", "three", "two", "one"]
    assert bodies(to=ADA) == ["three", "one"]
    assert bodies(from_=ADA) == ["four"]
    assert bodies(to=OURS) == ["four"]
    assert bodies(to=BOB, from_=OURS) == ["two"]


def test_messages_of_the_same_moment_are_listed_latest_created_first(stage: Stage) -> None:
    for body in ("one", "two", "three"):
        stage.send(body=body)
    assert [message.body for message in stage.client.messages.list()] == ["three", "two", "one"]


def test_a_listing_filters_by_the_day_of_sending(stage: Stage) -> None:
    for body in ("Thursday", "Friday", "Saturday"):
        stage.send(body=body)
        stage.server.drain()
        stage.clock.move(days=1)
    friday = NOON.date() + timedelta(days=1)

    def bodies(**query: Any) -> list[str]:
        page = requests.get(
            f"{stage.server.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            auth=(ACCOUNT, TOKEN),
            params=query,
            timeout=5,
        ).json()
        return [message["body"] for message in page["messages"]]

    assert bodies(DateSent=str(friday)) == ["Friday"]
    assert bodies(**{"DateSent>": str(friday)}) == ["Saturday", "Friday"]
    assert bodies(**{"DateSent<": str(friday)}) == ["Friday", "Thursday"]


def test_a_listing_filters_by_the_instants_that_the_client_sends(stage: Stage) -> None:
    stage.send(body="before")
    stage.server.drain()
    stage.clock.move(hours=1)
    stage.send(body="after")
    stage.server.drain()
    half_past = NOON + timedelta(minutes=30)
    assert [m.body for m in stage.client.messages.list(date_sent_after=half_past)] == ["after"]
    assert [m.body for m in stage.client.messages.list(date_sent_before=half_past)] == ["before"]


def test_a_date_filter_hides_what_was_not_sent_yet(stage: Stage) -> None:
    stage.send(body="queued")
    assert stage.client.messages.list(date_sent_after=NOON - timedelta(days=1)) == []
    assert [message.body for message in stage.client.messages.list(to=ADA)] == ["queued"]


def test_pages_hold_their_place_while_new_messages_come_in(stage: Stage) -> None:
    for number in range(5):
        stage.send(body=str(number))
    first = stage.client.messages.page(page_size=2)
    assert [message.body for message in first] == ["4", "3"]
    stage.send(body="new")
    second = first.next_page()
    assert [message.body for message in second] == ["2", "1"]
    assert [message.body for message in second.previous_page()] == ["4", "3"]
    third = second.next_page()
    assert [message.body for message in third] == ["0"]
    assert third.next_page() is None


def test_the_client_walks_all_pages_by_itself(stage: Stage) -> None:
    for number in range(7):
        stage.send(body=str(number))
    assert len(stage.client.messages.list(page_size=3)) == 7


@pytest.mark.parametrize(
    "query", [{"PageSize": "0"}, {"Page": "x"}, {"PageToken": "PASMnone"}, {"DateSent": "yesterday"}]
)
def test_a_listing_that_cannot_be_is_refused(stage: Stage, query: dict[str, str]) -> None:
    answer = requests.get(
        f"{stage.server.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        auth=(ACCOUNT, TOKEN),
        params=query,
        timeout=5,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_finished_message_can_be_redacted_and_deleted(stage: Stage) -> None:
    message = stage.send()
    stage.server.drain()
    assert stage.client.messages(message.sid).update(body="").body == ""
    assert message.fetch().status == "delivered"
    assert stage.client.messages(message.sid).delete()
    with pytest.raises(TwilioRestException):
        message.fetch()
    assert stage.client.messages.list() == []


@pytest.mark.parametrize(
    "change", [lambda message: message.update(body=""), lambda message: message.delete()]
)
def test_a_message_under_way_can_be_neither_redacted_nor_deleted(stage: Stage, change: Any) -> None:
    message = stage.client.messages(stage.send().sid)
    with pytest.raises(TwilioRestException) as refused:
        change(message)
    assert refused.value.code == 20009


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"account_sid": "AC1"}, "account_sid must be AC"),
        ({"auth_token": ""}, "auth_token must not be empty"),
        ({"numbers": ()}, "at least one number"),
        ({"numbers": ("5550100",)}, "not in E.164 form"),
        ({"messaging_service_sid": "MG1"}, "messaging_service_sid must be MG"),
        ({"pool": (ADA,)}, "add them there too"),
    ],
)
def test_bad_settings_say_how_to_mend_them(fields: dict[str, Any], sentence: str) -> None:
    good = {"account_sid": ACCOUNT, "auth_token": TOKEN, "numbers": (OURS,)}
    with pytest.raises(ValueError, match=sentence):
        SimulatorSettings(**{**good, **fields})


def test_settings_without_a_service_have_no_senders_to_pick_from() -> None:
    assert PLAIN.senders == ()
    assert replace(PLAIN, messaging_service_sid="MG" + "1" * 32).senders == PLAIN.numbers
