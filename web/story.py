"""What happened to a promise, from top to bottom? Events, texts and receipts as one story in order of time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from tracker.model import (
    Commitment,
    Direction,
    Event,
    EventKind,
    Message,
    MessageStatus,
    Receipt,
    Revision,
)
from tracker.policy.ladder import Effect
from tracker.policy.outcomes import Disposition, Verdict
from tracker.policy.wording import TextKind
from web.times import Watch
from web.words import DISPOSITIONS, VERDICTS, Sign, fate


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `side` is event, out (a text to the customer), in (theirs) or staff (a text to a colleague)."""

    at: datetime
    icon: str
    title: str
    side: str = "event"
    tone: str = "calm"
    body: str = ""
    who: str = ""
    fate: Sign | None = None
    fate_at: datetime | None = None
    event: int = 0
    """Number of the event it tells; 0 for a text."""


Told = Sequence[Revision]


def revisions(commitment: Commitment) -> Select[Revision]:
    """The open changes of its due time, in order."""
    return select(Revision).where(Revision.commitment_id == commitment.id).order_by(Revision.due_version)


def tell(
    events: Sequence[tuple[Event, str | None]],
    messages: Sequence[Message],
    receipts: Sequence[Row[Receipt, int]],
    told: Told,
    watch: Watch,
) -> list[Line]:
    """The story. Of two lines of one moment the event comes first: it is the reason for the text."""
    heard = {(message_id, receipt.status): receipt.at for receipt, message_id in receipts}
    said = {message.body for message in messages if message.direction is Direction.IN}
    changes = {revision.due_version: revision for revision in told}
    lines = [
        replace(TELLERS[event.kind](event, changes, watch), at=event.at, who=name or "", event=event.id)
        for event, name in events
        if not (event.kind in (EventKind.REPLIED, EventKind.NOTED) and _fact(event, "text") in said)
    ]
    lines += [_text(message, heard) for message in messages]
    return sorted(lines, key=lambda line: line.at)


def _fact(event: Event, name: str) -> str:
    return str((event.facts or {}).get(name) or "")


def _moment(event: Event, name: str, watch: Watch) -> str:
    written = _fact(event, name)
    return watch.says(datetime.fromisoformat(written)) if written else "?"


Changes = Mapping[int, Revision]


def _made(event: Event, _: Changes, watch: Watch) -> Line:
    title = f"Promised for {_moment(event, 'due_at', watch)}"
    return Line(event.at, "flag-fill", title, body=f"{_fact(event, 'owner')} answers for it.")


def _revised(event: Event, changes: Changes, watch: Watch) -> Line:
    change = changes.get(event.due_version)
    told = "The customer has not been told yet."
    if change is not None and change.told_at is not None:
        talked = "on the phone" if event.person_id else "on their page"
        how = talked if (event.facts or {}).get("told") else "by text"
        told = f"The customer was told {how}, {watch.says(change.told_at)}."
    title = f"Moved from {_moment(event, 'was', watch)} to {_moment(event, 'due_at', watch)}"
    return Line(event.at, "calendar2-event", title, body=f"{_fact(event, 'reason')}\n{told}")


def _reassigned(event: Event, _: Changes, __: Watch) -> Line:
    title = f"Handed over from {_fact(event, 'from')} to {_fact(event, 'to')}"
    return Line(event.at, "person-fill-up", title, body=_fact(event, "reason"))


def _attempted(event: Event, _: Changes, __: Watch) -> Line:
    sign = DISPOSITIONS[Disposition(_fact(event, "disposition"))]
    return Line(event.at, sign.icon, f"Tried: {sign.word.lower()}", tone=sign.tone, body=_fact(event, "note"))


def _closed(event: Event, _: Changes, __: Watch) -> Line:
    sign = VERDICTS[Verdict(_fact(event, "verdict"))]
    title = f"Closed as {_fact(event, 'outcome')}: {sign.word.lower()}"
    return Line(event.at, sign.icon, title, tone=sign.tone, body=_fact(event, "reference"))


def _reopened(event: Event, _: Changes, __: Watch) -> Line:
    return Line(event.at, "arrow-counterclockwise", "Opened again", tone="warn", body=_fact(event, "reason"))


def _climbed(event: Event, _: Changes, __: Watch) -> Line:
    icon, title, tone = EFFECTS[Effect(_fact(event, "effect"))]
    return Line(event.at, icon, title, tone=tone)


def _replied(event: Event, _: Changes, __: Watch) -> Line:
    return Line(event.at, "reply-fill", "The customer answered", tone="warn", body=_fact(event, "text"))


def _noted(event: Event, _: Changes, __: Watch) -> Line:
    return Line(event.at, "info-circle", "Note", body=_fact(event, "text") or _fact(event, "problem"))


def _warned(event: Event, _: Changes, __: Watch) -> Line:
    return Line(event.at, "exclamation-triangle", "At risk", tone="warn", body=_fact(event, "text"))


def _undone(event: Event, _: Changes, __: Watch) -> Line:
    return Line(event.at, "arrow-counterclockwise", "Taken back", body=_fact(event, "text"))


def _mended(event: Event, _: Changes, __: Watch) -> Line:
    return Line(event.at, "tools", "Put right by the audit", tone="warn", body=_fact(event, "text"))


def _judged(event: Event, _: Changes, __: Watch) -> Line:
    return Line(event.at, "star-half", "What the customer says", body=_fact(event, "text"))


TELLERS: Mapping[EventKind, Callable[[Event, Changes, Watch], Line]] = {
    EventKind.MADE: _made,
    EventKind.REVISED: _revised,
    EventKind.REASSIGNED: _reassigned,
    EventKind.ATTEMPTED: _attempted,
    EventKind.CLOSED: _closed,
    EventKind.REOPENED: _reopened,
    EventKind.CLIMBED: _climbed,
    EventKind.REPLIED: _replied,
    EventKind.NOTED: _noted,
    EventKind.WARNED: _warned,
    EventKind.UNDONE: _undone,
    EventKind.MENDED: _mended,
    EventKind.JUDGED: _judged,
}
EFFECTS: Mapping[Effect, tuple[str, str, str]] = {
    Effect.REMIND_OWNER: ("bell", "The owner was reminded", "calm"),
    Effect.TELL_SUPERVISORS: ("megaphone", "The supervisors were told", "bad"),
    Effect.TEXT_CUSTOMER: ("chat-left-text", "Late: an apology to the customer", "bad"),
    Effect.HAND_OVER: ("person-fill-up", "Too late: handed over to somebody present", "bad"),
}
TEXTS: Mapping[str, str] = {
    TextKind.PROMISED: "confirmation",
    TextKind.RENEGOTIATED: "the new time",
    TextKind.APOLOGY: "an apology for being late",
    TextKind.HANDED_OVER: "who calls now",
    TextKind.UNREACHED: "we tried to call",
    TextKind.REMINDER: "due soon",
    TextKind.DUE: "due now",
    TextKind.ESCALATION: "late",
    TextKind.SAY_MORE: "please answer in words",
    TextKind.YOURS_NOW: "yours now",
    TextKind.CALL_WANTED: "wants a call now",
    TextKind.USE_THE_PAGE: "please answer on this page",
    TextKind.STILL_OPEN: "still open",
    TextKind.CHOSEN: "the customer chose another time",
    TextKind.NOT_KEPT: "not kept, says the customer",
    TextKind.KEPT_IT: "did we keep it?",
    TextKind.UNCOVERED: "nobody on duty when it is due",
}
HEARD: Mapping[MessageStatus, str] = {
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.UNDELIVERED: "undelivered",
    MessageStatus.FAILED: "failed",
}


def _text(message: Message, heard: Mapping[tuple[int, str], Any]) -> Line:
    if message.direction is Direction.IN:
        who = "The customer" if message.person is None else message.person.name
        return Line(message.made_at, "reply-fill", f"{who} answered", side="in", body=message.body or "")
    to = "the customer" if message.person is None else message.person.name
    return Line(
        message.sent_at or message.made_at,
        "chat-dots",
        f"Text to {to}: {TEXTS.get(message.kind, message.kind)}",
        side="out" if message.person is None else "staff",
        body=message.body or "",
        fate=fate(message),
        fate_at=heard.get((message.id, HEARD.get(message.status, ""))),
    )
