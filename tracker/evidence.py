"""What do the rows say about how a commitment ended? The evidence, gathered for the pure verdict."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from tracker.model import Attempt, Commitment, Revision
from tracker.policy.outcomes import Change, Evidence, Try


def gather(session: Session, commitments: Sequence[Commitment]) -> dict[int, Evidence]:
    """The evidence for commitments by id: at most two queries, however many they are."""
    ids = [each.id for each in commitments]
    moved = [each.id for each in commitments if each.due_version > 1]
    changes: dict[int, list[Change]] = defaultdict(list)
    tries: dict[int, list[Try]] = defaultdict(list)
    for revision in session.execute(_revisions(), {"ids": moved}) if moved else ():
        change = Change(revision.made_at, revision.due_at, revision.told_at)
        changes[revision.commitment_id].append(change)
    for attempt in session.execute(_attempts(), {"ids": ids}):
        tries[attempt.commitment_id].append(Try(attempt.at, attempt.disposition))
    return {
        each.id: Evidence(each.first_due_at, changes[each.id], tries[each.id], each.reopened_at)
        for each in commitments
    }


@cache
def _revisions() -> Select[*tuple[object, ...]]:
    return (
        select(Revision.commitment_id, Revision.made_at, Revision.due_at, Revision.told_at)
        .where(Revision.commitment_id.in_(bindparam("ids", expanding=True)))
        .order_by(Revision.commitment_id, Revision.due_version)
    )


@cache
def _attempts() -> Select[*tuple[object, ...]]:
    return (
        select(Attempt.commitment_id, Attempt.at, Attempt.disposition)
        .where(Attempt.commitment_id.in_(bindparam("ids", expanding=True)), Attempt.undone_at.is_(None))
        .order_by(Attempt.commitment_id, Attempt.at, Attempt.id)
    )
