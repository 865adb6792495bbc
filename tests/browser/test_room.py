"""The supervisor's room in a real browser: rescue one, review one, read what it comes to."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests.browser.conftest import NARROW, WIDE, Visitors
from tests.browser.stage import Stage
from tests.browser.test_pages import WIDTH, ills_in_light_and_dark, ills_of, unfold
from tracker.model import Commitment, Message, MessageStatus, Sender
from tracker.reports import REPORTS

pytestmark = pytest.mark.browser

RISKY = "changing the name on the contract"
MISSED = "why the invoice shows two fees"
PAGES = (
    "/supervisor",
    "/supervisor/load",
    "/supervisor/load/promises?at=2026-11-19T19:00:00%2B00:00",
    "/supervisor/reviews",
    "/supervisor/reviews/causes",
    "/wall",
    "/reports/kept-rate/promises?column=counted",
    *(f"/reports/{name}" for name in REPORTS),
)


def trouble(stage: Stage) -> None:
    """One promise at risk, one text of which nobody knows, and nothing leaves any more."""
    now = stage.clock.now
    with stage.house.sessions.begin() as session:
        risky = session.scalars(select(Commitment).where(Commitment.topic == RISKY)).one()
        risky.at_risk_at, risky.chance = now, 0.3
        text = session.scalars(select(Message).where(Message.commitment_id == risky.id).limit(1)).one()
        text.status, text.ask_at = MessageStatus.UNKNOWN, None
        sender = session.scalars(select(Sender)).one_or_none() or Sender(address="+15005550006")
        sender.paused_at, sender.paused_until, sender.error_code = now, now, 20003
        session.add(sender)


def review_address(stage: Stage) -> str:
    return stage.promise_about(MISSED).replace("/commitments/", "/supervisor/reviews/")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_one_at_risk_is_rescued_and_one_missed_reviewed_by_keyboard_alone(
    stage: Stage, visit: Visitors, size: tuple[int, int]
) -> None:
    trouble(stage)
    sam = visit(log_in="Sam", size=size, page="/supervisor")
    keys = sam.keyboard
    go_to(sam, sam.get_by_label(f"Choose: {RISKY}"))
    keys.press("Space")
    go_to(sam, sam.get_by_label("To whom?"))
    keys.type("Chloe")
    go_to(sam, sam.locator("#many").get_by_role("button", name="Hand over"))
    keys.press("Enter")
    expect(sam.get_by_role("status").first).to_contain_text("Done for 1.")
    risky = sam.get_by_role("region", name="At risk").get_by_role("listitem").filter(has_text=RISKY)
    expect(risky).to_contain_text("Chloe Martin")

    go_to(sam, sam.get_by_role("link", name="To review"))
    keys.press("Enter")
    expect(sam.get_by_role("heading", level=1)).to_have_text("1 missed promise waits for its review")
    go_to(sam, sam.get_by_role("link", name=f"Review {MISSED}"))
    keys.press("Enter")
    expect(sam.get_by_role("radio", name="Over-promised")).to_be_checked()
    go_to(sam, sam.get_by_label("What was done for the customer?"))
    keys.type("Ben called and said sorry")
    go_to(sam, sam.get_by_label("What do we change?"))
    keys.type("answers get a day, not two hours")
    go_to(sam, sam.get_by_role("button", name="Save the review"))
    keys.press("Enter")
    expect(sam.get_by_role("heading", level=1)).to_have_text("0 missed promises wait for their review")


def test_the_board_left_open_renews_itself_and_keeps_what_is_ticked(stage: Stage, visit: Visitors) -> None:
    sam = visit(log_in="Sam", page="/supervisor")
    late = sam.get_by_role("region", name="Late", exact=True)
    expect(late).not_to_contain_text(RISKY)
    sam.get_by_label("Choose: the double charge in October").check()
    expect(sam.locator("#many")).to_be_visible()
    stage.work(minutes=11)
    sam.clock.fast_forward(11_000)
    expect(late).to_contain_text(RISKY)
    expect(sam.get_by_label("Choose: the double charge in October")).to_be_checked()
    sam.get_by_label("Choose: the double charge in October").uncheck()
    expect(sam.locator("#many")).to_be_hidden()


def test_the_wall_renews_itself(stage: Stage, visit: Visitors) -> None:
    wall = visit(log_in="Ana", page="/wall")
    late = wall.locator(".wall-tile").filter(has_text="late").locator("dd")
    expect(late).to_have_text("3")
    stage.work(minutes=11)
    wall.clock.fast_forward(11_000)
    expect(late).to_have_text("4")
    with wall.expect_navigation():  # a page renews the log-in; what is asked in the background does not
        wall.clock.fast_forward(61 * 60_000)
    expect(late).to_have_text("4")


def test_a_number_of_a_report_is_followed_to_its_promise(visit: Visitors) -> None:
    sam = visit(log_in="Sam", page="/supervisor")
    sam.get_by_role("link", name="Reports", exact=True).click()
    expect(sam.get_by_role("heading", level=1)).to_contain_text("Promises kept")
    sam.get_by_role("row", name="All").get_by_role("link").last.click()
    sam.get_by_role("row", name="John Smith").get_by_role("link").click()
    expect(sam.get_by_role("heading", level=1)).to_have_text(MISSED)


def test_nothing_in_the_room_keeps_anybody_out(stage: Stage, visit: Visitors) -> None:
    trouble(stage)
    page = visit(log_in="Sam")
    found = []
    for address in (*PAGES, review_address(stage)):
        page.goto(address)
        unfold(page)
        found += ills_in_light_and_dark(page)
    assert found == []


def test_a_refused_review_keeps_nobody_out(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Sam", page=review_address(stage))
    with visit.expecting(422):
        page.get_by_role("button", name="Save the review").click()
        expect(page.get_by_role("alert").first).to_be_visible()
    assert ills_of(page) == []


def test_no_page_of_the_room_is_wider_than_a_small_phone(stage: Stage, visit: Visitors) -> None:
    trouble(stage)
    page = visit(log_in="Sam", size=NARROW)
    assert [address for address in (*PAGES, review_address(stage)) if width(page, address) > NARROW[0]] == []


def test_a_range_of_times_stays_on_one_line_of_a_small_phone(visit: Visitors) -> None:
    page = visit(log_in="Sam", size=NARROW, page="/supervisor/load")
    lines = """(all) => all.map((each) => {
      const words = document.createRange()
      words.selectNodeContents(each)
      return [each.textContent, new Set([...words.getClientRects()].map((line) => line.top)).size]
    })"""
    beyond = "(all) => all.map((each) => each.scrollWidth - each.clientWidth)"
    for language, code in (("Español", "es"), ("English", "en")):
        page.get_by_role("button", name=language).click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        page.wait_for_load_state()
        found = page.locator(".load tbody th").evaluate_all(lines)
        assert [times for times, _ in found if "\N{EN DASH}" in times]
        assert [times for times, count in found if count > 1] == []
        assert page.locator(".table-responsive").evaluate_all(beyond) == [0, 0], "and no column is cut off"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_no_sign_of_a_promise_lies_over_its_words(
    stage: Stage, visit: Visitors, size: tuple[int, int]
) -> None:
    stage.work(minutes=10)
    stage.clock.forward(0.5)
    page = visit(log_in="Sam", size=size, page="/supervisor")
    expect(page.get_by_text("less than a minute late")).to_be_visible()
    beyond = """(all) => all.filter((each) =>
      each.getBoundingClientRect().right > each.parentElement.getBoundingClientRect().right + 1
    ).map((each) => each.textContent)"""
    assert page.locator(".promise-when .chip").evaluate_all(beyond) == []


def width(page: Page, address: str) -> int:
    page.goto(address)
    return int(page.evaluate(WIDTH))


def go_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted thing has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("(each) => each === document.activeElement"):
            return
    raise AssertionError(f"80 presses of Tab never came to {wanted}")
