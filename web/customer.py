"""What does a customer see who taps the link in our text? One promise, and what they may do about it.

There is no log-in and no cookie: the link itself proves who they are. So a form needs no other token either: a page
that could forge one would have to know the link, and whoever knows it may use it anyway.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime, get_timezone_location
from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker import customers
from tracker.delivery import consequences
from tracker.model import Commitment, OptOut, OptOutReason
from tracker.policy.checks import Conflict, Refused
from tracker.policy.links import has_expired
from tracker.policy.outcomes import Outcome
from tracker.policy.texts import language as texts_in
from web import sorry
from web.auth import csrf
from web.context import house, watch
from web.i18n import _, speak
from web.times import Watch

pages = Blueprint("customer", __name__)
ROBOTS = "User-agent: *\nAllow: /c/\nDisallow: /\n"
"""A customer's page may be fetched: only so does a machine that came across a link learn not to list it."""


def prepare(app: Flask) -> None:
    """The link stands in for the token in our own forms."""
    csrf.exempt(app.blueprints["customer"])


@pages.after_request
def close_up(response: Response) -> Response:
    """Nobody keeps a page, lists it or learns its address."""
    response.headers.update(sorry.HEADERS)
    return response


@pages.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Nothing here is for search engines."""
    return ROBOTS, {"Content-Type": "text/plain; charset=utf-8"}


DATES = {"es": "EEEE d 'de' MMMM", "de": "EEEE, d. MMMM"}
"""Where "Friday 20 November" is written with more than spaces; patterns of Unicode's LDML."""


@dataclass(frozen=True, slots=True)
class Times:
    """How moments read on the customer's clock and in their language."""

    watch: Watch
    language: str

    def says(self, at: datetime) -> str:
        """`today 15:00`, `Friday 20 November, 10:00`."""
        day, near, time = self._parts(at, self._long())
        return f"{day} {time}" if near else f"{day}, {time}"

    def by(self, at: datetime) -> str:
        """The moment as a limit: `by today 15:00`, `by Friday 20 November, 10:00`."""
        return self._limit(*self._parts(at, self._long()))

    def choice(self, at: datetime) -> str:
        """The same as short as our texts have it: `by Fri 20 Nov, 10:00`."""
        return self._limit(*self._parts(at, texts_in(self.language).date))

    def place(self) -> str:
        """Whose clock it is: `New York`, in the customer's language."""
        return get_timezone_location(self.watch.zone, locale=self.language, return_city=True)

    def _long(self) -> str:
        return DATES.get(self.language, "EEEE d MMMM")

    def _limit(self, day: str, near: bool, time: str) -> str:
        table = texts_in(self.language)
        return (table.by_near if near else table.by_far).format(day=day, time=time)

    def _parts(self, at: datetime, date: str) -> tuple[str, bool, str]:
        """The day, whether it is so near that it has a name of its own, and the time of day."""
        table, local = texts_in(self.language), at.astimezone(self.watch.zone)
        near = table.near.get((local.date() - self.watch.now.astimezone(self.watch.zone).date()).days)
        day = near or format_datetime(local, date, locale=self.language)
        return day, near is not None, format_datetime(local, table.clock, locale=self.language)


@pages.get("/c/<token>")
def show(token: str) -> ResponseReturnValue:
    """The promise, and what may be done about it."""
    with house().readers.begin() as session:
        commitment = _open(session, token)
        if commitment.duplicate_of_id is not None:
            return redirect(house().settings.links.to(commitment.duplicate_of_id), 303)
        return _page(session, commitment, token)


@pages.get("/c/<token>/<act>")
def again(token: str, act: str) -> ResponseReturnValue:  # noqa: ARG001  the address has it
    """A phone that opens its tabs anew asks for the address of a form that it once sent."""
    return redirect(url_for("customer.show", token=token), 303)


@pages.post("/c/<token>/<act>")
def do(token: str, act: str) -> ResponseReturnValue:
    """One of the things that a customer may do. Said twice, it counts once."""
    if act not in ACTS:
        abort(404)
    try:
        with house().sessions.begin() as session:
            commitment = _open(session, token)
            done = ACTS[act](session, commitment, watch("UTC").now)
    except Refused as problem:
        with house().readers.begin() as session:
            commitment = _open(session, token)
            status = 409 if isinstance(problem, Conflict) else 422
            return _page(session, commitment, token, refused=problem.sentence), status
    return redirect(url_for("customer.show", token=token, done=done), 303)


def _open(session: Session, token: str) -> Commitment:
    """The commitment that the link opens. Ends the request with 404 for every link that we did not write, whatever is
    wrong with it; with 410 for one that has expired."""
    number = house().settings.links.read(token)
    commitment = session.scalar(
        select(Commitment)
        .where(Commitment.id == number)
        .options(joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team))
    )
    if commitment is None:
        abort(404)
    if has_expired(commitment.closed_at, now=watch("UTC").now):
        abort(410)
    speak(commitment.customer.language)
    return commitment


def _page(session: Session, commitment: Commitment, token: str, refused: str = "") -> str:
    now = watch("UTC").now
    customer = commitment.customer
    table = texts_in(customer.language)
    times = Times(watch(customer.zone), table.code)
    deed = table.deeds.get(commitment.kind, table.deeds["other"])
    owner = commitment.owner.name.split()[0]
    return render_template(
        "customer.html",
        commitment=commitment,
        token=token,
        owner=owner,
        promise=f"{owner} {deed.will.format(by=times.by(commitment.due_at))}.",
        times=times,
        place=times.place(),
        late=commitment.closed_at is None and commitment.due_at <= now,
        better=customers.better_times(session, commitment, now=now),
        said=customers.latest_judgement(session, commitment),
        no_texts=session.scalar(
            select(OptOut.reason).where(OptOut.phone == customer.phone, OptOut.sender == "")
        ),
        done=request.args.get("done", ""),
        refused=refused,
        typed=request.form if refused else {},
        longest=customers.LONGEST_NOTE,
        fulfilled=commitment.outcome is Outcome.FULFILLED,
    )


Act = Callable[[Session, Commitment, datetime], str]
"""Does it, and names what was done: the page says so."""


def _choose(session: Session, commitment: Commitment, now: datetime) -> str:
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
        seen = int(request.form.get("seen", ""))
    except ValueError:
        raise Refused(_("Please choose one of the times."), "at") from None
    customers.choose_time(session, commitment, at=at, seen=seen, now=now)
    return "time"


def _note(session: Session, commitment: Commitment, now: datetime) -> str:
    customers.leave_note(session, commitment, text=request.form.get("note", ""), now=now)
    return "note"


def _texts(session: Session, commitment: Commitment, now: datetime) -> str:
    wanted = request.form.get("texts") == "yes"
    if customers.mind_texts(session, commitment, wanted=wanted, now=now) and not wanted:
        consequences.opt_out(session, commitment.customer.phone, OptOutReason.ASKED, now=now)
    return "texts" if wanted else "no-texts"


def _judge(session: Session, commitment: Commitment, now: datetime) -> str:
    kept = {"yes": True, "no": False}.get(request.form.get("kept", ""))
    score = request.form.get("score", "")
    customers.judge(
        session,
        commitment,
        kept=kept,
        score=int(score) if score in [*"12345"] else None,
        comment=request.form.get("comment", ""),
        told=True,
        now=now,
    )
    return {True: "kept", False: "not-kept", None: "score"}[kept]


ACTS = {"time": _choose, "note": _note, "texts": _texts, "judge": _judge}
