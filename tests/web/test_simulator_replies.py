"""What happens when a phone answers?"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.web.simulator_stage import ADA, BOB, OURS, OURS_TOO, SERVICE, WITH_SERVICE, Stage
from web.simulator.journal import Entry


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        stage.server.inbound_url = f"{stage.receiver.url}/inbound"
        yield stage


@pytest.fixture
def service() -> Iterator[Stage]:
    with Stage(replace(WITH_SERVICE, advanced_opt_out=True)) as stage:
        stage.server.inbound_url = f"{stage.receiver.url}/inbound"
        yield stage


def bodies(stage: Stage, phone: str = ADA) -> list[str]:
    return [text.body for text in stage.server.phones[phone]]


def test_a_reply_is_posted_to_the_webhook_as_twilio_does_and_signed(stage: Stage) -> None:
    sid = stage.server.reply(ADA, "Thank you")
    [call] = stage.receiver.calls
    assert call.signed
    assert call.params == {
        "AccountSid": stage.server.settings.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": "Thank you",
        "From": ADA,
        "FromCity": "",
        "FromCountry": "US",
        "FromState": "",
        "FromZip": "",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": OURS,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "",
        "ToZip": "",
    }


def test_a_reply_is_a_message_of_its_own(stage: Stage) -> None:
    inbound = stage.client.messages(stage.server.reply(ADA, "Thank you")).fetch()
    assert (inbound.direction, inbound.status) == ("inbound", "received")
    assert (inbound.from_, inbound.to) == (ADA, OURS)
    assert inbound.date_sent == stage.clock.now


def test_a_reply_goes_to_the_number_that_wrote_last(stage: Stage) -> None:
    stage.send(from_=OURS_TOO)
    stage.server.reply(ADA, "Thank you")
    stage.server.reply(BOB, "Who is this?")
    assert [call["To"] for call in stage.receiver.calls] == [OURS_TOO, OURS]


def test_without_a_webhook_a_reply_only_stays_on_the_phone(stage: Stage) -> None:
    stage.server.inbound_url = None
    stage.server.reply(ADA, "Thank you")
    assert bodies(stage) == ["Thank you"]
    assert stage.receiver.calls == []


@pytest.mark.parametrize(("phone", "body"), [("5550142", "Hello"), (ADA, "  ")])
def test_a_reply_without_a_number_or_words_is_refused(stage: Stage, phone: str, body: str) -> None:
    with pytest.raises(ValueError, match="write"):
        stage.server.reply(phone, body)
    assert len(stage.server.journal) == 0


class TestKeywords:
    @pytest.mark.parametrize(
        "word", ["STOP", " Stop ", "stopall", "UNSUBSCRIBE", "cancel", "End", "QUIT", "OptOut", "revoke"]
    )
    def test_a_word_to_stop_ends_all_texts(self, stage: Stage, word: str) -> None:
        stage.send(body="first")
        stage.server.reply(ADA, word)
        assert stage.refusal() == (400, 21610)
        assert stage.send(to=BOB).status == "queued"

    @pytest.mark.parametrize("words", ["Stop please", "STOP.", "don't stop", "arrêt"])
    def test_anything_more_or_else_does_not(self, stage: Stage, words: str) -> None:
        stage.server.reply(ADA, words)
        assert stage.send().status == "queued"
        assert len(stage.server.phones[ADA]) == 2

    @pytest.mark.parametrize("word", ["START", "yes", "Unstop"])
    def test_a_word_to_start_lets_them_come_again(self, stage: Stage, word: str) -> None:
        stage.server.reply(ADA, "STOP")
        stage.server.reply(ADA, word)
        assert stage.send().status == "queued"

    @pytest.mark.parametrize("word", ["STOP", "HELP", "info"])
    def test_twilio_answers_by_itself_on_the_phone_and_still_calls_us(self, stage: Stage, word: str) -> None:
        stage.server.reply(ADA, word)
        written, answered = stage.server.phones[ADA]
        assert (written.body, answered.automatic, answered.inbound) == (word, True, False)
        assert [call["Body"] for call in stage.receiver.calls] == [word]
        assert "OptOutType" not in stage.receiver.calls[0].params

    def test_its_own_answer_is_not_among_our_messages(self, stage: Stage) -> None:
        stage.server.reply(ADA, "HELP")
        assert [message.body for message in stage.client.messages.list()] == ["HELP"]

    def test_yes_is_an_ordinary_answer_for_someone_who_never_opted_out(self, stage: Stage) -> None:
        stage.server.reply(ADA, "Yes")
        assert bodies(stage) == ["Yes"]

    def test_an_opt_out_covers_one_number(self, stage: Stage) -> None:
        stage.send()
        stage.server.reply(ADA, "STOP")
        assert stage.refusal() == (400, 21610)
        assert stage.send(from_=OURS_TOO).status == "queued"

    def test_or_the_whole_messaging_service(self, service: Stage) -> None:
        service.send()
        service.server.reply(ADA, "STOP")
        assert service.refusal(from_=OURS_TOO) == (400, 21610)
        assert service.refusal(from_=None, messaging_service_sid=SERVICE) == (400, 21610)

    @pytest.mark.parametrize(("word", "kind"), [("stop", "STOP"), ("unstop", "START"), ("info", "HELP")])
    def test_advanced_opt_out_says_what_was_meant(self, service: Stage, word: str, kind: str) -> None:
        service.server.reply(ADA, "quit")
        service.server.reply(ADA, word)
        assert service.receiver.calls[-1]["OptOutType"] == kind
        assert service.receiver.calls[-1]["MessagingServiceSid"] == SERVICE

    def test_and_nothing_of_ordinary_words(self, service: Stage) -> None:
        service.server.reply(ADA, "Thank you")
        assert "OptOutType" not in service.receiver.calls[0].params


class TestTwiml:
    def test_a_message_in_the_answer_arrives_on_the_phone(self, stage: Stage) -> None:
        stage.receiver.body = "<Response><Message>Noted &amp; passed on</Message></Response>"
        stage.server.reply(ADA, "Thank you")
        stage.server.drain()
        answer = stage.server.phones[ADA][-1]
        assert (answer.body, answer.status.value) == ("Noted & passed on", "delivered")
        assert answer.direction.value == "outbound-reply"

    def test_several_messages_and_bodies_keep_their_order(self, stage: Stage) -> None:
        stage.receiver.body = "<Response><Message>one</Message><Message><Body>two</Body></Message></Response>"
        stage.server.reply(ADA, "Thank you")
        assert bodies(stage) == ["Thank you", "one", "two"]

    @pytest.mark.parametrize("body", ["", "<Response></Response>", "<Response/>"])
    def test_an_empty_answer_sends_nothing(self, stage: Stage, body: str) -> None:
        stage.receiver.body = body
        stage.server.reply(ADA, "Thank you")
        assert bodies(stage) == ["Thank you"]
        assert self.errors(stage) == [None]

    def test_plain_text_is_sent_as_it_stands(self, stage: Stage) -> None:
        stage.receiver.body, stage.receiver.content_type = "OK", "text/plain"
        stage.server.reply(ADA, "Thank you")
        assert bodies(stage) == ["Thank you", "OK"]

    @pytest.mark.parametrize(
        ("body", "code"),
        [("<Response>", 12100), ("<html/>", 12100), (f"<Response>{'x' * 65_536}</Response>", 11750)],
    )
    def test_an_answer_that_is_no_twiml_is_in_the_journal(self, stage: Stage, body: str, code: int) -> None:
        stage.receiver.body = body
        stage.server.reply(ADA, "Thank you")
        assert bodies(stage) == ["Thank you"]
        assert self.errors(stage) == [code]

    def test_after_stop_our_answer_is_not_sent(self, stage: Stage) -> None:
        stage.receiver.body = "<Response><Message>You are unsubscribed.</Message></Response>"
        stage.server.reply(ADA, "STOP")
        assert [text.automatic for text in stage.server.phones[ADA]] == [False, True]
        assert self.errors(stage) == [21610]

    def test_an_answer_with_an_error_status_is_not_read(self, stage: Stage) -> None:
        stage.receiver.body = "<Response><Message>Oops</Message></Response>"
        stage.receiver.status = 500
        stage.server.reply(ADA, "Thank you")
        assert bodies(stage) == ["Thank you"]
        assert self.errors(stage) == [11200]

    def errors(self, stage: Stage) -> list[object]:
        return [line.facts["error"] for line in stage.server.journal.of(Entry.WEBHOOK)]
