"""What is told of a promise? Rows become what goes over the wire."""

from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.model import Attempt, Event, Person, Revision
from tracker.policy.checks import NotFound
from tracker.queries import history, one, texts
from web.api.shown import (
    AttemptShown,
    CommitmentInFull,
    EventShown,
    MessageShown,
    RevisionShown,
)

Signed = TypeVar("Signed", AttemptShown, RevisionShown, EventShown)


def in_full(session: Session, number: int, viewer: Person) -> CommitmentInFull:
    """The promise and all that became of it: five queries. Raises NotFound outside the viewer's team boundary."""
    commitment = session.scalar(one(number, viewer))
    if commitment is None:
        raise NotFound(f"There is no promise number {number} in your team.")
    attempts = _with_names(Attempt).where(Attempt.commitment_id == number).order_by(Attempt.at, Attempt.id)
    revisions = _with_names(Revision).where(Revision.commitment_id == number).order_by(Revision.due_version)
    shown = CommitmentInFull.model_validate(commitment)
    shown.attempts = [_by(AttemptShown, *row) for row in session.execute(attempts)]
    shown.revisions = [_by(RevisionShown, *row) for row in session.execute(revisions)]
    shown.messages = [MessageShown.model_validate(each) for each in session.scalars(texts(commitment))]
    shown.events = [_by(EventShown, *row) for row in session.execute(history(commitment))]
    return shown


def _with_names(rows: type[Attempt] | type[Revision]) -> Select[Any, str | None]:
    return select(rows, Person.name).outerjoin(Person, Person.id == rows.by_id)


def _by(model: type[Signed], row: Attempt | Revision | Event, name: str | None) -> Signed:
    """The row, with the name of who did it."""
    told = {field: getattr(row, field) for field in model.model_fields if field != "by"}
    return model.model_validate({**told, "by": name})
