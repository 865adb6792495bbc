"""What does a view have at hand? The house it stands in, and the moment as the person who looks sees it."""

from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, g

from tracker.wiring import House
from web.times import Watch


def house() -> House:
    """The house of the application that answers this request."""
    return cast(House, current_app.extensions["tracker"])


def watch(zone: str) -> Watch:
    """The moment of this request in that zone; the same moment however often it is asked for."""
    if "now" not in g:
        g.now = house().clock()
    return Watch(g.now, ZoneInfo(zone))
