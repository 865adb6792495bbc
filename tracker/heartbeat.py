"""Is anybody working? Each worker says so every few seconds; when all are silent, pages and `/healthz` tell."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from tracker.model import Heartbeat

SILENT_AFTER = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=1)
LAST_SIGN = select(func.max(Heartbeat.at)).scalar_subquery()
"""The last sign of any worker, as a column: each page asks for it together with who is looking."""


def beat(sessions: sessionmaker[Session], worker: str, *, now: datetime) -> None:
    """This worker is here. Those that have not been for a day are forgotten."""
    with sessions.begin() as session:
        session.execute(delete(Heartbeat).where(Heartbeat.at < now - FORGOTTEN_AFTER))
        seen = session.scalar(
            update(Heartbeat).where(Heartbeat.worker == worker).values(at=now).returning(Heartbeat.id)
        )
        if seen is None:
            session.add(Heartbeat(worker=worker, at=now))


def silent_since(last: datetime | None, *, now: datetime) -> datetime | None:
    """The last sign of any worker, if that is more than a minute ago; None while one is working, and before the
    first ever started."""
    return last if last is not None and now - last > SILENT_AFTER else None
