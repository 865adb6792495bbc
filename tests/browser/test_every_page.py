"""No page is forgotten: what the application answers with a page, axe is shown in light and in dark."""

from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import NotFound

from tests.browser import test_customer, test_pages, test_room, test_setup
from tests.browser.stage import Stage
from web.app import create_app

pytestmark = pytest.mark.browser

NO_PAGES = {
    "desk.fragment",  # a part of the desk
    "supervisor.fragment",  # a part of the supervisor's page
    "wallboard.numbers",  # a part of the wallboard
    "log.echo",
    "log.suggest",
    "commitments.echo",
    "reports.overview",  # leads to the first report
    "reports.give_out",  # CSV
    "customer.again",  # leads to the customer's page
    "customer.robots",
}
FOR_PROGRAMS = ("api.", "openapi.", "metrics.", "health.", "static", "bootstrap.")
IN_TESTS_OF_THEIR_OWN = ("/login", "/first")
"""Where nobody is logged in: `test_pages`, and the journey from an empty house in `test_setup`."""


def test_axe_is_shown_every_page_in_both_colours(stage: Stage) -> None:
    app = create_app(stage.house)
    shown = {
        *IN_TESTS_OF_THEIR_OWN,
        *test_pages.addresses(stage),
        *test_room.PAGES,
        test_room.review_address(stage),
        *test_setup.pages_of(stage),
        test_customer.link_about(stage, test_customer.OPEN),
    }
    routes = app.url_map.bind("localhost")
    seen = set()
    for address in shown - {stage.simulator.url}:
        try:
            seen.add(routes.match(urlsplit(address).path)[0])
        except NotFound:
            continue  # one is there to be no page
    answered = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    pages = {name for name in answered if not name.startswith(FOR_PROGRAMS)} - NO_PAGES
    assert pages - seen == set()
