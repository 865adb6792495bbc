"""What people do with Tracker all day, in a real browser, against the whole house."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitors
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def test_a_promise_is_logged_announced_answered_and_kept(stage: Stage, visit: Visitors) -> None:
    ana = visit(log_in="Ana")
    ana.get_by_role("link", name="Log a promise").first.click()
    ana.get_by_label("Customer's phone").fill("(415) 555-0177")
    ana.get_by_label("Customer's name").fill("Nora Quinn")
    ana.get_by_label("What did you promise?").fill("the missing invoice for May")
    ana.get_by_role("button", name="In 2 h").click()
    expect(ana.locator("[data-echo]")).to_contain_text("16:00 for you, in 2 h")
    ana.get_by_role("button", name="Save the promise").click()
    expect(ana.get_by_role("status").first).to_contain_text("Promised to Nora Quinn")
    ana.get_by_role("link", name="the missing invoice for May").click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("the missing invoice for May")

    stage.work()
    phones = visit(page=stage.simulator.url)
    noras = phones.get_by_role("region", name="Phone +14155550177")
    expect(noras.get_by_role("log")).to_contain_text("the missing invoice")
    expect(noras.get_by_role("log")).to_contain_text("Delivered")
    noras.get_by_label("Reply").fill("After four is fine too")
    noras.get_by_role("button", name="Send").click()
    expect(noras.get_by_role("log")).to_contain_text("After four is fine too")

    ana.reload()
    story = ana.get_by_role("region", name="What happened")
    expect(story).to_contain_text("After four is fine too")
    expect(story).to_contain_text("delivered")
    ana.get_by_role("button", name="No answer").click()
    expect(ana.get_by_role("status").first).to_contain_text("Logged: no answer")
    ana.get_by_role("button", name="Reached, and done").click()
    expect(ana.get_by_role("status").first).to_contain_text("Verdict: kept on time")
    expect(ana.locator(".case .chip")).to_have_text("Kept on time")


def test_a_text_shows_by_itself_on_a_phone_left_open(stage: Stage, visit: Visitors) -> None:
    phones = visit(page=stage.simulator.url)
    texts = phones.get_by_role("region", name="Phone +14155550139").get_by_role("listitem")
    before = texts.count()
    stage.work(minutes=110)
    expect(texts).to_have_count(before + 1)
    expect(texts.last).to_contain_text("the lamp that arrived")


def test_the_desk_left_open_shows_by_itself_what_has_become_late(stage: Stage, visit: Visitors) -> None:
    ana = visit(log_in="Ana")
    overdue = ana.get_by_role("region", name="Overdue")
    expect(overdue).not_to_contain_text("changing the name on the contract")
    stage.work(minutes=11)
    ana.clock.fast_forward(11_000)
    expect(overdue).to_contain_text("changing the name on the contract")


def test_a_supervisor_hands_a_late_promise_over_and_marks_somebody_away(visit: Visitors) -> None:
    sam = visit(log_in="Sam", page="/supervisor")
    late = sam.get_by_role("listitem").filter(has_text="the double charge in October")
    late.get_by_role("button", name="Hand over to Ben Carter").click()
    expect(sam.get_by_role("status").first).to_contain_text("Done for 1.")
    expect(late).to_contain_text("Ben Carter")

    sam.get_by_role("link", name="People").click()
    ben = sam.get_by_role("listitem").filter(has_text="Ben Carter")
    expect(ben).to_contain_text("here")
    ben.locator("summary", has_text="Away").click()
    ben.get_by_role("button", name="Mark as away").click()
    expect(sam.get_by_role("status").first).to_contain_text("Ben Carter is away")
    expect(ben.locator(".chip")).to_have_text("away")


def choose(select: Locator, name: str) -> None:
    """Choose the one whose label begins with that name."""
    value = select.locator("option", has_text=name).get_attribute("value")
    select.select_option(value)


def test_one_who_comes_too_late_learns_what_changed_and_keeps_what_they_typed(
    stage: Stage, visit: Visitors
) -> None:
    address = stage.promise_about("the double charge in October")
    ana, sam = visit(log_in="Ana", page=address), visit(log_in="Sam", page=address)
    sam.locator("summary", has_text="Close it").click()
    sam.get_by_label("Reference or reason").fill("refunded as R-2231")

    ana.get_by_role("button", name="Reached, and done").click()
    expect(ana.get_by_role("status").first).to_contain_text("Reached and done.")

    sam.get_by_label("How did it end?").select_option("cancelled by customer")
    with visit.expecting(409):
        sam.get_by_role("button", name="Close it").click()
        changed = sam.get_by_role("alert").first
        expect(changed).to_contain_text("Somebody else changed this promise")
    expect(changed).to_contain_text("Ana Ruiz")
    expect(changed).to_contain_text("refunded as R-2231")


def test_one_who_comes_too_late_for_an_open_promise_can_send_it_again(stage: Stage, visit: Visitors) -> None:
    address = stage.promise_about("the lamp that arrived broken")
    ana, sam = visit(log_in="Ana", page=address), visit(log_in="Sam", page=address)
    sam.locator("summary", has_text="Hand it over").click()
    choose(sam.get_by_label("To whom?"), "Ben Carter")
    sam.get_by_role("textbox", name="Why?").fill("Ben knows the supplier")

    ana.locator("summary", has_text="Agree a new time").click()
    ana.locator("summary:visible", has_text="Exact date and time").click()
    ana.get_by_label("Date and time").fill("2026-11-20T10:00")
    ana.get_by_role("textbox", name="Why?").fill("the supplier answers tomorrow")
    ana.get_by_role("button", name="Save the new time").click()
    expect(ana.get_by_role("status").first).to_contain_text("Moved to tomorrow, 10:00")

    with visit.expecting(409):
        sam.get_by_role("button", name="Hand it over").click()
        expect(sam.get_by_role("alert").first).to_contain_text("(Ana Ruiz)")
    expect(sam.get_by_role("textbox", name="Why?")).to_have_value("Ben knows the supplier")
    sam.get_by_role("button", name="Hand it over").click()
    expect(sam.get_by_role("status").first).to_contain_text("Ben Carter answers for it from now on")
