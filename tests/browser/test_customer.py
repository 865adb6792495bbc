"""The customer's phone: the link in the text, one page, a few presses."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.conftest import NARROW, WIDE, Visitors
from tests.browser.stage import Stage
from tests.browser.test_pages import WIDTH, ills_in_light_and_dark
from tracker.model import Commitment, Customer

pytestmark = pytest.mark.browser

OPEN = "the double charge in October"
CLOSED = "moving the delivery to Friday"


def link_about(stage: Stage, topic: str) -> str:
    """The address of the customer's page of the promise with that topic."""
    return stage.house.settings.links.to(int(stage.promise_about(topic).rpartition("/")[2]))


def shows(page: Page, sentence: str) -> None:
    expect(page.get_by_role("status")).to_have_text(sentence)


def test_the_link_in_the_first_text_leads_to_another_time_and_the_owner_hears_of_it(
    stage: Stage, visit: Visitors
) -> None:
    with stage.house.readers() as session:
        asked = select(Customer.phone).join(Commitment).where(Commitment.topic == OPEN)
        phone = session.scalars(asked).one()
    texts = " ".join(text.body for text in stage.simulator.phones[phone])
    link = re.findall(r"http\S+/c/\w+", texts)[0]
    page = visit(size=NARROW, page=link)
    before = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name=re.compile("^by ")).first.click()
    expect(page.get_by_role("status")).to_contain_text("knows the new time.")
    assert page.get_by_role("heading", level=1).inner_text() != before
    page.get_by_role("textbox").fill("Ring the office, please")
    page.get_by_role("button", name="Send the note").click()
    expect(page.get_by_role("status")).to_contain_text("will read your note.")
    agent = visit(log_in="Ana", page=stage.promise_about(OPEN))
    expect(agent.get_by_text("the customer chose another time").first).to_be_visible()
    expect(agent.get_by_text("Ring the office, please").first).to_be_visible()


def test_a_no_opens_it_again_with_the_keyboard_alone(stage: Stage, visit: Visitors) -> None:
    page = visit(page=link_about(stage, CLOSED))
    expect(page.get_by_role("heading", level=2).first).to_have_text("Did we keep our promise?")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="No", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("We are sorry. It is open again")
    expect(page.get_by_role("heading", level=1)).to_contain_text("will ")


def test_a_yes_is_followed_by_a_score(stage: Stage, visit: Visitors) -> None:
    page = visit(size=NARROW, page=link_about(stage, CLOSED))
    page.get_by_role("button", name="Yes", exact=True).click()
    shows(page, "Thank you. That is good to hear.")
    page.get_by_role("radio", name="4").check()
    page.get_by_label("Anything to add?").fill("Quick and kind")
    page.get_by_role("button", name="Send", exact=True).click()
    shows(page, "Thank you for telling us.")
    expect(page.get_by_role("radio", name="4")).to_be_checked()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_nothing_on_it_keeps_anybody_out(stage: Stage, visit: Visitors, size: tuple[int, int]) -> None:
    page = visit(size=size, page=link_about(stage, OPEN))
    found, widths = [], []

    def look() -> None:
        found.extend(ills_in_light_and_dark(page))
        widths.append(page.evaluate(WIDTH))

    look()
    page.get_by_role("button", name="No more texts, please").click()
    shows(page, "You get no more texts from us. We keep our promise all the same.")
    look()
    page.goto(link_about(stage, CLOSED))
    look()
    page.get_by_role("button", name="Yes", exact=True).click()
    look()
    with visit.expecting(404):
        page.goto(f"{stage.url}/c/nothing")
    look()
    assert found == []
    assert max(widths) <= size[0]
