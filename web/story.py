"""What happened to a promise, from top to bottom? Events, texts and receipts as one story in order of time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from tracker.model import (
    Direction,
    Event,
    EventKind,
    Message,
    MessageStatus,
    Receipt,
)
from tracker.policy.ladder import Effect
from tracker.policy.outcomes import Change, Disposition, Outcome, Verdict
from tracker.policy.wording import TextKind
from web.i18n import N_, _
from web.recorded import PRESSED, THEIRS, recorded
from web.times import Watch
from web.words import DISPOSITIONS, VERDICTS, Sign, ended, fate


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
    undecided: int = 0
    """Number of a text that nobody knows the fate of: a person decides."""
    event: int = 0
    """Number of the event it tells; 0 for a text."""


WHY = "it needs somebody now"
"""The reason of a hand-over by one press, which nobody typed."""


def tell(
    events: Sequence[tuple[Event, str | None]],
    texts: Sequence[Row[Message, Receipt | None]],
    moved: Sequence[Change],
    watch: Watch,
) -> list[Line]:
    """The story. Of two lines of one moment the event comes first: it is the reason for the text."""
    messages = dict.fromkeys(message for message, _receipt in texts)
    heard = {(message.id, receipt.status): receipt.at for message, receipt in texts if receipt}
    said = {message.body for message in messages if message.direction is Direction.IN}
    changes = dict(enumerate(moved, start=2))  # the first due version is that of the promise itself
    lines = [
        replace(TELLERS[event.kind](event, changes, watch), at=event.at, who=name or "", event=event.id)
        for event, name in events
        if not (event.kind in (EventKind.REPLIED, EventKind.NOTED) and _fact(event, "text") in said)
    ]
    lines += [_text(message, heard, watch.now) for message in messages]
    return sorted(lines, key=lambda line: line.at)


def _fact(event: Event, name: str) -> str:
    return str((event.facts or {}).get(name) or "")


def _reason(event: Event) -> str:
    """Why, as a person typed it or as the program has put it."""
    given = _fact(event, "reason")
    return recorded(given, PRESSED) if event.person_id else recorded(given)


def _moment(event: Event, name: str, watch: Watch) -> str:
    written = _fact(event, name)
    return watch.says(datetime.fromisoformat(written)) if written else "?"


Changes = Mapping[int, Change]
"""Open changes of the due time, each by the due version that it made."""


def _made(event: Event, _changes: Changes, watch: Watch) -> Line:
    title = _("Promised for %(when)s", when=_moment(event, "due_at", watch))
    return Line(event.at, "flag-fill", title, body=_("%(name)s answers for it.", name=_fact(event, "owner")))


def _revised(event: Event, changes: Changes, watch: Watch) -> Line:
    change = changes.get(event.due_version)
    told = _("The customer has not been told yet.")
    if change is not None and change.told_at is not None:
        at = watch.says(change.told_at)
        if not (event.facts or {}).get("told"):
            told = _("The customer was told by text, %(when)s.", when=at)
        elif event.person_id:
            told = _("The customer was told on the phone, %(when)s.", when=at)
        else:
            told = _("The customer was told on their page, %(when)s.", when=at)
    was, due_at = _moment(event, "was", watch), _moment(event, "due_at", watch)
    title = _("Moved from %(was)s to %(due_at)s", was=was, due_at=due_at)
    return Line(event.at, "calendar2-event", title, body=f"{_reason(event)}\n{told}")


def _reassigned(event: Event, _changes: Changes, _watch: Watch) -> Line:
    names = {"before": _fact(event, "from"), "now": _fact(event, "to")}
    title = _("Handed over from %(before)s to %(now)s", **names)
    return Line(event.at, "person-fill-up", title, body=_reason(event))


def _attempted(event: Event, _changes: Changes, _watch: Watch) -> Line:
    sign = DISPOSITIONS[Disposition(_fact(event, "disposition"))]
    title = _("Tried: %(what)s", what=sign.word.lower())
    return Line(event.at, sign.icon, title, tone=sign.tone, body=_fact(event, "note"))


def _closed(event: Event, _changes: Changes, _watch: Watch) -> Line:
    sign = VERDICTS[Verdict(_fact(event, "verdict"))]
    outcome = ended(Outcome(_fact(event, "outcome")))
    title = _("Closed as %(outcome)s: %(verdict)s", outcome=outcome, verdict=sign.word.lower())
    return Line(event.at, sign.icon, title, tone=sign.tone, body=_fact(event, "reference"))


def _reopened(event: Event, _changes: Changes, _watch: Watch) -> Line:
    return Line(event.at, "arrow-counterclockwise", _("Opened again"), tone="warn", body=_reason(event))


def _climbed(event: Event, _changes: Changes, _watch: Watch) -> Line:
    icon, title, tone = EFFECTS[Effect(_fact(event, "effect"))]
    return Line(event.at, icon, _(title), tone=tone)


def _replied(event: Event, _changes: Changes, _watch: Watch) -> Line:
    body = recorded(_fact(event, "text"), THEIRS)
    return Line(event.at, "reply-fill", _("The customer answered"), tone="warn", body=body)


def _noted(event: Event, _changes: Changes, _watch: Watch) -> Line:
    body = recorded(_fact(event, "text") or _fact(event, "problem"))
    return Line(event.at, "info-circle", _("Note"), body=body)


def _warned(event: Event, _changes: Changes, _watch: Watch) -> Line:
    return Line(
        event.at, "exclamation-triangle", _("At risk"), tone="warn", body=recorded(_fact(event, "text"))
    )


def _undone(event: Event, _changes: Changes, _watch: Watch) -> Line:
    return Line(event.at, "arrow-counterclockwise", _("Taken back: it was a slip"))


def _mended(event: Event, _changes: Changes, _watch: Watch) -> Line:
    return Line(
        event.at, "tools", _("Put right by the audit"), tone="warn", body=recorded(_fact(event, "text"))
    )


def _judged(event: Event, _changes: Changes, _watch: Watch) -> Line:
    return Line(event.at, "star-half", _("What the customer says"), body=recorded(_fact(event, "text")))


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
    Effect.REMIND_OWNER: ("bell", N_("The owner was reminded"), "calm"),
    Effect.TELL_SUPERVISORS: ("megaphone", N_("The supervisors were told"), "bad"),
    Effect.TEXT_CUSTOMER: ("chat-left-text", N_("Late: an apology to the customer"), "bad"),
    Effect.HAND_OVER: ("person-fill-up", N_("Too late: handed over to somebody present"), "bad"),
}
TEXTS: Mapping[str, str] = {
    TextKind.PROMISED: N_("confirmation"),
    TextKind.RENEGOTIATED: N_("the new time"),
    TextKind.APOLOGY: N_("an apology for being late"),
    TextKind.HANDED_OVER: N_("who calls now"),
    TextKind.UNREACHED: N_("we tried to call"),
    TextKind.REMINDER: N_("due soon"),
    TextKind.DUE: N_("due now"),
    TextKind.ESCALATION: N_("late"),
    TextKind.SAY_MORE: N_("please answer in words"),
    TextKind.YOURS_NOW: N_("yours now"),
    TextKind.CALL_WANTED: N_("wants a call now"),
    TextKind.USE_THE_PAGE: N_("please answer on this page"),
    TextKind.STILL_OPEN: N_("still open"),
    TextKind.CHOSEN: N_("the customer chose another time"),
    TextKind.NOT_KEPT: N_("not kept, says the customer"),
    TextKind.KEPT_IT: N_("did we keep it?"),
    TextKind.UNCOVERED: N_("nobody on duty when it is due"),
}
HEARD: Mapping[MessageStatus, str] = {
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.UNDELIVERED: "undelivered",
    MessageStatus.FAILED: "failed",
}


def _text(message: Message, heard: Mapping[tuple[int, str], Any], now: datetime) -> Line:
    if message.direction is Direction.IN:
        who = message.person.name if message.person else _("The customer")
        title = _("%(who)s answered", who=who)
        return Line(message.made_at, "reply-fill", title, side="in", body=message.body or "")
    kind = _(TEXTS[message.kind]) if message.kind in TEXTS else message.kind
    if message.person is None:
        title = _("Text to the customer: %(kind)s", kind=kind)
    else:
        title = _("Text to %(name)s: %(kind)s", name=message.person.name, kind=kind)
    return Line(
        message.sent_at or message.made_at,
        "chat-dots",
        title,
        side="out" if message.person is None else "staff",
        body=message.body or "",
        fate=fate(message, now),
        fate_at=heard.get((message.id, HEARD.get(message.status, ""))),
        undecided=message.id if message.status is MessageStatus.UNKNOWN else 0,
    )
