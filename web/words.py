"""Which word and which sign stand for a state? One place, so that colour never says it alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Row

from tracker.model import Commitment, Message, MessageStatus
from tracker.policy.outcomes import Disposition, Outcome, Verdict
from web.times import Watch


def prepare(app: Flask) -> None:
    """Give templates the words."""
    app.jinja_env.globals.update(
        LANGUAGES=LANGUAGES,
        VERDICTS=VERDICTS,
        DISPOSITIONS=DISPOSITIONS,
        OUTCOMES=OUTCOMES,
        how_it_went=how_it_went,
        crew_choices=crew_choices,
        duplicates=duplicates,
    )


LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Spanish", "fr": "French", "de": "German"}


@dataclass(frozen=True, slots=True)
class Sign:
    """A word, the icon beside it, and the tone that colours both: good, bad, warn, calm."""

    word: str
    icon: str
    tone: str


VERDICTS: Mapping[Verdict, Sign] = {
    Verdict.KEPT_ON_TIME: Sign("Kept on time", "check-circle-fill", "good"),
    Verdict.KEPT_AS_RENEGOTIATED: Sign("Kept as renegotiated", "check-circle", "good"),
    Verdict.ATTEMPTED_ON_TIME: Sign("Attempted on time", "telephone-outbound", "calm"),
    Verdict.LATE: Sign("Late", "clock-history", "warn"),
    Verdict.BROKEN: Sign("Broken", "x-octagon-fill", "bad"),
    Verdict.NOT_COUNTED: Sign("Not counted", "dash-circle", "calm"),
}

DISPOSITIONS: Mapping[Disposition, Sign] = {
    Disposition.REACHED: Sign("Reached", "telephone-inbound", "good"),
    Disposition.NO_ANSWER: Sign("No answer", "telephone-x", "calm"),
    Disposition.VOICEMAIL: Sign("Voicemail", "voicemail", "calm"),
    Disposition.BUSY: Sign("Busy", "telephone-minus", "calm"),
    Disposition.WRONG_NUMBER: Sign("Wrong number", "question-circle", "warn"),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.FULFILLED: "Fulfilled: we did what we promised",
    Outcome.UNREACHABLE: "Unreachable: we tried often enough",
    Outcome.CANCELLED: "Cancelled by the customer",
    Outcome.WITHDRAWN: "Withdrawn by us",
    Outcome.DUPLICATE: "Duplicate of another promise",
}

FATES: Mapping[MessageStatus, Sign] = {
    MessageStatus.PENDING: Sign("waiting to leave", "hourglass-split", "calm"),
    MessageStatus.SENDING: Sign("being handed to the provider", "send", "calm"),
    MessageStatus.ACCEPTED: Sign("with the provider, not sent yet", "send", "calm"),
    MessageStatus.SENT: Sign("sent, no receipt yet", "check", "calm"),
    MessageStatus.DELIVERED: Sign("delivered", "check-all", "good"),
    MessageStatus.UNDELIVERED: Sign("not delivered", "x-circle", "bad"),
    MessageStatus.FAILED: Sign("failed", "x-circle", "bad"),
    MessageStatus.UNKNOWN: Sign("unknown", "question-circle", "warn"),
    MessageStatus.SUPPRESSED: Sign("not sent", "slash-circle", "calm"),
    MessageStatus.RECEIVED: Sign("received", "reply", "calm"),
}
"""`sent` is no proof of arrival: only a receipt says delivered."""


def fate(message: Message) -> Sign:
    """What became of a text, with the reason where there is one."""
    sign = FATES[message.status]
    why = message.reason or (f"error {message.error_code}" if message.error_code else "")
    return Sign(f"{sign.word}: {why}", sign.icon, sign.tone) if why else sign


def how_it_went(commitment: Commitment, watch: Watch) -> str:
    """A promise made before, in a few words."""
    if commitment.verdict is None:
        return f"open, due {watch.says(commitment.due_at)}"
    return VERDICTS[commitment.verdict].word.lower()


def crew_choices(crew: Iterable[Row[Any]]) -> list[tuple[int, str]]:
    """Colleagues to choose from, with what speaks for and against each."""
    return [
        (row.Person.id, f"{row.Person.name}{' (away)' if row.away else ''}, {row.open} open") for row in crew
    ]


def duplicates(others: Iterable[Commitment]) -> list[tuple[int, str]]:
    """The customer's other promises, for one that turns out to double one of them."""
    return [(each.id, f"{each.id}: {each.topic}") for each in others]
