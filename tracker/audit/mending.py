"""What can be put right without guessing? Each mend looks again under the commitment's lock, and says what it did."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tracker import outbox
from tracker.duty import team_calendar
from tracker.model import Commitment, Event, EventKind, Person, table_of
from tracker.policy.wording import TextKind
from tracker.takeover import Here


def mended(session: Session, rule: str, number: int, now: datetime) -> str | None:
    """Mend that finding; what was done, in a sentence. None when there is nothing to mend any more, or nobody to
    mend it with."""
    commitment = session.scalar(
        select(Commitment).where(Commitment.id == number).with_for_update(of=Commitment, key_share=True)
    )
    how = None if commitment is None else MENDS[rule](session, commitment, now)
    if commitment is not None and how is not None:
        session.flush()
        session.execute(
            insert(table_of(Event)).values(
                commitment_id=number,
                at=now,
                kind=EventKind.MENDED,
                due_version=commitment.due_version,
                facts={"rule": rule, "text": how},
            )
        )
    return how


def _find_owner(session: Session, commitment: Commitment, now: datetime) -> str | None:
    was = commitment.owner
    if commitment.closed_at is not None or (was.active and was.team_id == commitment.team_id):
        return None
    chosen = Here(now).take(session, commitment.team_id, was.id)
    if chosen is None:
        return None
    commitment.owner = session.get_one(Person, chosen.id)
    outbox.to_person(session, commitment, commitment.owner, TextKind.YOURS_NOW, now=now)
    why = "is of another team" if was.active else "has left"
    return f"{was.name} {why}: {chosen.name} answers for it now."


def _put_on_ladder(session: Session, commitment: Commitment, now: datetime) -> str | None:
    if commitment.closed_at is not None:
        if commitment.next_step_at is None:
            return None
        commitment.next_step = commitment.next_step_at = None
        return "It was closed with a step ahead: no step is ahead any more."
    climbed = session.scalar(
        select(func.max(Event.step)).where(
            Event.commitment_id == commitment.id, Event.due_version == commitment.due_version
        )
    )
    ahead = commitment.next_step
    if commitment.next_step_at is not None and ahead is not None and (climbed is None or ahead > climbed):
        return None
    ladder, due_at = commitment.ladder.laid_out, commitment.due_at
    calendar = team_calendar(session, commitment.team) if ladder.working else None
    if climbed is None:
        step = ladder.first(
            due_at, now=commitment.made_at, calendar=calendar
        )  # what was missed meanwhile is climbed, not skipped
    else:
        step = ladder.after(climbed, due_at, now=now, calendar=calendar)
    commitment.next_step, commitment.next_step_at = step, ladder.at(step, due_at, calendar)
    return f"It was open without exactly one step ahead: step {step} is the next one now."


MENDS: Mapping[str, Callable[[Session, Commitment, datetime], str | None]] = {
    "one owner": _find_owner,
    "one next step": _put_on_ladder,
}
"""What can be mended, by the name of its rule. The rest needs a person: an overdue step needs a worker, a text has
left, and when verdict and evidence disagree nobody can say from the rows which of the two was changed. A message
whose lease has run out is settled by delivery itself."""
