"""The administrator's journeys: from an empty house to the first text, and what a team is set up with."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.browser.conftest import NARROW, Visitors
from tests.browser.stage import Stage, open_house
from tests.browser.test_pages import WIDTH, ills_in_light_and_dark, unfold
from tracker.model import Person, Team
from tracker.wiring import make_engine
from web.first import address

pytestmark = pytest.mark.browser


@pytest.fixture
def empty(
    migrated_sqlite: Path, tmp_path: Path, browser: Browser, port: int
) -> Iterator[tuple[Stage, Visitors]]:
    """A whole house with nobody in it, and a browser before it."""
    file = tmp_path / "empty.sqlite3"
    shutil.copy(migrated_sqlite, file)
    engine = make_engine(f"sqlite:///{file}")
    with open_house(engine, port) as stage:
        visit = Visitors(browser, stage, {})
        yield stage, visit
        visit.close()
        assert visit.complaints == []
    engine.dispose()


def test_from_an_empty_house_to_the_first_text(empty: tuple[Stage, Visitors]) -> None:
    stage, visit = empty
    page = visit(page="/")
    expect(page.get_by_role("status")).to_contain_text("Nobody is set up yet")
    page.goto(address(stage.house, stage.url) or "")
    expect(page.get_by_label("Time zone")).to_have_value("America/New_York")
    assert ills_in_light_and_dark(page) == []
    page.get_by_label("Your name").fill("Ada Lund")
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_label("Your password").fill("keep-our-word")
    team = page.locator("section", has=page.get_by_role("heading", name="The first team"))
    team.get_by_label("Name").fill("Northwind Care")
    team.get_by_label("Country").fill("US")
    agent = page.locator("section", has=page.get_by_role("heading", name="The first agent"))
    agent.get_by_label("Name").fill("Ana Ruiz")
    agent.get_by_label("E-mail address").fill("ana@example.org")
    page.get_by_role("button", name="Set up, and log the first promise").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Log a promise")
    page.get_by_label("Customer's phone").fill("+1 415 555 0137")
    page.get_by_label("Customer's name").fill("Tom Baker")
    page.get_by_label("What did you promise?").fill("when the new contract takes effect")
    page.locator("#when, [name=due_at]").first.fill("in an hour")
    page.get_by_role("button", name="Save the promise").click()
    expect(page.get_by_role("status").first).to_contain_text("Tom Baker")
    stage.work()
    bodies = [text.body for text in stage.simulator.phones["+14155550137"]]
    assert len(bodies) == 1
    assert bodies[0].startswith("Northwind Care: Hi Tom")


def pages_of(stage: Stage) -> list[str]:
    """Every page to set something up on."""
    with stage.house.readers() as session:
        team = session.scalars(select(Team.id)).first()
        person = session.scalars(select(Person.id)).first()
    return [
        "/setup",
        f"/setup/teams/{team}",
        f"/setup/teams/{team}/texts",
        f"/setup/teams/{team}/texts/es/promised",
        f"/setup/people/{person}",
        "/setup/import",
        "/me",
    ]


def test_the_pages_keep_nobody_out_and_fit_a_small_phone(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Ada", size=NARROW)
    found, too_wide = [], []
    for at in pages_of(stage):
        page.goto(at)
        unfold(page)
        found += ills_in_light_and_dark(page)
        if page.evaluate(WIDTH) > NARROW[0]:
            too_wide.append(at)
    assert (found, too_wide) == ([], [])


def test_a_text_is_shown_on_its_phone_while_it_is_typed(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Ada", page=pages_of(stage)[3].replace("/es/", "/en/"))
    phone = page.get_by_role("group", name="As it would be read")
    page.get_by_label("What it says").fill("{given_name}, {owner} {will}: {topic}. Unfortunately late.")
    expect(phone).to_contain_text("Maria, Ana will call you back by")
    expect(page.get_by_text("Said in a better way")).to_be_visible()
    page.get_by_label("What it says").fill("{given_name}, {owner} {will}: {topic}.")
    expect(page.get_by_text("Said in a better way")).to_have_count(0)
    page.get_by_role("button", name="Use these words").click()
    expect(page.get_by_role("status")).to_have_text("Texts that leave from now on say it so.")


def test_an_import_is_seen_to_be_under_way_until_its_rows_are_there(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Ada", page="/setup/import")
    columns = b"customer_name,customer_phone,topic,kind,due_at,owner_email,team,made_at,external_ref\n"
    page.get_by_label("A CSV file of promises").set_input_files(
        {"name": "promises.csv", "mimeType": "text/csv", "buffer": columns + b"Al,1,x,callback,,,,,\n"}
    )
    under_way = page.get_by_role("progressbar", name="Reading the rows…")
    expect(under_way).to_be_hidden()
    # A page that is being left cannot be asked any more: it notes itself what was to be seen.
    page.evaluate(
        """() => {
          const bar = document.querySelector("progress")
          const note = () => sessionStorage.setItem("seen", bar.checkVisibility())
          new MutationObserver(note).observe(bar, { attributes: true })
        }"""
    )
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("region", name="Row by row")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('seen')") == "true"
    expect(under_way).to_be_hidden()


def test_hours_are_said_in_words_while_they_are_typed(stage: Stage, visit: Visitors) -> None:
    page = visit(log_in="Ada", page=pages_of(stage)[1])
    page.get_by_label("Weekly hours").fill("0-2:8-16")
    expect(page.locator("#part-hours [data-shown]")).to_have_text(
        "Monday to Wednesday 08:00\N{EN DASH}16:00."
    )
    page.get_by_label("Weekly hours").fill("0-2:8")
    expect(page.locator("#part-hours [data-shown]")).to_have_text(re.compile("is not understood"))
