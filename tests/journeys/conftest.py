"""A whole town: the house with its pages served over HTTP, the simulator at the other end of the line, phones."""

from collections.abc import Iterator

import pytest

from tests.cast import Cast
from tests.journeys.town import Town


@pytest.fixture
def town(cast: Cast) -> Iterator[Town]:
    """Everything there is, standing still until the story moves the clock."""
    with Town.around(cast) as town:
        yield town
