"""How does each team work? A list of the teams, and a page for each with everything that it is set up with."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from tracker import people, teams
from tracker.model import Closure, LadderRow, Person, Role, Team
from tracker.policy import checks
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.kinds import BUILT_IN
from tracker.policy.ladder import Step
from tracker.policy.said import say
from web import forms
from web.auth import me, my_watch, only
from web.context import house
from web.forms import Line, Typed, complain
from web.i18n import _
from web.setup import hours, ladders
from web.spoken import spoken
from web.times import local_time
from web.words import LANGUAGES, kind_word

pages = Blueprint("teams", __name__)


class DescribeForm(Typed):
    """What the team is called, where it is and what it speaks."""

    seen = Line()
    """Of this form and the two below: the `forms.edition` that the editor started from."""
    name = Line()
    zone = Line()
    region = Line()
    language = Line()


class WorkForm(Typed):
    """When it works."""

    seen = Line()
    hours = Line()
    country = Line()
    part = Line()


class CloseForm(Typed):
    """A time during which it does not."""

    starts_at = Line()
    ends_at = Line()
    reason = Line()


class PromiseForm(Typed):
    """What it promises, how often it tries, and where its texts leave from."""

    seen = Line()
    kinds = Line()
    tries = Line()
    sender = Line()


class LadderForm(Typed):
    """The ladder it started from; its rows are read by `ladders`."""

    seen = Line()
    show = Line()
    """Pressed: draw it, and save nothing."""

    ladder = Line()


@pages.get("")
@only(Role.ADMIN)
def overview() -> ResponseReturnValue:
    """Every team, and a form for another one."""
    return _overview(DescribeForm(MultiDict({"zone": me().zone, "language": "en"})))


@pages.post("")
@only(Role.ADMIN)
def add() -> ResponseReturnValue:
    """A new team, under the default ladder."""
    form, watch = DescribeForm(request.form), my_watch()
    try:
        with house().sessions.begin() as session:
            team = people.add_team(
                session,
                name=form.name.data,
                zone=form.zone.data.strip(),
                region=form.region.data,
                language=form.language.data if form.language.data in LANGUAGES else "en",
                now=watch.now,
            )
    except Refused as problem:
        complain(form, problem)
        return _overview(form), 422
    flash(_("%(name)s is set up: look through its hours, then add its people.", name=team.name), "success")
    return redirect(url_for("setup.teams.show", number=team.id))


def _overview(form: Typed) -> str:
    crew = select(Person.team_id, func.count().label("crew")).where(Person.active).group_by(Person.team_id)
    with house().readers.begin() as session:
        every = session.scalars(select(Team).order_by(Team.name)).all()
        crews = {row.team_id: row.crew for row in session.execute(crew)}
    return render_template(
        "setup/overview.html",
        form=form,
        teams=[(team, crews.get(team.id, 0), hours.in_words(checks.hours(team.hours))) for team in every],
    )


@pages.get("/teams/<number:number>")
@only(Role.ADMIN)
def show(number: int) -> ResponseReturnValue:
    """Everything that the team is set up with."""
    return _page(number)


@pages.post("/teams/<number:number>/describe")
@only(Role.ADMIN)
def describe(number: int) -> ResponseReturnValue:
    """Its name, zone, country and language."""
    form = DescribeForm(request.form)

    def act(session: Session, team: Team) -> str:
        teams.describe(
            session,
            team,
            name=form.name.data,
            zone=form.zone.data.strip(),
            region=form.region.data,
            language=form.language.data,
        )
        return _("Saved: %(name)s, %(zone)s.", name=team.name, zone=team.zone)

    return _saved(number, form, act, "team")


@pages.post("/teams/<number:number>/hours")
@only(Role.ADMIN)
def work(number: int) -> ResponseReturnValue:
    """Its weekly hours and public holidays."""
    form = WorkForm(request.form)

    def act(_session: Session, team: Team) -> str:
        teams.work(
            team,
            hours=hours.in_digits(form.hours.data),
            country=form.country.data,
            part=form.part.data.upper(),
        )
        said = hours.in_words(checks.hours(team.hours))
        return _("%(name)s works: %(hours)s", name=team.name, hours=said)

    return _saved(number, form, act, "hours")


@pages.post("/hours")
@only(Role.ADMIN)
def echo() -> ResponseReturnValue:
    """What the hours in the field come to, while they are typed."""
    return escape(_echo(WorkForm(request.form).hours.data))


def _echo(typed: str) -> str:
    try:
        return hours.in_words(checks.hours(hours.in_digits(typed)))
    except Refused as refused:
        return spoken(refused.sentence)


@pages.post("/teams/<number:number>/closures")
@only(Role.ADMIN)
def close(number: int) -> ResponseReturnValue:
    """A time during which nobody of it works."""
    form, watch = CloseForm(request.form), my_watch()

    def act(session: Session, team: Team) -> str:
        zone = ZoneInfo(team.zone)
        closure = teams.close(
            session,
            team,
            starts_at=local_time(form.starts_at.data, zone, "starts_at"),
            ends_at=local_time(form.ends_at.data, zone, "ends_at"),
            reason=form.reason.data,
            now=watch.now,
        )
        start = watch.elsewhere(zone).says(closure.starts_at)
        return _("%(name)s is closed from %(time)s: %(why)s.", name=team.name, time=start, why=closure.reason)

    return _saved(number, form, act, "hours")


@pages.post("/teams/<number:number>/closures/<number:closure>/remove")
@only(Role.ADMIN)
def reopen(number: int, closure: int) -> ResponseReturnValue:
    """It works then after all."""

    def act(session: Session, team: Team) -> str:
        return _(
            "%(name)s works then: %(why)s.", name=team.name, why=teams.reopen(session, team, closure).reason
        )

    return _saved(number, Typed(), act, "hours")


@pages.post("/teams/<number:number>/promises")
@only(Role.ADMIN)
def promise(number: int) -> ResponseReturnValue:
    """Its kinds, tries and sender."""
    form = PromiseForm(request.form)

    def act(_session: Session, team: Team) -> str:
        teams.promise(team, kinds=form.kinds.data, tries=form.tries.data, sender=form.sender.data)
        return _("Saved: what %(name)s promises.", name=team.name)

    return _saved(number, form, act, "promises")


@pages.post("/teams/<number:number>/ladder")
@only(Role.ADMIN)
def climb(number: int) -> ResponseReturnValue:
    """The ladder of its new promises; with the Draw button, only show what was typed."""
    form, watch = LadderForm(request.form), my_watch()
    rows = ladders.rows_typed(request.form)
    steps = [step for step in (row.step() for row in rows) if step]
    if form.show.data or len(steps) < len(rows):
        return _page(number, form, rows), 200 if form.show.data else 422

    def act(_session: Session, team: Team) -> str:
        teams.climb_by(team, steps, seen=forms.number(form.seen.data), now=watch.now)
        return _("Promises that are made from now on climb this ladder; those that were made keep theirs.")

    return _saved(number, form, act, "ladder", rows)


def _saved(
    number: int,
    form: Typed,
    act: Callable[[Session, Team], str],
    part: str,
    rows: list[ladders.StepRow] | None = None,
) -> ResponseReturnValue:
    """Do it in one transaction, and say so; or show the page again with the sentence where it belongs."""
    try:
        with house().sessions.begin() as session:
            team = teams.locked(session, number)
            forms.unchanged(form, _values(team).get(type(form)))
            said = act(session, team)
    except NotFound:
        raise
    except Refused as problem:
        complain(form, problem)
        return _page(number, form, rows), 409 if isinstance(problem, Conflict) else 422
    flash(said, "success")
    return redirect(url_for("setup.teams.show", number=number, _anchor=f"part-{part}"))


def _page(number: int, bound: Typed | None = None, rows: list[ladders.StepRow] | None = None) -> str:
    """The page; `bound` is the form that was refused, and `rows` the steps that were typed into it."""
    watch = my_watch()
    with house().readers.begin() as session:
        found = session.execute(
            select(Team, LadderRow).join(LadderRow, LadderRow.id == Team.ladder_id).where(Team.id == number)
        ).one_or_none()
        if found is None:
            raise NotFound(say("There is no team of that number."))
        team, kept = found
        closures = session.scalars(
            select(Closure)
            .where(Closure.team_id == number, Closure.ends_at > watch.now)
            .order_by(Closure.starts_at)
        ).all()
    there = watch.elsewhere(ZoneInfo(team.zone))
    values = _values(team)

    def form(kind: type[Typed]) -> Typed:
        """The refused form where it belongs; everywhere else what is saved."""
        saved = values.get(kind, {})
        shown = bound if bound is not None and type(bound) is kind else kind(MultiDict(saved))
        if saved:
            shown["seen"].data = forms.edition(saved)
        return shown

    work_form = form(WorkForm)
    typed = [step for step in (row.step() for row in rows) if step] if rows else None
    return render_template(
        "setup/team.html",
        team=team,
        kept=kept,
        there=there,
        closures=closures,
        describe_form=form(DescribeForm),
        work_form=work_form,
        close_form=form(CloseForm),
        promise_form=form(PromiseForm),
        ladder_form=form(LadderForm),
        rows=[*rows, *ladders.rows_of(())] if rows else ladders.rows_of(_steps(kept)),
        drawing=ladders.draw(typed or _steps(kept)),
        echo=_echo(work_form["hours"].data),
        coming=hours.next_holidays(team.holidays, there.now.astimezone(there.zone).date()),
        countries=hours.countries(),
        parts=hours.parts(work_form["country"].data),
        effects=ladders.effects(),
        built_in=[kind_word(each) for each in BUILT_IN],
        default_sender=house().settings.twilio_messaging_service_sid or house().settings.twilio_from,
    )


def _steps(ladder: LadderRow) -> list[Step]:
    return list(dict.fromkeys(rung.step for rung in ladder.laid_out.rungs))


def _values(team: Team) -> dict[type[Typed], dict[str, str]]:
    """What each form about the team itself would hold, had nobody typed anything."""
    country, _dash, part = (team.holidays or "").partition("-")
    return {
        DescribeForm: {
            "name": team.name,
            "zone": team.zone,
            "region": team.region,
            "language": team.language,
        },
        WorkForm: {"hours": hours.to_type(team.hours), "country": country, "part": part},
        PromiseForm: {
            "kinds": ", ".join(team.kinds),
            "tries": str(team.tries),
            "sender": team.sender or "",
        },
    }
