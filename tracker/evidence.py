"""What do the rows say about how a commitment ended? The evidence, gathered for the pure verdict."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.model import Attempt, Commitment, Revision
from tracker.policy.outcomes import Change, Evidence, Try


def gather(session: Session, commitments: Sequence[Commitment]) -> dict[int, Evidence]:
    """The evidence for closed commitments by id: two queries, however many they are."""
    ids = [commitment.id for commitment in commitments]
    changes: dict[int, list[Change]] = defaultdict(list)
    tries: dict[int, list[Try]] = defaultdict(list)
    for row in session.execute(
        select(Revision.commitment_id, Revision.made_at, Revision.due_at, Revision.told_at)
        .where(Revision.commitment_id.in_(ids))
        .order_by(Revision.commitment_id, Revision.due_version)
    ):
        changes[row.commitment_id].append(Change(row.made_at, row.due_at, row.told_at))
    for tried in session.execute(
        select(Attempt.commitment_id, Attempt.at, Attempt.disposition)
        .where(Attempt.commitment_id.in_(ids))
        .order_by(Attempt.commitment_id, Attempt.at, Attempt.id)
    ):
        tries[tried.commitment_id].append(Try(tried.at, tried.disposition))
    return {
        each.id: Evidence(
            each.first_due_at,
            changes[each.id],
            tries[each.id],
            each.outcome,
            each.closed_at,
            each.reopened_at,
        )
        for each in commitments
        if each.outcome is not None and each.closed_at is not None
    }
