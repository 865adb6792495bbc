"""How does a page show an icon? As a few lines of SVG taken from the sprite in the Bootstrap wheel: the whole
sprite is a megabyte, too much for a phone on a bad line."""

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Flask
from markupsafe import Markup

_SPRITE = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/icons/bootstrap-icons.svg"
_SYMBOL = re.compile(r'<symbol class="[^"]*" viewBox="([^"]*)" id="([^"]*)">(.*?)</symbol>', re.DOTALL)


def prepare(app: Flask) -> None:
    """Give templates `icon(name)`."""
    app.add_template_global(icon)


@cache
def _symbols() -> dict[str, tuple[str, str]]:
    return {name: (box, drawing) for box, name, drawing in _SYMBOL.findall(_SPRITE.read_text())}


@cache
def icon(name: str) -> Markup:
    """The drawing of that name. It says nothing to a screen reader: a word always stands beside it."""
    box, drawing = _symbols()[name]
    return Markup(  # noqa: S704 from the wheel, nothing that anybody typed
        f'<svg class="icon" viewBox="{box}" fill="currentColor" aria-hidden="true" focusable="false">{drawing}</svg>'
    )
