"""What do the rows say about how a commitment ended? The evidence, gathered for the pure verdict."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, bindparam, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from tracker.model import Attempt, Commitment, Instant, Revision
from tracker.policy.outcomes import Change, Evidence, Try


def gather(session: Session, commitments: Sequence[Commitment]) -> dict[int, Evidence]:
    """The evidence for commitments by id: one query, however many they are."""
    changes: dict[int, list[Change]] = defaultdict(list)
    tries: dict[int, list[Try]] = defaultdict(list)
    ids = [each.id for each in commitments]
    for row in session.execute(_happened(), {"ids": ids}):
        if row.disposition is None:
            changes[row.commitment_id].append(Change(row.at, row.due_at, row.told_at))
        else:
            tries[row.commitment_id].append(Try(row.at, row.disposition))
    return {
        each.id: Evidence(each.first_due_at, changes[each.id], tries[each.id], each.reopened_at)
        for each in commitments
    }


@cache
def _happened() -> CompoundSelect[*tuple[Any, ...]]:
    """What was tried and what was promised anew, each in the order it happened."""
    these: BindParameter[Any] = bindparam("ids", expanding=True)
    nothing = type_coerce(null(), Instant())
    tries = (
        select(Attempt.commitment_id, Attempt.at, Attempt.disposition)
        .add_columns(nothing.label("due_at"), nothing.label("told_at"))
        .add_columns(null().label("due_version"), Attempt.id.label("number"))
        .where(Attempt.commitment_id.in_(these), Attempt.undone_at.is_(None))
    )
    changes = (
        select(Revision.commitment_id, Revision.made_at, null(), Revision.due_at, Revision.told_at)
        .add_columns(Revision.due_version, Revision.id)
        .where(Revision.commitment_id.in_(these))
    )
    return union_all(tries, changes).order_by("commitment_id", "due_version", "at", "number")
