"""How do commitments come in from elsewhere, and go out? As CSV, with the columns that others rely on."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from tracker import commitments, people
from tracker.model import Commitment, Team
from tracker.policy.checks import Refused, quoted
from tracker.policy.phrases.local import instants
from tracker.policy.said import say

COLUMNS = (
    "customer_name",
    "customer_phone",
    "topic",
    "kind",
    "due_at",
    "owner_email",
    "team",
    "made_at",
    "external_ref",
)
EXPORTED = (*COLUMNS, "outcome", "verdict")
LONGEST_REF = 120
DELIMITERS = ",;\t"
"""What spreadsheets put between two fields, by the country they are set to; the header shows which."""
FORMULA = re.compile("'*[=+\\-@＝＋－＠]")
"""What a spreadsheet computes instead of showing it, whether or not it was made harmless before."""


class Fate(StrEnum):
    """What became of a row: `here`: it was taken in before."""

    MADE = "made"
    HERE = "here"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """A row, the line of the file on which it begins, what it says by column, what became of it, and why not more."""

    line: int
    given: Mapping[str, str]
    fate: Fate
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was not taken, the line of the file on which it begins, and why."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows made, rows that were here already, rows that were refused."""

    made: int
    skipped: int
    errors: tuple[Problem, ...]


def take_in(session: Session, lines: Iterable[str], *, now: datetime) -> Imported:
    """`take_each`, counted; each error is named by its line. Raises as it does."""
    fates = Counter[Fate]()
    errors = []
    for row in take_each(session, lines, now=now):
        fates[row.fate] += 1
        if row.fate is Fate.REFUSED:
            errors.append(Problem(row.line, row.sentence))
    return Imported(fates[Fate.MADE], fates[Fate.HERE], tuple(errors))


def take_each(session: Session, lines: Iterable[str], *, now: datetime) -> Iterator[Row]:
    """Make a commitment of each row. A row with an error is left out whole; the others stand. The same row a second
    time makes nothing: its external_ref is known, or for want of one its content.

    Nobody is texted about promises that were made elsewhere; from here on their ladder climbs. Raises Refused when
    the header is not as it must be, and csv.Error or Refused when the lines are no CSV.
    """
    lines = _without_nul(lines)
    first = next(lines, "")
    rows = csv.reader(
        chain([first], lines),
        delimiter=max(DELIMITERS, key=first.count),
        strict=True,  # else an open quote would swallow the rest as one topic
    )
    header = [name.strip().lower() for name in next(rows, [])]
    wrong = [name for name in COLUMNS if header.count(name) != 1]
    if wrong:
        raise Refused(
            say(
                "The header lacks %(wrong)s, or has it twice: a file of commitments has the columns %(columns)s.",
                wrong=wrong,
                columns=list(COLUMNS),
            )
        )
    following = rows.line_num + 1
    for fields in rows:
        line, following = following, rows.line_num + 1
        if not fields:
            continue
        given = {name: plain(text.strip()) for name, text in zip(header, fields, strict=False)}
        try:
            if len(fields) != len(header):
                raise Refused(
                    say(
                        "The row has %(fields)s fields and the header %(columns)s: a field with a comma needs quotes "
                        "round it.",
                        fields=len(fields),
                        columns=len(header),
                    )
                )
            yield Row(line, given, Fate.MADE if _take_one(session, given, now) else Fate.HERE)
        except Refused as refused:
            yield Row(line, given, Fate.REFUSED, refused.sentence)


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise Refused(say("The file has NUL bytes in it, so it is no text: save it as CSV in UTF-8."))
        yield line


def _take_one(session: Session, given: Mapping[str, str], now: datetime) -> bool:
    try:
        with session.begin_nested():
            return _make(session, given, now)
    except IntegrityError:  # somebody else has just made this customer or commitment: now it is found
        with session.begin_nested():
            return _make(session, given, now)


def _make(session: Session, given: Mapping[str, str], now: datetime) -> bool:
    team = people.team_called(session, given["team"])
    ref = given["external_ref"] or _fingerprint(given)
    if len(ref) > LONGEST_REF:
        raise Refused(
            say(
                "%(what)s has %(length)s characters; %(most)s is the most.",
                what="external_ref",
                length=len(ref),
                most=LONGEST_REF,
            ),
            "external_ref",
        )
    known = select(Commitment.id).where(Commitment.team_id == team.id, Commitment.external_ref == ref)
    if session.scalar(known) is not None:
        return False
    if outcome := given.get("outcome"):
        raise Refused(
            say("It is closed (%(outcome)s): only open promises are taken in.", outcome=outcome), "outcome"
        )
    made_at = _time(given["made_at"], team, "made_at") if given["made_at"] else now
    if made_at > now:
        raise Refused(say("made_at lies ahead: a promise cannot have been made in the future."), "made_at")
    due_at = _time(given["due_at"], team, "due_at")
    if due_at <= now:
        raise Refused(say("due_at has passed: agree on a new time with the customer first."), "due_at")
    commitments.make(
        session,
        by=None,
        team=team,
        customer=people.find_or_add_customer(
            session, phone=given["customer_phone"], name=given["customer_name"], team=team, now=made_at
        ),
        owner=people.person_with(session, given["owner_email"]),
        kind=given["kind"] or "callback",
        topic=given["topic"],
        due_at=due_at,
        now=made_at,
        external_ref=ref,
        announce=False,
    )
    return True


def _time(text: str, team: Team, field: str) -> datetime:
    """The moment. Of a time that exists twice, when clocks go back, the first: early is no broken promise."""
    try:
        at = datetime.fromisoformat(text.upper())
        moments = (at.astimezone(UTC),) if at.tzinfo else instants(at, ZoneInfo(team.zone))
    except (ValueError, OverflowError):
        at = None
    if at is None or ":" not in text:
        raise Refused(
            say(
                "%(field)s is %(typed)s: write 2026-11-19T15:00:00-05:00, or leave out the offset for the team's own "
                "time.",
                field=field,
                typed=quoted(text),
            ),
            field,
        )
    if not moments:
        raise Refused(
            say(
                "%(field)s is %(typed)s, which does not exist in %(zone)s: the clocks go forward over it.",
                field=field,
                typed=text,
                zone=team.zone,
            ),
            field,
        )
    return moments[0]


def _fingerprint(row: Mapping[str, str]) -> str:
    return "row:" + hashlib.sha256("\x1f".join(row[name] for name in COLUMNS).encode()).hexdigest()[:32]


def give_out(session: Session, *, since: datetime | None, until: datetime | None) -> Iterator[dict[str, str]]:
    """Every commitment made in that span, as rows of EXPORTED, the earliest first; times with their offset."""
    made = select(Commitment).options(
        joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team)
    )
    if since is not None:
        made = made.where(Commitment.made_at >= since)
    if until is not None:
        made = made.where(Commitment.made_at < until)
    for each in session.scalars(
        made.order_by(Commitment.made_at, Commitment.id).execution_options(yield_per=500)
    ):
        row = {
            "customer_name": each.customer.name,
            "customer_phone": each.customer.phone,
            "topic": each.topic,
            "kind": each.kind,
            "due_at": each.due_at.isoformat(),
            "owner_email": each.owner.email,
            "team": each.team.name,
            "made_at": each.made_at.isoformat(),
            "external_ref": each.external_ref or "",
            "outcome": each.outcome or "",
            "verdict": each.verdict or "",
        }
        # A phone is left as it is: what a spreadsheet computes of +44… is that number.
        yield {name: text if name == "customer_phone" else harmless(text) for name, text in row.items()}


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return "'" + text if FORMULA.match(text) else text


def plain(text: str) -> str:
    """The text that was made harmless."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text
