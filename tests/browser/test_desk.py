"""The agent's day with the keyboard alone, on a small phone, and through a bad connection."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from tests.browser.conftest import NARROW, Visitors
from tests.browser.stage import Stage
from tests.browser.test_pages import ills_in_light_and_dark, ills_of
from tracker.demo import PASSWORD
from tracker.model import Commitment, Event, EventKind

pytestmark = pytest.mark.browser

MOST_PRESSES = 12
"""Beside the typed text, from `n` to saved."""
MOST_TRIPS = 10
BOARD = re.compile(r"/board(\?|$)")
"""What the desk asks for to renew itself."""


class Stopwatch:
    """Counts the keys that somebody presses beside the text they type, and their browser's trips to the server."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0
        self.trips: list[str] = []
        page.on("request", self._listen)

    def _listen(self, request: Request) -> None:
        if "/static/" not in request.url and "/bootstrap/" not in request.url:
            self.trips.append(f"{request.method} {request.url.rpartition('/')[2].partition('?')[0]}")

    def press(self, key: str) -> None:
        """One key that is no text."""
        self.presses += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Text, at a pace at which the browser's timers run out between fields and not between letters."""
        self.page.keyboard.type(text)
        self.page.clock.run_for(600)


def test_a_promise_to_a_known_customer_is_logged_with_few_keys_and_few_trips(visit: Visitors) -> None:
    page = visit(log_in="Ana")
    watch = Stopwatch(page)
    watch.press("n")
    expect(page.get_by_label("Customer's phone")).to_be_focused()
    watch.type("baker")
    expect(page.get_by_role("button", name="Tom Baker")).to_contain_text("changing the name on the contract")
    watch.press("Enter")
    expect(page.get_by_label("What did you promise?")).to_be_focused()
    page.clock.run_for(600)
    expect(page.locator("[data-caller]")).to_contain_text("Tom Baker")
    watch.type("the second half of his question")
    watch.press("Tab")
    watch.type("tomorrow 3pm")
    expect(page.locator("[data-echo]")).to_contain_text("Fri 20 Nov, 15:00, in 25 h")
    watch.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Promised to Tom Baker")
    print(f"{watch.presses} presses, {len(watch.trips)} trips: {', '.join(watch.trips)}")
    assert watch.presses <= MOST_PRESSES
    assert len(watch.trips) <= MOST_TRIPS


def test_somebody_who_types_before_the_scripts_have_come_is_helped_all_the_same(visit: Visitors) -> None:
    page = visit(log_in="Ana")
    late: list[Route] = []
    page.route("**/log.js", lambda route: late.append(route))
    page.keyboard.press("n")
    expect(page.get_by_label("Customer's phone")).to_be_focused()
    page.keyboard.type("baker")
    late[0].continue_()
    expect(page.get_by_role("button", name="Tom Baker")).to_be_visible()


def test_a_promise_to_somebody_new_is_logged_with_few_keys_and_few_trips(visit: Visitors) -> None:
    page = visit(log_in="Ana")
    watch = Stopwatch(page)
    watch.press("n")
    expect(page.get_by_label("Customer's phone")).to_be_focused()
    for text in ("(415) 555-0177", "Nora Quinn", "the missing invoice for May"):
        watch.type(text)
        watch.press("Tab")
    watch.type("end of day")
    expect(page.locator("[data-echo]")).to_contain_text("18:00 for you, in 4 h")
    watch.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Promised to Nora Quinn")
    print(f"{watch.presses} presses, {len(watch.trips)} trips: {', '.join(watch.trips)}")
    assert watch.presses <= MOST_PRESSES
    assert len(watch.trips) <= MOST_TRIPS


def test_a_known_customers_name_is_filled_in_and_what_is_typed_over_it_is_left_alone(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    name = page.get_by_label("Customer's name")
    page.get_by_label("Customer's phone").fill("(415) 555-0137")
    page.clock.run_for(600)
    expect(name).to_have_value("Tom Baker")
    name.fill("Tom Barker")
    page.clock.run_for(600)
    page.get_by_label("Is called Tom Barker from now on").check()
    page.get_by_label("What did you promise?").fill("the second half of his question")
    page.get_by_label("By when?").fill("tomorrow 3pm")
    page.clock.run_for(600)
    expect(name).to_have_value("Tom Barker")
    assert ills_of(page) == []
    page.get_by_role("button", name="Save the promise").click()
    expect(page.get_by_role("status").first).to_contain_text("Promised to Tom Barker")


def test_a_day_at_the_desk_with_the_keyboard_alone(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Ana")
    keys = page.keyboard
    keys.press("?")
    expect(page.get_by_text("next and previous line")).to_be_visible()
    keys.press("?")
    expect(page.get_by_text("next and previous line")).to_be_hidden()

    keys.press("j")
    expect(page.get_by_role("link", name="the double charge in October", exact=True)).to_be_focused()
    keys.press("ArrowDown")
    keys.press("k")
    keys.press("a")
    expect(page.get_by_role("status").first).to_contain_text("Omar Haddad: Logged: no answer.")
    expect(page.get_by_text("Try again at 14:30")).to_be_visible()
    expect(page.get_by_role("link", name="the double charge in October", exact=True)).to_be_focused()
    keys.press("u")
    expect(page.get_by_role("status").first).to_contain_text("Omar Haddad: taken back.")
    page.wait_for_load_state()

    keys.press("j")
    keys.press("v")
    expect(page.get_by_role("status").first).to_contain_text("Omar Haddad: Logged: voicemail.")
    expect(page.get_by_role("link", name="the double charge in October", exact=True)).to_be_focused()
    keys.press("r")
    expect(page.get_by_role("status").first).to_contain_text("Omar Haddad: Reached and done.")
    expect(page.get_by_role("region", name="Closed today")).to_contain_text("the double charge in October")

    expect(page.get_by_role("link", name="the broken screen under warranty", exact=True)).to_be_focused()
    keys.press("m")
    expect(page.get_by_label("By when?")).to_be_focused()
    keys.type("in 2 hours")
    keys.press("Escape")
    keys.press("h")
    expect(page.get_by_label("To whom?")).to_be_focused()
    keys.press("Escape")
    keys.press("c")
    expect(page.get_by_label("How did it end?")).to_be_focused()
    keys.press("Escape")
    keys.press("a")
    expect(page.get_by_role("status").first).to_contain_text("Elena Petrova: Logged: no answer.")
    page.wait_for_load_state()
    keys.press("u")
    expect(page.get_by_role("status").first).to_contain_text("Elena Petrova: taken back.")


def test_letters_typed_into_a_field_do_nothing_else(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    page.keyboard.type("nravmhcujk?")
    expect(page.get_by_label("Customer's phone")).to_have_value("nravmhcujk?")
    assert page.url.endswith("/new")


def test_a_key_without_a_chosen_line_chooses_one_and_does_nothing_to_it(visit: Visitors) -> None:
    page = visit(log_in="Ana")
    page.keyboard.press("r")
    expect(page.get_by_role("link", name="the double charge in October", exact=True)).to_be_focused()
    expect(page.get_by_role("region", name="Closed today")).to_have_count(0)


def test_the_whole_journey_on_a_small_phone(visit: Visitors) -> None:
    page = visit(log_in="Ana", size=NARROW, dark=True)
    page.get_by_role("link", name="Log a promise").first.click()
    page.get_by_label("Customer's phone").fill("(415) 555-0137")
    page.get_by_label("What did you promise?").fill("the second half of his question")
    page.get_by_role("button", name="End of day", exact=False).first.click()
    page.clock.run_for(600)
    expect(page.locator("[data-echo]")).to_contain_text("18:00, in 4 h")
    page.get_by_role("button", name="Save the promise").click()
    expect(page.get_by_role("status").first).to_contain_text("Promised to Tom Baker")
    page.get_by_role("link", name="the second half of his question", exact=True).click()
    page.get_by_role("button", name="Reached, and done").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("taken back")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


def test_an_ambiguous_time_is_asked_about_and_answered_by_one_press(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    page.get_by_label("By when?").fill("fri 10")
    page.clock.run_for(600)
    page.get_by_role("button", name="Fri 20 Nov, 10:00").click()
    page.clock.run_for(600)
    expect(page.locator("[data-echo]")).to_contain_text("Fri 20 Nov, 10:00, in 20 h")
    expect(page.get_by_label("By when?")).to_be_focused()


def type_half(page: Page) -> None:
    """Half of a promise."""
    page.get_by_label("Customer's phone").fill("(415) 555-0177")
    page.get_by_label("What did you promise?").fill("the missing invoice for May")
    page.get_by_label("By when?").fill("in 2 hours")


def expect_half(page: Page) -> None:
    """It is all there again."""
    expect(page.get_by_text("What you had typed before is here again")).to_be_visible()
    expect(page.get_by_label("Customer's phone")).to_have_value("(415) 555-0177")
    expect(page.get_by_label("What did you promise?")).to_have_value("the missing invoice for May")
    expect(page.get_by_label("By when?")).to_have_value("in 2 hours")


def test_half_a_form_survives_a_reload_and_is_gone_once_it_is_saved(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    type_half(page)
    page.reload()
    expect_half(page)
    page.get_by_label("Customer's name").fill("Nora Quinn")
    page.get_by_role("button", name="Save the promise").click()
    expect(page.get_by_role("status").first).to_contain_text("Promised to Nora Quinn")
    page.goto("/new")
    expect(page.get_by_label("What did you promise?")).to_have_value("")
    expect(page.get_by_text("What you had typed before")).to_be_hidden()


def test_what_was_restored_can_be_thrown_away(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    type_half(page)
    page.reload()
    page.get_by_role("button", name="Start afresh").click()
    expect(page.get_by_label("What did you promise?")).to_have_value("")


def test_half_a_form_survives_a_log_out_and_is_for_its_writer_alone(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    with page.expect_response("**/customers?*"):  # or it would be asked for, and refused, at some time later
        type_half(page)
        page.clock.run_for(600)
    page.context.clear_cookies()
    with visit.expecting(401):
        page.get_by_label("By when?").fill("in 2 hours")
        page.clock.run_for(600)
        expect(page.locator("[data-echo]")).to_contain_text(
            "You were logged out meanwhile. Save, log in again"
        )
    page.get_by_role("button", name="Save the promise").click()
    expect(page.get_by_text("You were logged out meanwhile: nothing was saved.")).to_be_visible()

    page.get_by_label("E-mail address").fill("ben@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log a promise")
    expect(page.get_by_label("What did you promise?")).to_have_value("")

    page.goto("about:blank")  # where nothing is asked for that would bring a cookie back
    page.context.clear_cookies()
    page.goto("/new")
    page.get_by_label("E-mail address").fill("ana@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect_half(page)


@contextmanager
def no_connection(page: Page, visit: Visitors) -> Iterator[None]:
    """Within the block nothing reaches the server; the browser complains of that, and is to."""

    def cut(route: Route) -> None:
        route.abort("internetdisconnected")

    before = len(visit.complaints)
    page.route("**/*", cut)
    yield
    page.unroute("**/*", cut)
    visit.complaints[before:] = [each for each in visit.complaints[before:] if "ERR_INTERNET" not in each]


def test_half_a_form_survives_a_lost_connection_and_is_saved_once(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    type_half(page)
    page.get_by_label("Customer's name").fill("Nora Quinn")
    with no_connection(page, visit):
        page.get_by_label("By when?").fill("in 2 hours")
        page.clock.run_for(600)
        expect(page.locator("[data-echo]")).to_contain_text("No connection right now.")
        page.get_by_role("button", name="Save the promise").click()
        page.wait_for_url("chrome-error://**")
    page.goto("/new")
    expect_half(page)
    page.clock.run_for(600)
    expect(page.locator("[data-echo]")).to_contain_text("in Los Angeles")
    expect(page.get_by_label("Customer's name")).to_have_value("Nora Quinn")
    page.get_by_role("button", name="Save the promise").click()
    expect(page.get_by_role("status").first).to_contain_text("Promised to Nora Quinn")


def test_the_name_of_somebody_new_survives_a_refusal(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    type_half(page)
    page.get_by_label("Customer's name").fill("Nora Quinn")
    page.get_by_label("By when?").fill("yesterday")
    with visit.expecting(422):
        page.get_by_role("button", name="Save the promise").click()
        expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("By when?").fill("in 2 hours")
    page.clock.run_for(600)
    expect(page.locator("[data-echo]")).to_contain_text("in Los Angeles")
    expect(page.get_by_label("Customer's name")).to_have_value("Nora Quinn")


def test_a_half_typed_reason_survives_on_a_promises_page_too(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Ana", page=stage.promise_about("the lamp that arrived broken"))
    page.keyboard.press("m")
    page.get_by_label("By when?").fill("tomorrow 3pm")
    page.get_by_role("textbox", name="Why?").fill("the supplier answers tomorrow")
    page.reload()
    expect(page.get_by_role("textbox", name="Why?")).to_have_value("the supplier answers tomorrow")
    page.get_by_role("button", name="Save the new time").click()
    expect(page.get_by_role("status").first).to_contain_text("Moved to tomorrow, 15:00")
    page.wait_for_load_state()
    page.keyboard.press("m")
    expect(page.get_by_role("textbox", name="Why?")).to_have_value("")


def test_a_promise_that_comes_due_warns_once(visit: Visitors) -> None:
    page = visit(log_in="Ana")
    page.context.grant_permissions(["notifications"])
    page.evaluate(
        "() => { window.shown = []; window.Notification = class { static permission = 'granted';"
        "constructor(title, given) { shown.push(title + ': ' + given.body); } addEventListener() {} } }"
    )
    page.get_by_role("button", name="Warn me with a sound").click()
    expect(page.get_by_role("button", name="Warn me with a sound")).to_be_hidden()
    page.clock.run_for(4 * 60_000)
    assert page.evaluate("shown") == []
    page.clock.run_for(2 * 60_000)
    assert page.evaluate("shown") == ["Due soon: changing the name on the contract"]
    page.clock.run_for(3 * 60_000)
    assert len(page.evaluate("shown")) == 1


def test_a_board_nobody_looks_at_asks_for_nothing(visit: Visitors) -> None:
    page = visit(log_in="Ana")
    watch = Stopwatch(page)
    with page.expect_response(BOARD):
        page.clock.run_for(11_000)
    asked = watch.trips.count("GET board")
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.clock.run_for(60_000)
    assert watch.trips.count("GET board") == asked
    with page.expect_response(BOARD):
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")


def test_what_the_desk_and_its_forms_say_keeps_nobody_out(stage: Stage, visit: Visitors) -> None:
    with stage.house.sessions.begin() as session:
        for topic in ("the lamp that arrived broken", "the technician for the washing machine"):
            about = session.scalars(select(Commitment).where(Commitment.topic == topic)).one()
            about.at_risk_at = at = stage.clock.now
            session.add(
                Event(
                    commitment_id=about.id, at=at, kind=EventKind.REPLIED, due_version=1, facts={"text": "hm"}
                )
            )
    page = visit(log_in="Ana")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("?")
    found = ills_in_light_and_dark(page)
    page.goto("/new")
    type_half(page)
    page.clock.run_for(600)
    expect(page.locator("[data-echo] meter")).to_be_visible()
    found += ills_in_light_and_dark(page)
    page.get_by_label("By when?").fill("sunday 10am")
    page.clock.run_for(600)
    expect(page.locator("[data-echo]")).to_contain_text("The team is closed then")
    found += ills_in_light_and_dark(page)
    page.get_by_label("By when?").fill("fri 10")
    page.clock.run_for(600)
    expect(page.get_by_role("button", name="22:00 for you")).to_be_visible()
    found += ills_in_light_and_dark(page)
    page.goto(stage.promise_about("the lamp that arrived broken") + "?do=revise")
    found += ills_in_light_and_dark(page)
    assert found == []
