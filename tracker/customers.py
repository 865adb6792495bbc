"""What may a customer do without us? Choose another time, leave a note, ask for no texts, and say how it went.

They come by their page or by text; who they are was proven before. Every function takes the caller's session, locks
the commitment and never commits. The same said twice, from two windows or by a second press, counts once. What is
refused is told to the customer themselves: each sentence is kind, and is there in every language of their page.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import commitments, outbox
from tracker.advising import advise
from tracker.duty import team_calendar
from tracker.model import Commitment, Event, EventKind, Feedback, OptOut, OptOutReason, Person, Role
from tracker.policy import checks
from tracker.policy.checks import Conflict, Refused
from tracker.policy.offers import offers
from tracker.policy.outcomes import Outcome
from tracker.policy.said import say
from tracker.policy.wording import TextKind
from tracker.queries import here_with_load

SECOND_CHANCE = timedelta(hours=2)
"""Working time within which it is done now, once a customer has said that it was not kept."""
WISHED = 80
"""Per cent of chance that a time must have to be kept before it is offered."""
LONGEST_NOTE = 500


def better_times(session: Session, commitment: Commitment, *, now: datetime) -> list[datetime]:
    """Times that the customer may choose instead, in UTC: from the earliest one that is likely to be kept. One later
    than what is promised is no less likely than that, so it may be chosen as well. Empty once it is closed."""
    if commitment.closed_at is not None:
        return []
    team = commitment.team
    advice = advise(session, team=team, owner=commitment.owner, kind=commitment.kind, now=now)
    ahead = [at for at in (advice.earliest[WISHED], commitment.due_at) if at is not None and at > now]
    start = min(ahead, default=advice.earliest[50])
    if start is None:
        return []
    return offers(
        team_calendar(session, team),
        zone=commitment.customer.zone,
        earliest=start,
        promised=commitment.due_at,
        now=now,
    )


def choose_time(session: Session, commitment: Commitment, *, at: datetime, seen: int, now: datetime) -> None:
    """The customer takes another time. `seen` is the due version they were looking at. The owner is told; the
    customer is not texted, for they see it. Raises Refused for a time that is not offered (any more)."""
    _lock(session, commitment)
    if commitment.closed_at is not None:
        raise Refused(say("This is closed by now: there is no time left to choose."))
    if at == commitment.due_at:
        return
    if seen != commitment.due_version:
        raise Conflict(say("The time was changed meanwhile. Please look at it again."))
    if at not in better_times(session, commitment, now=now):
        raise Refused(say("That time is no longer free. Please choose again."), "at")
    commitments.revise(
        session,
        commitment,
        by=None,
        due_at=at,
        reason="the customer chose another time",
        told=True,
        announce=False,
        now=now,
    )
    _tell(session, commitment, [commitment.owner], TextKind.CHOSEN, now)


def leave_note(session: Session, commitment: Commitment, *, text: str, now: datetime) -> None:
    """A few words for the owner, shown to them as an answer of the customer's."""
    _lock(session, commitment)
    text = _few_words(text, "note")
    if commitment.closed_at is not None:
        raise Refused(say("This is closed by now, and your note was not sent. Please answer below."), "note")
    last = session.scalar(
        select(Event)
        .where(Event.commitment_id == commitment.id, Event.kind == EventKind.REPLIED)
        .order_by(Event.id.desc())
        .limit(1)
    )
    if last is None or (last.facts or {}).get("text") != text:
        _record(session, commitment, EventKind.REPLIED, {"text": text}, now)


def mind_texts(session: Session, commitment: Commitment, *, wanted: bool, now: datetime) -> bool:
    """The customer asks for no more texts, or takes that back; the owner reads it. True when that changes something:
    what is to stop is then stopped by `delivery`. A STOP by text stays: only a text takes it back."""
    _lock(session, commitment)
    phone = commitment.customer.phone
    known = session.scalar(select(OptOut).where(OptOut.phone == phone, OptOut.sender == ""))
    if wanted:
        if known is None or known.reason is not OptOutReason.ASKED:
            return False
        session.delete(known)
        text = "The customer takes texts again."
    else:
        if known is not None:
            return False
        text = "The customer asked for no more texts: keep the promise by calling."
    _record(session, commitment, EventKind.REPLIED, {"text": text}, now)
    return True


def judge(
    session: Session,
    commitment: Commitment,
    *,
    kept: bool | None = None,
    score: int | None = None,
    comment: str = "",
    told: bool = False,
    now: datetime,
) -> None:
    """The customer says how it went: whether it was kept, 1 to 5 points, a few words; what is None or empty stays
    as it was said before. One Feedback a closing holds it all.

    "Not kept" opens it again, due within SECOND_CHANCE of working time, and tells the owner, the supervisors and, by
    text, the customer; `told`: they see it at this moment. Raises Refused while it is open.
    """
    _lock(session, commitment)
    comment = _few_words(comment, "comment") if comment.strip() else ""
    nothing = kept is None and score is None and not comment
    if nothing or score not in (None, 1, 2, 3, 4, 5):
        raise Refused(say("Please say whether we kept our promise, or give 1 to 5 points."), "score")
    said = _said(session, commitment)
    if commitment.closed_at is None:
        if kept is False and said is not None and said.kept is False:
            return
        raise Refused(say("This is open: we are still on it."))
    if commitment.outcome is Outcome.DUPLICATE:
        raise Refused(say("Another promise stands for this one. Please open this page again."))
    if said is None or said.at < commitment.closed_at:
        said = Feedback(commitment_id=commitment.id, at=now, kept=None, score=None, comment=None)
    before = (said.kept, said.score, said.comment)
    after = (said.kept if kept is None else kept, score or said.score, comment or said.comment)
    if after == before:
        return
    said.kept, said.score, said.comment = after
    said.at = now
    session.add(said)
    facts = {"text": _in_words(said), "kept": said.kept, "score": said.score}
    _record(session, commitment, EventKind.JUDGED, facts, now)
    if kept is False:
        _open_again(session, commitment, told, now)


def latest_judgement(session: Session, commitment: Commitment) -> Feedback | None:
    """What the customer said of the latest closing; None while they have not, and while it is open."""
    if commitment.closed_at is None:
        return None
    said = _said(session, commitment)
    return said if said is not None and said.at >= commitment.closed_at else None


def _few_words(text: str, field: str) -> str:
    try:
        return checks.one_line(text, field, most=LONGEST_NOTE, name=field)
    except Refused:
        told = say("Please write a few words, not more than %(most)s characters.", most=LONGEST_NOTE)
        raise Refused(told, field) from None


def _open_again(session: Session, commitment: Commitment, told: bool, now: datetime) -> None:
    due_at = team_calendar(session, commitment.team).add(now, SECOND_CHANCE.total_seconds())
    commitments.reopen(
        session,
        commitment,
        by=None,
        reason="the customer says it was not kept",
        due_at=due_at or now + SECOND_CHANCE,
        told=told,
        now=now,
    )
    if not commitment.owner.active:
        _give_to_somebody(session, commitment, now)
    supervisors = session.scalars(
        select(Person).where(
            Person.team_id == commitment.team_id, Person.role == Role.SUPERVISOR, Person.active
        )
    )
    _tell(session, commitment, {commitment.owner, *supervisors}, TextKind.NOT_KEPT, now)


def _give_to_somebody(session: Session, commitment: Commitment, now: datetime) -> None:
    """Whoever answered for it has left since: the agent who is here and owns least, else a supervisor."""
    here = session.execute(here_with_load(), {"team": commitment.team_id, "now": now}).all()
    if not here:
        return  # the audit finds it
    least = min(here, key=lambda person: (person.role is not Role.AGENT, person.load))
    heir, gone = session.get_one(Person, least.id), commitment.owner.name
    commitments.reassign(session, commitment, by=None, to=heir, reason=f"{gone} has left", now=now)


def _tell(
    session: Session,
    commitment: Commitment,
    people: Collection[Person],
    kind: TextKind,
    now: datetime,
) -> None:
    """Tell colleagues when the team works next: a customer may press a button at three in the morning."""
    opens = team_calendar(session, commitment.team).next_open(now)
    for person in sorted(people, key=lambda each: each.id):
        outbox.to_person(session, commitment, person, kind, now=now, send_after=opens)


def _lock(session: Session, commitment: Commitment) -> None:
    """Nobody else changes it until the transaction ends; what they changed before is seen."""
    session.scalar(
        select(Commitment)
        .where(Commitment.id == commitment.id)
        .with_for_update(of=Commitment, key_share=True)
        .execution_options(populate_existing=True)
    )


def _said(session: Session, commitment: Commitment) -> Feedback | None:
    return session.scalar(
        select(Feedback).where(Feedback.commitment_id == commitment.id).order_by(Feedback.id.desc()).limit(1)
    )


def _in_words(said: Feedback) -> str:
    """For colleagues, in one line."""
    parts = [
        {True: "We kept it.", False: "We did not keep it.", None: ""}[said.kept],
        f"{said.score} of 5 points." if said.score else "",
        f"“{said.comment}”" if said.comment else "",
    ]
    return " ".join(part for part in parts if part)


def _record(
    session: Session, commitment: Commitment, kind: EventKind, facts: Mapping[str, object], now: datetime
) -> None:
    session.add(
        Event(commitment_id=commitment.id, at=now, kind=kind, due_version=commitment.due_version, facts=facts)
    )
