"""How is the whole house doing? Figures for a monitor, as Prometheus reads them: counts only, nothing about persons.

They answer without a log-in only where Tracker serves this machine alone: behind a reverse proxy every request seems
to come from this machine. Anywhere else they take the token of an administrator, who may see every team.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from ipaddress import ip_address
from math import inf
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, Unauthorized

from tracker.delivery.senders import paused
from tracker.model import Commitment, Heartbeat, Message, MessageStatus, Person, Role, Team
from tracker.queries import at_risk, is_open, present
from web.api.access import CHALLENGE, bearer
from web.context import house

pages = Blueprint("metrics", __name__)
TEXT = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")

Samples = Iterable[tuple[Mapping[str, str], float]]
"""Labels, and the figure."""


@pages.get("/metrics")
def metrics() -> Response:
    """All gauges of this moment: six queries, each into a partial index."""
    if not _on_this_machine():
        person = bearer()
        if person is None:
            raise Unauthorized(www_authenticate=CHALLENGE)
        if person.role is not Role.ADMIN:
            raise Forbidden
    with house().readers.begin() as session:
        told = "".join(_told(session, house().clock()))
    return Response(told, content_type=TEXT, headers={"Cache-Control": "no-store"})


def _on_this_machine() -> bool:
    """Does this machine ask itself, at an address that no other reaches?"""
    names = (request.remote_addr, urlsplit(f"//{request.host}").hostname)
    served = urlsplit(house().settings.public_url).hostname
    return all(_is_loopback(name) for name in (*names, served)) and not any(
        name in request.headers for name in FORWARDED
    )


def _is_loopback(name: str | None) -> bool:
    try:
        return name == "localhost" or ip_address(name or "").is_loopback
    except ValueError:
        return False


def _told(session: Session, now: datetime) -> Iterable[str]:
    yield from _promises(session, now)
    overdue = select(func.count()).where(Commitment.next_step_at <= now)
    yield gauge(
        "steps_overdue", "Steps of the ladder whose time has come.", [({}, session.scalar(overdue) or 0)]
    )
    yield from _texts(session, now)
    stopped = paused(session) is not None
    yield gauge(
        "sending_paused", "1 while nothing leaves because the provider refuses our account.", [({}, stopped)]
    )
    beat = session.scalar(select(func.max(Heartbeat.at)))
    silent = (now - beat).total_seconds() if beat else inf
    help = "Since a worker was last heard of; +Inf before the first ever started."
    yield gauge("worker_silence_seconds", help, [({}, silent)])


def _promises(session: Session, now: datetime) -> Iterable[str]:
    names = dict(session.execute(select(Team.id, Team.name).order_by(Team.name)).all())
    gone = select(Person.id).where(~present(now))
    counted = (
        select(
            Commitment.team_id,
            func.count().label("open"),
            func.count().filter(Commitment.due_at <= now).label("late"),
            func.count().filter(at_risk(now)).label("at_risk"),
            func.count().filter(Commitment.owner_id.in_(gone)).label("unowned"),
        )
        .where(is_open())
        .group_by(Commitment.team_id)
    )
    rows = {row.team_id: row for row in session.execute(counted)}
    for name, help in (
        ("open", "Promises that are still to be kept."),
        ("late", "Open promises whose due time has passed."),
        ("at_risk", "Open promises, not yet due, that are unlikely to be kept."),
        ("unowned", "Open promises whose owner is away or has left."),
    ):
        samples = [
            ({"team": team}, getattr(rows[number], name) if number in rows else 0)
            for number, team in names.items()
        ]
        yield gauge(f"promises_{name}", help, samples)


def _texts(session: Session, now: datetime) -> Iterable[str]:
    waiting = select(func.count(), func.min(Message.made_at), func.min(Message.send_after)).where(
        Message.status == MessageStatus.PENDING
    )
    pending, made_at, send_after = session.execute(waiting).one()
    doubtful = (
        select(func.count())
        .join_from(Commitment, Message, Message.commitment_id == Commitment.id)
        .where(is_open(), Message.status == MessageStatus.UNKNOWN)
    )
    unknown = session.scalar(doubtful) or 0
    by_status = [({"status": "pending"}, pending), ({"status": "unknown"}, unknown)]
    yield gauge("texts", "Texts that wait, and those about open promises of which nobody knows.", by_status)
    age = (now - made_at).total_seconds() if made_at else 0
    yield gauge("texts_oldest_pending_seconds", "Since the oldest text that waits was written.", [({}, age)])
    behind = max(0, (now - send_after).total_seconds()) if send_after else 0
    yield gauge("texts_behind_seconds", "Since a text that waits might have left.", [({}, behind)])


def gauge(name: str, help: str, samples: Samples) -> str:
    """One figure, with or without labels, in the text format."""
    lines = [f"# HELP tracker_{name} {help}", f"# TYPE tracker_{name} gauge"]
    for labels, value in samples:
        within = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        figure = "+Inf" if value == inf else f"{value:.15g}"
        lines.append(f"tracker_{name}{{{within}}} {figure}" if within else f"tracker_{name} {figure}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
