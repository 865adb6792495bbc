"""Which simulator does this request belong to?"""

from typing import cast

from flask import current_app

from web.simulator.core import Simulator


def the_simulator() -> Simulator:
    """The one that the running application was made for."""
    return cast(Simulator, current_app.extensions["simulator"])
