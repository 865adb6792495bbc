"""Which promises count, and how are they put into groups?"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.model import Commitment, Person, Team
from tracker.policy.outcomes import KEPT, Verdict
from tracker.policy.said import Said, say
from tracker.reports.figures import Scope

Key = TypeVar("Key")

KEPT_OF: Mapping[str, Said] = {"kept": say("Kept"), "counted": say("Counted")}
"""The columns of every report about the kept rate."""
COUNTED = (Commitment.verdict.is_not(None), Commitment.verdict != Verdict.NOT_COUNTED)


@dataclass(frozen=True, slots=True)
class Ending:
    """One closed commitment that counts."""

    id: int
    team: str
    kind: str
    owner_id: int
    owner: str
    first_due_at: datetime
    verdict: Verdict

    @property
    def kept(self) -> bool:
        """On time, or as renegotiated?"""
        return self.verdict in KEPT


def endings(session: Session, scope: Scope) -> list[Ending]:
    """The commitments first due in that time that are closed and count, in order of their due time."""
    rows = session.execute(
        select(
            Commitment.id,
            Team.name,
            Commitment.kind,
            Commitment.owner_id,
            Person.name,
            Commitment.first_due_at,
            Commitment.verdict,
        )
        .join(Team, Team.id == Commitment.team_id)
        .join(Person, Person.id == Commitment.owner_id)
        .where(scope.fell_due(), *COUNTED)
        .order_by(Commitment.first_due_at, Commitment.id)
        .execution_options(yield_per=1000)
    )
    return [Ending(*row[:-1], row.verdict) for row in rows if row.verdict]


def kept_of(them: Iterable[Ending]) -> dict[str, list[int]]:
    """The counts of one row: how many were kept, of how many."""
    all_ = list(them)
    return {"kept": [each.id for each in all_ if each.kept], "counted": [each.id for each in all_]}


def grouped(them: Iterable[Ending], key: Callable[[Ending], Key]) -> dict[Key, list[Ending]]:
    """By whatever the key says."""
    groups: dict[Key, list[Ending]] = defaultdict(list)
    for each in them:
        groups[key(each)].append(each)
    return groups


def percent(hits: int, total: int) -> int:
    """A share as people say it; 0 of nothing."""
    return round(100 * hits / total) if total else 0
