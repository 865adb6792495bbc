"""Does the page show the phones, and keep strangers out?"""

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import requests

from tests.web.simulator_stage import ADA, BOB, OURS, PLAIN, Stage
from web.simulator import Condition


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(replace(PLAIN, names={ADA: "Ada Lovelace"})) as stage:
        yield stage


def page(stage: Stage, path: str = "/") -> str:
    answer = requests.get(stage.server.url + path, timeout=5)
    assert answer.status_code == 200
    return answer.text


def post(stage: Stage, path: str, data: dict[str, str], **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(stage.server.url + path, data=data, headers=named, allow_redirects=False, timeout=5)


def test_without_texts_the_page_says_what_will_happen(stage: Stage) -> None:
    assert "No texts yet" in page(stage)


def test_a_text_appears_on_its_phone_with_name_number_and_status(stage: Stage) -> None:
    stage.send(body="Your call-back is at 15:00")
    text = page(stage)
    assert "Ada Lovelace" in text
    assert ADA in text
    assert "Your call-back is at 15:00" in text
    assert "Queued" in text
    stage.server.drain()
    assert "Delivered" in page(stage)


def test_a_text_that_failed_says_why(stage: Stage) -> None:
    stage.server.set_condition(ADA, Condition.OFF)
    stage.send()
    stage.server.drain()
    assert "Undelivered · 30003 Handset unreachable" in page(stage)
    assert "Switched off</span>" in page(stage)


def test_what_a_text_says_is_never_markup_and_its_links_can_be_followed(stage: Stage) -> None:
    stage.send(body="<script>alert(1)</script> https://example.org/c/abc")
    text = page(stage)
    assert "&lt;script&gt;alert(1)" in text
    assert '<a href="https://example.org/c/abc" rel="noopener"' in text


def test_a_person_can_answer_on_a_phone(stage: Stage) -> None:
    stage.send()
    answered = post(stage, f"/phones/{ADA}/reply", {"body": "Thank you"})
    assert (answered.status_code, answered.headers["Location"]) == (303, f"/#{ADA}")
    assert stage.server.phones[ADA][-1].body == "Thank you"
    assert "Thank you" in page(stage)


def test_stop_shows_the_automatic_answer_and_the_opt_out(stage: Stage) -> None:
    stage.send()
    post(stage, f"/phones/{ADA}/reply", {"body": "STOP"})
    text = page(stage)
    assert "Opted out" in text
    assert "automatic" in text


def test_a_phone_can_be_switched_off_and_on(stage: Stage) -> None:
    stage.send()
    post(stage, f"/phones/{ADA}/condition", {"condition": "landline"})
    assert stage.server.state.condition(ADA) is Condition.LANDLINE
    post(stage, f"/phones/{ADA}/condition", {"condition": "on"})
    assert stage.server.state.condition(ADA) is Condition.ON


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        (f"/phones/{ADA}/reply", {"body": " "}, "The text is empty; write something first."),
        ("/phones/123/reply", {"body": "Hello"}, "write it like +14155550100"),
        (f"/phones/{ADA}/condition", {"condition": "broken"}, "'broken' is not a valid Condition"),
        (f"/phones/{ADA}/condition", {}, "'' is not a valid Condition"),
    ],
)
def test_bad_input_is_400_with_a_sentence(
    stage: Stage, path: str, data: dict[str, str], sentence: str
) -> None:
    answer = post(stage, path, data)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert len(stage.server.journal) == 0


def test_the_phone_that_was_active_last_comes_first(stage: Stage) -> None:
    stage.send(to=ADA)
    stage.clock.move(minutes=1)
    stage.send(to=BOB)
    assert order_of_phones(stage) == [BOB, ADA]
    stage.clock.move(minutes=1)
    stage.server.reply(ADA, "Thank you")
    assert order_of_phones(stage) == [ADA, BOB]


def test_phones_are_found_by_number_and_by_name(stage: Stage) -> None:
    stage.send(to=ADA)
    stage.send(to=BOB)
    assert order_of_phones(stage, "/?find=lovelace") == [ADA]
    assert order_of_phones(stage, "/?find=0143") == [BOB]
    assert "No phone matches “nobody”" in page(stage, "/?find=nobody")
    answered = post(stage, f"/phones/{ADA}/reply?find=love", {"body": "Hello"})
    assert answered.headers["Location"] == f"/?find=love#{ADA}"


def test_a_crowd_of_phones_and_texts_is_shown_in_part_and_says_so(stage: Stage) -> None:
    for number in range(30):
        stage.server.reply(f"+121255501{number:02}", "Hello")
    for _ in range(52):
        stage.server.reply(ADA, "Hello")
    text = page(stage)
    assert "The 24 phones that were active last, of 31." in text
    assert "2 older texts" in text
    assert len(order_of_phones(stage)) == 24


def test_the_fragment_is_304_until_something_changes(stage: Stage) -> None:
    stage.send()
    address = f"{stage.server.url}/phones"
    first = requests.get(address, timeout=5)
    assert (first.status_code, "Hello" in first.text) == (200, True)
    etag = {"If-None-Match": first.headers["ETag"]}
    unchanged = requests.get(address, headers=etag, timeout=5)
    assert (unchanged.status_code, unchanged.text) == (304, "")
    for change in (
        stage.server.advance,
        lambda: stage.server.reply(ADA, "STOP"),
        lambda: stage.server.set_condition(ADA, Condition.OFF),
    ):
        etag = {"If-None-Match": requests.get(address, timeout=5).headers["ETag"]}
        stage.clock.move(seconds=0.5)
        change()
        assert requests.get(address, headers=etag, timeout=5).status_code == 200


def test_a_form_posted_from_another_site_is_refused(stage: Stage) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        answer = post(stage, f"/phones/{ADA}/reply", {"body": "STOP"}, **headers)
        assert answer.status_code == 403
    assert stage.server.phones[ADA] == []


def test_a_form_posted_from_the_page_itself_is_taken(stage: Stage) -> None:
    answer = post(
        stage,
        f"/phones/{ADA}/reply",
        {"body": "Hello"},
        Origin=stage.server.url,
        Sec_Fetch_Site="same-origin",
    )
    assert answer.status_code == 303


def test_a_name_that_was_pointed_at_this_machine_is_refused(stage: Stage) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example"):
        answer = requests.get(stage.server.url, headers={"Host": host}, timeout=5)
        assert answer.status_code == 403
        assert "127.0.0.1" in answer.text


def test_the_page_loads_nothing_from_elsewhere_and_nothing_inline(stage: Stage) -> None:
    stage.send()
    answer = requests.get(stage.server.url, timeout=5)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    seen = _Loads()
    seen.feed(answer.text)
    assert seen.inline == []
    assert seen.addresses
    for address in set(seen.addresses) - {"data:,"}:  # the empty icon, without which a browser asks for one
        assert address.startswith("/")
        assert requests.get(stage.server.url + address, timeout=5).status_code == 200


def test_the_numbers_it_stands_for_are_on_the_page(stage: Stage) -> None:
    assert OURS in page(stage)


def order_of_phones(stage: Stage, path: str = "/") -> list[str]:
    seen = _Loads()
    seen.feed(page(stage, path))
    return seen.phones


class _Loads(HTMLParser):
    """What a page loads, and what it holds inline that a strict policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.phones: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("script", "img", "link"):
            self.addresses.append(named.get("src") or named.get("href") or "")
        if tag == "style" or "style" in named or any(name.startswith("on") for name in named):
            self.inline.append(str(self.get_starttag_text()))
        if tag == "section":
            self.phones.append(named.get("id") or "")
