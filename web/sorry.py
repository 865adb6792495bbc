"""What does a customer see when something does not work? That it is not their doing, and what to do now.

In the language of whoever the link is for, as far as that can be read; no word about how the house is run.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from tracker.model import Commitment, Customer, Team
from web.context import house
from web.i18n import CUSTOMERS, N_, speak

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address opens the page: no other site may see it
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""Of every page of a customer's: nobody keeps it, lists it or learns its address."""
LOST = (N_("There is nothing here"), N_("The link may have been cut off. Open it again from our text."))
EXPIRED = (
    N_("This page has closed"),
    N_(
        "It stays for 30 days after a promise is closed. If something is still open, please call us: "
        "we will see to it."
    ),
)
REFUSED = (N_("That did not work"), N_("Please open the page again from our text and use its buttons."))
BROKEN = (
    N_("We are sorry: this page does not work right now"),
    N_(
        "It is nothing that you did, and our promise stands. What you sent just now was not saved: "
        "please try again in a few minutes."
    ),
)
WORDS: Mapping[int, tuple[str, str]] = {
    404: LOST,
    410: EXPIRED,
    413: (
        N_("That was too long"),
        N_("It was not sent. Go back, shorten what you wrote, and send it again."),
    ),
    429: (N_("That was a little too fast"), N_("Please wait a minute, then open the page again.")),
}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose link it is, and whom they can turn to: the team, what its texts leave from, and the promise's page."""

    team: str
    sender: str
    path: str
    language: str

    @property
    def number(self) -> str:
        """The number to write to; empty where texts leave from something that is none."""
        return self.sender if re.fullmatch(r"\+\d+", self.sender) else ""


def concerns_a_customer() -> bool:
    """Is it an address that customers open?"""
    return request.path.startswith("/c/")


def page(code: int, error: HTTPException | None = None) -> ResponseReturnValue:
    """The page for what went wrong."""
    title, advice = WORDS.get(code, BROKEN if code >= 500 else REFUSED)
    try:
        known = _whose()
    except SQLAlchemyError:
        known = None  # it is the database that does not work
    if known is not None:
        speak(known.language)
    else:
        speak(request.accept_languages.best_match(CUSTOMERS, default="en"))
    told = error.get_response().headers.items() if error else ()
    headers = HEADERS | {name: value for name, value in told if name in ("Allow", "Retry-After")}
    return (
        render_template("customer_sorry.html", code=code, title=title, advice=advice, whose=known),
        code,
        headers,
    )


def _whose() -> Whose | None:
    """Who the link of this request is for; None if we did not write it."""
    token = request.path.split("/")[2]
    asked = (
        select(Team.name, Team.sender, Customer.language)
        .select_from(Commitment)
        .join(Team, Team.id == Commitment.team_id)
        .join(Customer, Customer.id == Commitment.customer_id)
        .where(Commitment.id == house().settings.links.read(token))
    )
    with house().readers.begin() as session:
        found = session.execute(asked).one_or_none()
    if found is None:
        return None
    sms = house().channels.get("sms")
    sender = found.sender or (sms.sender if sms else "")
    return Whose(found.name, sender, url_for("customer.show", token=token), found.language)
