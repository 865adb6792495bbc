"""What does a person see when something does not work? What happened, and what to do now."""

import logging
from collections.abc import Mapping

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import Conflict as SomebodyWasFaster
from werkzeug.exceptions import HTTPException

from tracker import migrating
from tracker.policy.checks import Conflict, NotFound, Refused
from web import sorry
from web.api import problems
from web.auth import form_after_log_in, nobody_is_logged_in
from web.context import house
from web.i18n import N_, _, unasked
from web.spoken import spoken

log = logging.getLogger(__name__)

WORDS: Mapping[int, tuple[str, str]] = {
    400: (N_("We could not read that"), N_("Go back, look at what you sent, and try again.")),
    403: (N_("This is not yours to open"), N_("Ask a supervisor, or go back to your desk.")),
    404: (
        N_("There is nothing here"),
        N_("The address may be mistyped, or it belongs to another team. Start again from your desk."),
    ),
    405: (N_("That does not work from here"), N_("Open the page again and use its buttons.")),
    409: (N_("Somebody was faster"), N_("Look at it again and repeat what is still needed.")),
    413: (N_("That is too much at once"), N_("Shorten what you typed and send it again.")),
    422: (N_("That will not do"), N_("Go back, mend it, and send it again.")),
    500: (
        N_("Something broke on our side"),
        N_("Nothing was saved. Try again; if it happens again, tell whoever runs this program the time."),
    ),
}
UNMIGRATED = (
    N_("The database is not ready"),
    N_(
        "Whoever runs this program must bring it up to date: run tracker db upgrade, then load this page again."
    ),
)
NO_DATABASE = (
    N_("The database does not answer"),
    N_("Nothing was saved. Wait a moment and try again; if it lasts, tell whoever runs this program."),
)
TAKEN = "23505"
"""How PostgreSQL says that there is such a row already. It was not there when we looked; on SQLite, where writers
wait for one another, that cannot be."""


def prepare(app: Flask) -> None:
    """One look for every error, whoever raises it."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(Exception, _broken)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    if problems.concerns_a_program():
        return problems.failed(code, error)
    if sorry.concerns_a_customer():
        return sorry.page(code, error)
    title, advice = WORDS.get(code, (error.name, N_("Go back to your desk and try again.")))
    if code >= 500:
        return _bare(code, title, advice)
    headers = {"Allow": error.get_response().headers["Allow"]} if code == 405 else {}
    return render_template("error.html", code=code, title=_(title), advice=_(advice)), code, headers


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    if request.endpoint != "auth.log_in" and nobody_is_logged_in():
        return form_after_log_in()
    advice = _(
        "It was made before your last log-in, or cookies are switched off. Go back in your browser (what you "
        "typed is still there), copy it, load the page again and send it once more."
    )
    return render_template("error.html", code=400, title=_("This form is too old"), advice=advice), 400


def _refused(problem: Refused) -> ResponseReturnValue:
    code = 404 if isinstance(problem, NotFound) else 409 if isinstance(problem, Conflict) else 422
    if sorry.concerns_a_customer():
        return sorry.page(code)
    title, advice = WORDS[code]
    said = f"{spoken(problem.sentence)} {_(advice)}"
    return render_template("error.html", code=code, title=_(title), advice=said), code


def _database(error: SQLAlchemyError) -> ResponseReturnValue:
    try:
        if not migrating.is_current(house().engine):
            return _bare(503, *UNMIGRATED)
    except SQLAlchemyError:
        return _bare(503, *NO_DATABASE)
    if isinstance(error, OperationalError):
        log.exception("the database failed at %s", request.path)
        return _bare(503, *NO_DATABASE)
    if isinstance(error, IntegrityError) and getattr(error.orig, "sqlstate", None) == TAKEN:
        log.warning("of two at once the other was first at %s: %s", request.path, error.orig)
        return _http(SomebodyWasFaster())
    return _broken(error)


def _broken(_error: Exception) -> ResponseReturnValue:
    log.exception("%s %s broke", request.method, request.path)
    return _bare(500, *WORDS[500])


def _bare(code: int, title: str, advice: str) -> ResponseReturnValue:
    """A page that asks the database for nothing, not even for who is looking."""
    if problems.concerns_a_program():
        return problems.failed(code)
    if sorry.concerns_a_customer():
        return sorry.page(code)
    unasked()
    page = render_template("error.html", code=code, title=_(title), advice=_(advice), viewer=lambda: None)
    return page, code
