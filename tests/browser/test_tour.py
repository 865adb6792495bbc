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


def keep(page: Page, file: Path) -> None:
    """Take the picture of what is on the screen, with few colours."""
    taken = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    taken.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, optimize=True)


def take_the_tour(stage: Stage, visit: Visitors, folder: Path) -> None:
    """Walk through the house as the README does, and take its pictures."""
    stage.work()

    ana = visit(log_in="Ana", size=(1100, 900))
    keep(ana, folder / "desk.png")

    ana.goto("/new")
    ana.get_by_label("Customer's phone").fill("(415) 555-0137")
    expect(ana.locator("[data-caller]")).to_contain_text("Tom Baker")
    ana.get_by_label("What did you promise?").fill("when the new contract takes effect")
    ana.locator("label.quick-choice").nth(1).click()
    expect(ana.locator("[data-echo]")).to_contain_text("for you")
    keep(ana, folder / "log.png")

    sam = visit(log_in="Sam", size=(1100, 900), page="/supervisor")
    keep(sam, folder / "supervisor.png")

    phones = visit(page=stage.simulator.url, size=(1100, 620))
    phones.get_by_role("searchbox").fill("+1415555013")
    phones.keyboard.press("Enter")
    elenas = phones.get_by_role("region", name="Phone +14155550136")
    elenas.get_by_label("Reply").fill("Any time before five is fine")
    elenas.get_by_role("button", name="Send").click()
    expect(elenas.get_by_role("log")).to_contain_text("Any time before five")
    keep(phones, folder / "phones.png")

    ana.goto(stage.promise_about("the broken screen under warranty"))
    keep(ana, folder / "promise.png")

    keep(visit(log_in="Ana", size=NARROW, dark=True), folder / "small.png")


def test_the_tour_has_its_pictures(stage: Stage, visit: Visitors, tmp_path: Path) -> None:
    take_the_tour(stage, visit, tmp_path)
    if os.environ.get("TRACKER_REFRESH_TOUR"):
        for taken in tmp_path.glob("*.png"):
            shutil.copy(taken, TOUR)
    taken = {file.name: Image.open(file) for file in tmp_path.glob("*.png")}
    kept = {file.name: Image.open(file) for file in TOUR.glob("*.png")}
    assert {name: image.size for name, image in taken.items()} == {
        name: image.size for name, image in kept.items()
    }
    for name, image in taken.items():
        assert len(image.getcolors() or []) > COLOURS / 2, f"{name} is nearly blank"
        assert (TOUR / name).stat().st_size < LARGEST, f"{name} is too large"
        assert f"tests/browser/tour/{name}" in README.read_text(), f"README.md does not show {name}"
