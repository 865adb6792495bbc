"""Which word and which sign stand for a state? One place, so that colour never says it alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Row

from tracker.model import Commitment, Message, MessageStatus, Role
from tracker.policy.outcomes import Disposition, Outcome, Verdict
from web.i18n import N_, _, ngettext
from web.recorded import recorded
from web.times import Watch


def prepare(app: Flask) -> None:
    """Give templates the words."""
    app.jinja_env.globals.update(
        LANGUAGES=LANGUAGES,
        VERDICTS=VERDICTS,
        DISPOSITIONS=DISPOSITIONS,
        OUTCOMES=OUTCOMES,
        how_it_went=how_it_went,
        kind_word=kind_word,
        crew_choices=crew_choices,
        duplicates=duplicates,
        ended=ended,
        role_word=role_word,
        language_choices=language_choices,
        text_state=text_state,
    )


LANGUAGES: Mapping[str, str] = {
    "en": N_("English"),
    "es": N_("Spanish"),
    "fr": N_("French"),
    "de": N_("German"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A word, the icon beside it, and the tone that colours both: good, bad, warn, calm."""

    english: str
    icon: str
    tone: str

    @property
    def word(self) -> str:
        """In the language of the page."""
        return _(self.english)


VERDICTS: Mapping[Verdict, Sign] = {
    Verdict.KEPT_ON_TIME: Sign(N_("Kept on time"), "check-circle-fill", "good"),
    Verdict.KEPT_AS_RENEGOTIATED: Sign(N_("Kept as renegotiated"), "check-circle", "good"),
    Verdict.ATTEMPTED_ON_TIME: Sign(N_("Attempted on time"), "telephone-outbound", "calm"),
    Verdict.LATE: Sign(N_("Late"), "clock-history", "warn"),
    Verdict.BROKEN: Sign(N_("Broken"), "x-octagon-fill", "bad"),
    Verdict.NOT_COUNTED: Sign(N_("Not counted"), "dash-circle", "calm"),
}

DISPOSITIONS: Mapping[Disposition, Sign] = {
    Disposition.REACHED: Sign(N_("Reached"), "telephone-inbound", "good"),
    Disposition.NO_ANSWER: Sign(N_("No answer"), "telephone-x", "calm"),
    Disposition.VOICEMAIL: Sign(N_("Voicemail"), "voicemail", "calm"),
    Disposition.BUSY: Sign(N_("Busy"), "telephone-minus", "calm"),
    Disposition.WRONG_NUMBER: Sign(N_("Wrong number"), "question-circle", "warn"),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.FULFILLED: N_("Fulfilled: we did what we promised"),
    Outcome.UNREACHABLE: N_("Unreachable: we tried often enough"),
    Outcome.CANCELLED: N_("Cancelled by the customer"),
    Outcome.WITHDRAWN: N_("Withdrawn by us"),
    Outcome.DUPLICATE: N_("Duplicate of another promise"),
}

ROLES: Mapping[Role, str] = {
    Role.AGENT: N_("agent"),
    Role.SUPERVISOR: N_("supervisor"),
    Role.ADMIN: N_("admin"),
}


def language_choices() -> list[tuple[str, str]]:
    """The languages of texts, to choose from."""
    return [(code, _(name)) for code, name in LANGUAGES.items()]


def role_word(role: Role) -> str:
    """What somebody is here."""
    return _(ROLES[role])


FATES: Mapping[MessageStatus, Sign] = {
    MessageStatus.PENDING: Sign(N_("waiting to leave"), "hourglass-split", "calm"),
    MessageStatus.SENDING: Sign(N_("being handed to the provider"), "send", "calm"),
    MessageStatus.ACCEPTED: Sign(N_("with the provider, not sent yet"), "send", "calm"),
    MessageStatus.SENT: Sign(N_("sent, no receipt yet"), "check", "calm"),
    MessageStatus.DELIVERED: Sign(N_("delivered"), "check-all", "good"),
    MessageStatus.UNDELIVERED: Sign(N_("not delivered"), "x-circle", "bad"),
    MessageStatus.FAILED: Sign(N_("failed"), "x-circle", "bad"),
    MessageStatus.UNKNOWN: Sign(N_("unknown"), "question-circle", "warn"),
    MessageStatus.SUPPRESSED: Sign(N_("not sent"), "slash-circle", "calm"),
    MessageStatus.RECEIVED: Sign(N_("received"), "reply", "calm"),
}
"""`sent` is no proof of arrival: only a receipt says delivered."""


NO_RECEIPT = timedelta(hours=2)
"""A text that nobody has confirmed for so long may not have arrived: most receipts come within a minute."""


def fate(message: Message, now: datetime | None = None) -> Sign:
    """What became of a text, with the reason where there is one. With `now`: no receipt for long is said too."""
    sign = FATES[message.status]
    waits = message.status in (MessageStatus.SENT, MessageStatus.ACCEPTED) and message.sent_at is not None
    if waits and now is not None and now - message.sent_at > NO_RECEIPT:  # type: ignore[operator] # not None: waits
        return Sign(N_("no receipt: it may not have arrived"), "question-circle", "warn")
    why = recorded(message.reason or "") or (
        _("error %(code)s", code=message.error_code) if message.error_code else ""
    )
    return Sign(f"{sign.word}: {why}", sign.icon, sign.tone) if why else sign


def text_state(status: MessageStatus) -> str:
    """How a text stands, in a word."""
    return FATES[status].word


ENDED: Mapping[Outcome, str] = {
    Outcome.FULFILLED: N_("fulfilled"),
    Outcome.UNREACHABLE: N_("unreachable"),
    Outcome.CANCELLED: N_("cancelled by customer"),
    Outcome.WITHDRAWN: N_("withdrawn by us"),
    Outcome.DUPLICATE: N_("duplicate"),
}


def ended(outcome: Outcome) -> str:
    """How a promise ended, in a word."""
    return _(ENDED[outcome])


KINDS: Mapping[str, str] = {
    "callback": N_("callback"),
    "answer": N_("answer"),
    "refund": N_("refund"),
    "replacement": N_("replacement"),
    "visit": N_("visit"),
    "other": N_("other"),
}


def kind_word(kind: str) -> str:
    """A kind in the language of the page; a team's own kind as the team calls it."""
    return _(KINDS[kind]) if kind in KINDS else kind


def how_it_went(commitment: Commitment, watch: Watch) -> str:
    """A promise made before, in a few words."""
    if commitment.verdict is None:
        return _("open, due %(when)s", when=watch.says(commitment.due_at))
    return VERDICTS[commitment.verdict].word.lower()


def crew_choices(crew: Iterable[Row[Any]]) -> list[tuple[int, str]]:
    """Colleagues to choose from, with what speaks for and against each."""
    return [(row.Person.id, in_hand(row.Person.name, row.open, away=row.away)) for row in crew]


def in_hand(name: str, count: int, *, away: bool) -> str:
    """Somebody to choose, with how many open promises are theirs."""
    open_ = ngettext("%(num)s open", "%(num)s open", count)
    if away:
        return _("%(name)s (away), %(open)s", name=name, open=open_)
    return f"{name}, {open_}"


def duplicates(others: Iterable[Commitment]) -> list[tuple[int, str]]:
    """The customer's other promises, for one that turns out to double one of them."""
    return [(each.id, f"{each.id}: {each.topic}") for each in others]
