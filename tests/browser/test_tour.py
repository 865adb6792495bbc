"""The pictures of the README, taken of the real pages; always the same, for the clock is ours.

To take them anew and keep them: TRACKER_REFRESH_TOUR=1 python3 -m tracker test tests/browser/test_tour.py
"""

import os
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Visitors
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

TOUR = Path(__file__).parent / "tour"
README = Path(__file__).parent.parent.parent / "README.md"
LARGEST = 60_000
"""Bytes: a reader on a train loads the whole tour."""
COLOURS = 64
DESK = (1100, 860)
FORM = (1100, 1170)
STORY = (1100, 1470)


def keep(page: Page, file: Path) -> None:
    """Take the picture of what is on the screen, with few colours."""
    taken = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    taken.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        file, optimize=True
    )


def take_the_tour(stage: Stage, visit: Visitors, folder: Path) -> None:
    """Walk through the house as the README does, and take its pictures."""
    stage.work()

    keep(visit(log_in="Ana", size=DESK), folder / "desk.png")
    keep(visit(log_in="Ana", size=NARROW, dark=True), folder / "small.png")
    keep(visit(log_in="Sam", size=DESK, page="/supervisor"), folder / "supervisor.png")

    ana = visit(log_in="Ana", size=FORM, page="/new")
    ana.get_by_label("Customer's phone").fill("(415) 555-0137")
    expect(ana.locator("[data-caller]")).to_contain_text("Tom Baker")
    ana.get_by_label("What did you promise?").fill("when the new contract takes effect")
    ana.get_by_label("By when?").fill("in 2 hours")
    expect(ana.locator("[data-echo]")).to_contain_text("16:00, in 2 h")
    keep(ana, folder / "log.png")

    phones = visit(page=stage.simulator.url, size=(1100, 620))
    phones.get_by_role("searchbox").fill("+1415555013")
    phones.keyboard.press("Enter")
    elenas = phones.get_by_role("region", name="Phone +14155550136")
    elenas.get_by_label("Reply").fill("Any time before five is fine")
    elenas.get_by_role("button", name="Send").click()
    expect(elenas.get_by_role("log")).to_contain_text("Any time before five")
    keep(phones, folder / "phones.png")

    promise = visit(log_in="Ana", size=STORY, page=stage.promise_about("the broken screen under warranty"))
    keep(promise, folder / "promise.png")


def look_at(folder: Path) -> dict[str, tuple[tuple[int, int], int]]:
    """Every picture by its name: its size, and how many colours it uses."""
    seen = {}
    for file in folder.glob("*.png"):
        with Image.open(file) as picture:
            seen[file.name] = picture.size, len(picture.getcolors() or [])
    return seen


def test_the_tour_can_be_taken_and_readme_shows_it_all(stage: Stage, visit: Visitors, tmp_path: Path) -> None:
    folder = tmp_path / "tour"
    folder.mkdir()
    take_the_tour(stage, visit, folder)
    taken = look_at(folder)
    assert [name for name, (_, colours) in taken.items() if colours < COLOURS / 2] == []  # these are blank
    if os.environ.get("TRACKER_REFRESH_TOUR"):
        shutil.copytree(folder, TOUR, dirs_exist_ok=True)
    kept = look_at(TOUR)
    assert {name: size for name, (size, _) in kept.items()} == {
        name: size for name, (size, _) in taken.items()
    }
    assert [name for name in kept if (TOUR / name).stat().st_size > LARGEST] == []
    assert [name for name in kept if f"(tests/browser/tour/{name})" not in README.read_text()] == []
