"""Which words does a team use? Each kind of text in each language, the built-in words beside it, on a phone."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import teams
from tracker.languages import catalogue
from tracker.model import Role, Team, Wording
from tracker.policy import segments, tone
from tracker.policy.asking import reference
from tracker.policy.checks import Conflict, NotFound, Refused
from tracker.policy.segments import Segments
from tracker.policy.texts import language as language_table
from tracker.policy.wording import (
    CUSTOMER_KINDS,
    PLACEHOLDERS,
    STAFF_ONLY,
    Facts,
    Problem,
    TextKind,
    check_template,
    render,
)
from web.auth import acting, my_watch, only
from web.context import house
from web.forms import Line, Typed, complain
from web.i18n import N_, _
from web.words import LANGUAGES, language_choices

SAMPLE = N_("the refund for order 1042")
"""What the promise of the preview is about; said in the language of the text, not of the page."""

pages = Blueprint("texts", __name__, url_prefix="/teams/<number:number>/texts")


class WordsForm(Typed):
    """A team's own words; `seen`: the edition that the editor started from; `show`: only preview; `drop`: the
    built-in words again."""

    template = Line()
    seen = Line()
    show = Line()
    drop = Line()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a customer would read, what it costs, and what speaks against it."""

    body: str
    cost: Segments
    problems: list[Problem]
    tone: list[tone.Finding]


def kinds() -> dict[TextKind, str]:
    """When each kind of text is sent, in words; those to customers first."""
    return {
        TextKind.PROMISED: _("A promise was made"),
        TextKind.RENEGOTIATED: _("Another time was agreed"),
        TextKind.HANDED_OVER: _("Somebody else calls now"),
        TextKind.APOLOGY: _("We are late"),
        TextKind.UNREACHED: _("We tried and did not reach them"),
        TextKind.KEPT_IT: _("Did we keep it?"),
        TextKind.SAY_MORE: _("We did not understand their answer"),
        TextKind.REMINDER: _("It is due soon"),
        TextKind.DUE: _("It is due now"),
        TextKind.ESCALATION: _("It is late: to the supervisors"),
        TextKind.STILL_OPEN: _("It is still open: to the supervisors"),
        TextKind.YOURS_NOW: _("It is yours now"),
        TextKind.CALL_WANTED: _("The customer wants a call at once"),
        TextKind.CHOSEN: _("The customer chose another time"),
        TextKind.NOT_KEPT: _("The customer says it was not kept"),
        TextKind.USE_THE_PAGE: _("Your code fits no text of ours"),
        TextKind.UNCOVERED: _("Nobody is on duty when it is due"),
    }


@pages.get("")
@only(Role.ADMIN)
def overview(number: int) -> ResponseReturnValue:
    """Every text of the team in one language, its own words or the built-in ones."""
    with house().readers.begin() as session:
        team = session.get(Team, number) or abort(404)
        language = _language(request.args.get("language") or team.language)
        own = {
            row.kind: row.template
            for row in session.scalars(
                select(Wording).where(Wording.team_id == number, Wording.language == language)
            )
        }
    return render_template(
        "setup/texts.html",
        team=team,
        in_language=language,
        languages=dict(language_choices()),
        own=own,
        built_in=language_table(language).templates,
        groups=(
            (_("To customers"), {kind: said for kind, said in kinds().items() if kind in CUSTOMER_KINDS}),
            (
                _("To colleagues"),
                {kind: said for kind, said in kinds().items() if kind not in CUSTOMER_KINDS},
            ),
        ),
    )


@pages.get("/<language>/<kind>")
@only(Role.ADMIN)
def show(number: int, language: str, kind: str) -> ResponseReturnValue:
    """The editor of one text."""
    return _page(number, _kind(kind), _language(language))


@pages.post("/<language>/<kind>")
@only(Role.ADMIN)
def save(number: int, language: str, kind: str) -> ResponseReturnValue:
    """Use these words from now on; with the Preview button, only show what they come to."""
    form, which, language = WordsForm(request.form), _kind(kind), _language(language)
    if form.show.data:
        return _page(number, which, language, form)
    template = "" if form.drop.data else form.template.data
    watch = my_watch()
    try:
        if not form.drop.data and not template.strip():
            raise Refused(_("Write the text, or press the button for the built-in words."), "template")
        with house().sessions.begin() as session:
            team, by = teams.locked(session, number), acting(session)
            teams.say(session, team, which, language, template, seen=form.seen.data, by=by, now=watch.now)
    except NotFound:
        raise
    except Refused as problem:
        complain(form, problem)
        return _page(number, which, language, form), 409 if isinstance(problem, Conflict) else 422
    said = _("Texts that leave from now on say it so.")
    if form.drop.data:
        said = _("Texts that leave from now on use the built-in words.")
    flash(said, "success")
    return redirect(url_for("setup.texts.show", number=number, language=language, kind=which.value))


@pages.post("/<language>/<kind>/preview")
@only(Role.ADMIN)
def preview(number: int, language: str, kind: str) -> ResponseReturnValue:
    """What the words in the form come to, while they are typed."""
    which, language, form = _kind(kind), _language(language), WordsForm(request.form)
    with house().readers.begin() as session:
        team = session.get(Team, number) or abort(404)
    return render_template("setup/preview.html", preview=_preview(team, which, language, form.template.data))


def _page(number: int, kind: TextKind, language: str, form: WordsForm | None = None) -> str:
    with house().readers.begin() as session:
        team = session.get(Team, number) or abort(404)
        own = teams.own_words(session, team, kind, language)
    built_in = language_table(language).templates[kind]
    if form is None:
        form = WordsForm()
        form.template.data = own.template if own else built_in
    allowed = {
        name: meaning
        for name, meaning in PLACEHOLDERS.items()
        if kind not in CUSTOMER_KINDS or name not in STAFF_ONLY
    }
    return render_template(
        "setup/text.html",
        team=team,
        kind=kind,
        in_language=language,
        languages=dict(language_choices()),
        label=kinds()[kind],
        form=form,
        own=own,
        seen=teams.edition(own),
        built_in=built_in,
        placeholders=allowed,
        preview=_preview(team, kind, language, form.template.data),
    )


def _preview(team: Team, kind: TextKind, language: str, template: str) -> Preview:
    """The text to a customer of this team who was promised a call in two hours."""
    watch = my_watch()
    due_at = (watch.now + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    sample = Facts(
        given_name="Maria",
        customer_name="Maria Lopez",
        customer_phone="+14155550123",
        topic=catalogue(language).gettext(SAMPLE),
        commitment_kind="callback",
        owner_given_name="Ana",
        team=team.name,
        due_at=due_at,
        first_due_at=due_at,
        zone=team.zone,
        next_at=due_at + timedelta(hours=1),
        link=f"{house().settings.public_url}/c/1a2b3c4d5e6f7" if kind in CUSTOMER_KINDS else "",
        reference=reference(1042),
    )
    template = " ".join(template.split())
    body = render(kind, sample, language=language, now=watch.now, templates={kind: template})
    return Preview(
        body,
        segments.count(body),
        check_template(kind, template),
        tone.check(template, language) if kind in CUSTOMER_KINDS else [],
    )


def _language(tag: str) -> str:
    return tag if tag in LANGUAGES else abort(404)


def _kind(word: str) -> TextKind:
    try:
        return TextKind(word)
    except ValueError:
        abort(404)
