"""A promise is being made, with the customer on the line: who, what, by when, by whom?"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker import commitments, people
from tracker.model import Commitment, Customer, Person
from tracker.policy import checks
from tracker.policy.checks import NotFound, Refused
from tracker.policy.kinds import BUILT_IN, choices
from tracker.queries import crew, customer_with, customers_like, of_customers
from web import aftermath, forms, when
from web.auth import acting, everyone, me, my_watch
from web.context import house
from web.forms import PromiseForm, complain
from web.i18n import _
from web.odds import Deal, mind, odds
from web.times import Watch
from web.when import Setting
from web.words import LANGUAGES, how_it_went, kind_word, language_choices

pages = Blueprint("log", __name__)
SUGGESTED = 6
REMEMBERED = 4
"""Earlier promises shown of a customer: enough to speak to them as somebody we know."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What we know of the number in the form."""

    customer: Customer | None = None
    before: list[Commitment] = field(default_factory=list)
    zone: str = ""
    """As typed; else of the customer if we know them, or as their number suggests."""
    misnamed: bool = False
    """Was a name typed that is not theirs?"""


@pages.get("/new")
@everyone
def blank() -> ResponseReturnValue:
    """The log form; `?phone=` fills the number in, as a telephone system would."""
    form = PromiseForm(request.args)
    form.owner.data = form.owner.data or (str(me().id) if me().team_id else "")
    form.form_key.data = token_urlsafe(16)
    return _page(form)


@pages.post("/new")
@everyone
def make() -> ResponseReturnValue:
    """Log the promise; with the Check button or a button that fills the time in, only show what it would come to."""
    form, watch = PromiseForm(request.form), my_watch()
    if form.picked() or form.check.data:
        return _page(form)
    try:
        made, customer = _once(form, watch)
    except Refused as problem:
        complain(form, problem)
        return _page(form, 404 if isinstance(problem, NotFound) else 422)
    said = _(
        "Promised to %(name)s: %(topic)s, %(when)s.",
        name=customer.name,
        topic=made.topic,
        when=watch.says(made.due_at),
    )
    flash(said, "success")
    aftermath.leave(saved="new")
    return redirect(url_for("desk.desk"))


def _once(form: PromiseForm, watch: Watch) -> tuple[Commitment, Customer]:
    """The promise, made once however often the same form is sent, also at the same moment."""
    try:
        with house().sessions.begin() as session:
            return _make(session, form, watch)
    except IntegrityError:  # of two at once the other was first: its promise is there now
        with house().sessions.begin() as session:
            return _make(session, form, watch)


def _make(session: Session, form: PromiseForm, watch: Watch) -> tuple[Commitment, Customer]:
    by = acting(session)
    key = _key(form, by)
    if key and (made := session.scalar(select(Commitment).where(Commitment.form_key == key))):
        return made, made.customer
    owner = people.colleague(session, forms.number(form.owner.data), by=by, field="owner")
    if owner.team is None:
        raise Refused(_("%(name)s belongs to no team: choose somebody who does.", name=owner.name), "owner")
    if form.language.data not in ("", *LANGUAGES):
        raise Refused(_("Choose one of these languages."), "language")
    customer = people.find_or_add_customer(
        session,
        phone=form.phone.data,
        name=form.name.data,
        team=owner.team,
        zone=form.zone.data.strip(),
        language=form.language.data,
        now=watch.now,
    )
    people.correct_customer(
        customer,
        name=_new_name(session, form, customer, by),
        zone=form.zone.data.strip(),
        language=form.language.data,
    )
    setting = Setting.of(session, watch, ZoneInfo(customer.zone), owner.team)
    due_at = when.due(form, setting)
    mind(session, form, Deal(owner, form.kind.data), setting, due_at)
    made = commitments.make(
        session,
        by=by,
        team=owner.team,
        customer=customer,
        owner=owner,
        kind=form.kind.data,
        topic=form.topic.data,
        due_at=due_at,
        now=watch.now,
        form_key=key,
    )
    return made, customer


def _new_name(session: Session, form: PromiseForm, customer: Customer, by: Person) -> str:
    """What the customer is called from now on; empty: as before. Refuses another name until it is said to be new:
    else the promise would go to somebody the sender does not mean, without a word."""
    known = session.scalar(customer_with(customer.phone, by))
    if known is None or people.is_called(known, form.name.data):
        return ""
    if not form.renamed.data:
        said = _(
            "This is the number of %(name)s: empty this field if you mean them, or tick their new name below.",
            name=known.name,
        )
        raise Refused(said, "name")
    return str(form.name.data)


def _key(form: PromiseForm, by: Person) -> str | None:
    """Tells one form sent twice from one that was changed and sent again, or by somebody else; None without a key."""
    if not form.form_key.data:
        return None
    typed = (form.form_key, form.phone, form.name, form.topic, form.kind, form.owner, form.due_at, form.exact)
    digest = sha256("\0".join([str(by.id), *(each.data for each in typed)]).encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _page(form: PromiseForm, status: int = 200) -> ResponseReturnValue:
    watch = my_watch()
    with house().readers.begin() as session:
        colleagues = [row for row in session.execute(crew(me(), watch.now)) if row.Person.team]
        owner = next((r.Person for r in colleagues if str(r.Person.id) == form.owner.data), me())
        caller = _caller(session, form, owner)
        setting = _setting(session, watch, caller, owner)
        meaning = when.meaning(form, setting)
        told = odds(session, Deal(owner, form.kind.data or BUILT_IN[0]), setting, meaning.at, me())
    if caller.customer and not form.name.data:
        form.name.data = caller.customer.name
    team = owner.team
    page = render_template(
        "new.html",
        form=form,
        watch=watch,
        caller=caller,
        colleagues=colleagues,
        kinds=[(kind, kind_word(kind).capitalize()) for kind in choices(team.kinds if team else [])],
        languages=language_choices(),
        quick=when.quick_times(setting),
        meaning=meaning,
        odds=told,
    )
    return page, status


def _caller(session: Session, form: PromiseForm, owner: Person) -> Caller:
    if owner.team is None:
        return Caller()
    try:
        phone = checks.phone(form.phone.data, owner.team.region)
    except Refused:
        return Caller(zone=_zone(form))
    customer = session.scalar(customer_with(phone, me()))
    if customer is None:
        return Caller(zone=_zone(form) or people.likely_zone(phone, owner.team))
    before = list(session.scalars(of_customers([customer.id], me()).limit(REMEMBERED)))
    misnamed = not people.is_called(customer, form.name.data)
    return Caller(customer, before, _zone(form) or customer.zone, misnamed)


def _zone(form: PromiseForm) -> str:
    try:
        return checks.zone(form.zone.data.strip()).key
    except Refused:
        return ""


def _setting(session: Session, watch: Watch, caller: Caller, owner: Person) -> Setting:
    return Setting.of(session, watch, ZoneInfo(caller.zone) if caller.zone else None, owner.team)


@pages.get("/new/echo")
@everyone
def echo() -> ResponseReturnValue:
    """What the form would come to, while it is being typed: who is calling, and the time on both clocks."""
    form, watch = PromiseForm(request.args), my_watch()
    with house().readers.begin() as session:
        found = session.scalar(crew(me(), watch.now).where(Person.id == forms.number(form.owner.data)))
        owner = found or me()
        caller = _caller(session, form, owner)
        setting = _setting(session, watch, caller, owner)
        meaning = when.meaning(form, setting)
        told = odds(session, Deal(owner, form.kind.data or BUILT_IN[0]), setting, meaning.at, me())
    return {
        "when": render_template("echo.html", meaning=meaning, odds=told, form=form),
        "zone": caller.zone,
        "known": caller.customer.name if caller.customer else "",
        "caller": render_template("caller.html", caller=caller, watch=watch, form=form),
    }


@pages.get("/customers")
@everyone
def suggest() -> ResponseReturnValue:
    """Customers like what was typed (`?q=`), each with what was promised to them before."""
    typed = request.args.get("q", "").replace("\0", "")
    if len(typed.strip()) < 2:
        return {"customers": []}
    watch = my_watch()
    with house().readers.begin() as session:
        found = session.scalars(customers_like(typed, me(), SUGGESTED)).all()
        promised: dict[int, list[Commitment]] = {each.id: [] for each in found}
        for each in session.scalars(of_customers(promised, me()).limit(SUGGESTED * 20)):
            promised[each.customer_id].append(each)
    return {
        "customers": [
            {
                "name": each.name,
                "phone": each.phone,
                "before": [
                    f"{before.topic}: {how_it_went(before, watch)}"
                    for before in islice(promised[each.id], REMEMBERED)
                ],
            }
            for each in found
        ]
    }
