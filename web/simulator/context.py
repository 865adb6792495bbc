"""Which simulator does this request belong to?"""

from typing import cast

from flask import request

from web.simulator.core import Simulator

WHOSE = "tracker.simulator"
"""Where a request's environment holds the one that it was made to."""


def the_simulator() -> Simulator:
    """The one at whose address the request came in."""
    return cast(Simulator, request.environ[WHOSE])
