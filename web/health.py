"""Is this process fit to serve? For load balancers and monitors; no log-in, and one line that says what is wrong."""

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from tracker import migrating
from tracker.audit import overdue
from tracker.heartbeat import LAST_SIGN, silent_since
from web.context import house

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def healthz() -> tuple[str, int, dict[str, str]]:
    """200 while the database answers, somebody works, and the work gets done; with another line than `ok` while all
    that is done, but texts wait long for their sender's turn. For a balancer of web processes `/readyz` is the one:
    this process can serve pages although every worker is silent."""
    now, sms = house().clock(), house().channels.get("sms")
    try:
        with house().readers.begin() as session:
            since = silent_since(session.scalar(select(LAST_SIGN)), now=now)
            late = overdue(session, usual_sender=sms.sender if sms else "", now=now)
    except SQLAlchemyError:
        return _plain("the database does not answer, or is not migrated\n", 503)
    if since is not None:
        return _plain(f"no worker has been heard of since {since.isoformat()}: start tracker worker\n", 503)
    if late is not None:
        return _plain(f"{late.sentence}\n", 503 if late.still else 200)
    return _plain("ok\n", 200)


@pages.get("/readyz")
def readyz() -> tuple[str, int, dict[str, str]]:
    """200 once the database is migrated."""
    try:
        ready = migrating.is_current(house().engine)
    except SQLAlchemyError:
        return _plain("the database does not answer\n", 503)
    return _plain("ready\n", 200) if ready else _plain("not migrated: run tracker db upgrade\n", 503)


def _plain(answer: str, status: int) -> tuple[str, int, dict[str, str]]:
    return answer, status, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
