"""Can everybody use every page? By any eyes, in light and dark, and on a small phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no py.typed
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Visitors
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

AXE = Axe()
OF_COLOUR = ["color-contrast", "link-in-text-block"]
WIDTH = "document.documentElement.scrollWidth"
STICKS_OUT = """() => [...document.querySelectorAll("main :is(a, button, input)")].filter((each) => {
  const box = each.closest(".promise, .card-box, .case, .note");
  return box && each.getBoundingClientRect().right > box.getBoundingClientRect().right;
}).map((each) => each.textContent.trim())"""
PAGES = ("/", "/?whose=team", "/new", "/supervisor", "/supervisor/audit", "/people")


def addresses(stage: Stage) -> list[str]:
    """Every page there is to see for an administrator, an open and a closed promise among them."""
    open_one = stage.promise_about("the double charge in October")
    closed_one = stage.promise_about("moving the delivery to Friday")
    return [*PAGES, open_one, closed_one, "/nowhere", stage.simulator.url]


def unfold(page: Page) -> None:
    """Open whatever is folded, also where the page lets only one be open at a time."""
    page.locator("details").evaluate_all(
        "(all) => all.forEach((each) => { each.removeAttribute('name'); each.open = true })"
    )


def ills_of(page: Page) -> list[str]:
    """What axe finds, each as the rule, how bad it is, and the first place it is broken at."""
    page.evaluate(AXE.axe_script)
    return _found(page)


def ills_in_light_and_dark(page: Page) -> list[str]:
    """What axe finds in either colour; the page follows without being loaded again, and only colours change."""
    found = ills_of(page)
    page.emulate_media(color_scheme="dark")
    found += [f"in dark: {each}" for each in _found(page, runOnly=OF_COLOUR)]
    page.emulate_media(color_scheme="light")
    return found


def _found(page: Page, **rules: object) -> list[str]:
    asked = "(options) => axe.run(options).then((found) => found.violations)"
    return [
        f"{page.url}: {each['id']} ({each['impact']}) at {each['nodes'][0]['html'][:200]}"
        for each in page.evaluate(asked, {"resultTypes": ["violations"], **rules})
    ]


def test_nothing_on_any_page_keeps_anybody_out(stage: Stage, visit: Visitors) -> None:
    stage.work()
    page = visit(page="/login")
    found = ills_in_light_and_dark(page)
    page = visit(log_in="Ada")
    with visit.expecting(404):
        for address in addresses(stage):
            page.goto(address)
            unfold(page)
            found += ills_in_light_and_dark(page)
    assert found == []


def test_a_refused_form_keeps_nobody_out_either(visit: Visitors) -> None:
    page = visit(log_in="Ana", page="/new")
    with visit.expecting(422):
        page.get_by_role("button", name="Save the promise").click()
        expect(page.get_by_role("alert").first).to_be_visible()
    assert ills_of(page) == []


@pytest.mark.parametrize("language", ["English", "Español"])
def test_no_page_is_wider_than_a_small_phone(stage: Stage, visit: Visitors, language: str) -> None:
    page = visit(log_in="Ada", size=NARROW)
    page.get_by_role("button", name=language).click()
    too_wide = []
    with visit.expecting(404):
        for address in addresses(stage):
            page.goto(address)
            folded = page.evaluate(WIDTH)
            if sticking := page.evaluate(STICKS_OUT):
                too_wide.append(f"{address}: {sticking[0]}")
            unfold(page)
            if max(folded, page.evaluate(WIDTH)) > NARROW[0]:
                too_wide.append(address)
    page.goto("/")
    page.get_by_role("button", name="English").click()
    assert too_wide == []


def test_on_a_small_phone_every_page_can_be_reached(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Sam", size=NARROW)
    for name, heading in (("Supervisor", "Northwind Care"), ("People", "People"), ("Desk", "My promises")):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.get_by_role("link", name="Log a promise").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log a promise")
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
