"""Real processes and threads take their own time: waiting for what they bring about."""

import time
from collections.abc import Callable

LONGEST = 60
"""Seconds: a process may need as long to start on a busy machine."""


def until(true: Callable[[], bool]) -> None:
    """Returns as soon as it is true."""
    deadline = time.monotonic() + LONGEST
    while not true():
        assert time.monotonic() < deadline, "that did not come about"
        time.sleep(0.01)
