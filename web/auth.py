"""Who is looking? Log-ins by e-mail and password, and what a role may open."""

from collections.abc import Callable
from datetime import datetime
from functools import cache, wraps
from typing import ParamSpec, cast

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from tracker import people
from tracker.heartbeat import LAST_SIGN, silent_since
from tracker.languages import PAGES
from tracker.model import Person, Role
from tracker.policy.checks import Refused
from web.context import house, watch
from web.forms import LogInForm, complain
from web.i18n import _, language
from web.times import Watch

pages = Blueprint("auth", __name__)
csrf = CSRFProtect()
logins = LoginManager()
P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


class LoggedIn(UserMixin):
    """A person behind a session cookie. The cookie holds their session key: a new password makes a new key."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        """What the cookie remembers."""
        return f"{self.person.id}.{self.person.session_key}"


class Cookies(SecureCookieSessionInterface):
    """The session cookie, renewed by every page and by nothing that a page asks for in the background: such an answer
    may come after that to a form, and would put back the cookie as it was before it."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return "X-Fragment" not in request.headers and super().should_set_cookie(app, session)


def prepare(app: Flask) -> None:
    """Sessions, and a token in every form that changes something."""
    app.session_interface = Cookies()
    csrf.init_app(app)
    logins.init_app(app, add_context_processor=False)  # an error page must not need the database
    logins.user_loader(_load)
    logins.unauthorized_handler(_ask_to_log_in)
    app.context_processor(_for_templates)


@cache
def _behind_a_cookie() -> Select[Person, datetime | None]:
    """The person with that `:number` and `:key`. Put together once, for every page asks it."""
    return (
        select(Person, LAST_SIGN.label("last_sign"))
        .where(Person.id == bindparam("number"), Person.session_key == bindparam("key"), Person.active)
        .options(joinedload(Person.team))
    )


def _load(token: str) -> LoggedIn | None:
    number, _dot, key = token.partition(".")
    with house().readers.begin() as db:
        found = db.execute(_behind_a_cookie(), {"number": int(number), "key": key}).one_or_none()
    if found is None:
        return None
    g.silent_since = silent_since(found.last_sign, now=house().clock())
    return LoggedIn(found.Person)


def _ask_to_log_in() -> ResponseReturnValue:
    if request.headers.get("X-Fragment"):
        return _("Log in again."), 401, {"Content-Type": "text/plain; charset=utf-8"}
    if request.method != "GET":
        return form_after_log_in()
    back = request.full_path.rstrip("?")
    return redirect(url_for("auth.log_in", next=None if back == "/" else back))


def form_after_log_in() -> ResponseReturnValue:
    """For a form that came when its sender was logged out: the log-in page, then the page that the form stands on,
    where their browser puts back what they had typed."""
    said = _("You were logged out meanwhile: nothing was saved. Log in, and what you typed is there again.")
    flash(said, "warning")
    return redirect(url_for("auth.log_in", next=_page_of_form()))


def _page_of_form() -> str | None:
    """The address that shows the form sent to this one: the same, or that above it."""
    routes = current_app.create_url_adapter(request)
    above, _slash, act = request.path.rpartition("/")
    if routes is None or routes.test(request.path, "GET"):
        return request.path
    return f"{above}?do={act}" if above and routes.test(above, "GET") else None


def nobody_is_logged_in() -> bool:
    """Did this request come without a log-in?"""
    return _viewer() is None


def _viewer() -> Person | None:
    """The person who is logged in, if anybody is."""
    user = cast(LoggedIn | AnonymousUserMixin, current_user)
    return user.person if isinstance(user, LoggedIn) else None


def me() -> Person:
    """The person who is logged in, as they were when the request came; for reading and for templates."""
    return _viewer() or abort(401)


def acting(db: Session) -> Person:
    """The person who is logged in, as a row of this session: for operations."""
    return db.get_one(Person, me().id, options=[joinedload(Person.team)])


def my_watch() -> Watch:
    """This moment in the zone of the person who is logged in."""
    return watch(me().zone)


def only(*roles: Role) -> Callable[[View[P]], View[P]]:
    """A page for people of these roles; 403 for others who are logged in."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            viewer = _viewer()
            if viewer is None:
                return _ask_to_log_in()
            if viewer.role not in roles:
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return guard


def everyone(view: View[P]) -> View[P]:
    """A page for everybody who is logged in."""
    return only(*Role)(view)


def steers(person: Person) -> bool:
    """Does their role steer a team, and not only work its promises?"""
    return person.role in (Role.SUPERVISOR, Role.ADMIN)


def _for_templates() -> dict[str, object]:
    return {"viewer": _viewer, "steers": steers, "stalled": _stalled, "Role": Role, "this_page": _this_page}


def _stalled() -> str | None:
    """Since when no worker has been heard of, as the viewer reads times; None while one is working."""
    since = g.get("silent_since")
    return my_watch().says(since) if since is not None and _viewer() is not None else None


@pages.route("/login", methods=["GET", "POST"])
def log_in() -> ResponseReturnValue:
    """The log-in page. A wrong pair gets one sentence that does not tell which of the two was wrong."""
    form = LogInForm(request.form)
    if request.method == "GET":
        if _viewer():
            return redirect(_safe(request.args.get("next", "")))
        return render_template("login.html", form=form)
    try:
        with house().sessions.begin() as db:
            person = people.log_in(
                db, email=form.email.data, password=form.password.data, now=watch("UTC").now
            )
        if person is None:
            raise Refused(_("E-mail address and password do not belong together: check both."), "password")
    except Refused as problem:
        complain(form, problem)
        return render_template("login.html", form=form), 422
    session.clear()
    session.permanent = True
    login_user(LoggedIn(person))
    return redirect(_safe(request.args.get("next", "")))


@pages.post("/logout")
def log_out() -> ResponseReturnValue:
    """Ends this log-in."""
    spoken, goodbye = language(), _("You are logged out.")
    logout_user()
    session.clear()
    session["language"] = spoken
    flash(goodbye, "success")
    return redirect(url_for("auth.log_in"))


@pages.post("/language")
def speak() -> ResponseReturnValue:
    """The pages speak another language: kept with the person, or before a log-in with this browser."""
    chosen = request.form.get("language", "")
    if chosen not in PAGES:
        raise Refused(_("Choose one of these languages."), "language")
    if _viewer() is None:
        session["language"] = chosen
    else:
        with house().sessions.begin() as db:
            acting(db).language = chosen
    return redirect(_safe(request.form.get("next", "")))


def _this_page() -> str:
    """The address to come back to: of this page, or of the one whose form was sent."""
    return (
        request.full_path.rstrip("?") if request.method == "GET" else _page_of_form() or url_for("desk.desk")
    )


def _safe(target: str) -> str:
    """Where to go after the log-in: a page of ours, whatever the address says."""
    ours = target.startswith("/") and not target.startswith("//") and target.isprintable()
    return target if ours and "\\" not in target else url_for("desk.desk")
