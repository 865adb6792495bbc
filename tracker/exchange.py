"""How do commitments come in from elsewhere, and go out? As CSV, with the columns that others rely on."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker import commitments, people
from tracker.model import Commitment, Team
from tracker.policy.checks import Refused

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


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was not taken, and why."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows made, rows that were here already, rows that were refused."""

    made: int
    skipped: int
    errors: tuple[Problem, ...]


def take_in(session: Session, lines: Iterable[str], *, now: datetime) -> Imported:
    """Make a commitment of each row. A row with an error is left out whole and named by its line; the others
    stand. The same row a second time makes nothing: its external_ref is known, or for want of one its content.

    Nobody is texted about promises that were made elsewhere; from here on their ladder climbs. Raises Refused when
    a column is missing.
    """
    rows = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise Refused(f"The file has no column {', '.join(missing)}: it needs {', '.join(COLUMNS)}.")
    made = skipped = 0
    errors = []
    for row in rows:
        try:
            with session.begin_nested():
                if _take_one(session, row, now):
                    made += 1
                else:
                    skipped += 1
        except Refused as refused:
            errors.append(Problem(rows.line_num, str(refused)))
    return Imported(made, skipped, tuple(errors))


def _take_one(session: Session, row: Mapping[str, str | None], now: datetime) -> bool:
    given = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        raise Refused("The row has more fields than the header: put quotes round a field with a comma.")
    team = people.team_called(session, given["team"])
    ref = given["external_ref"] or _fingerprint(given)
    known = select(Commitment.id).where(Commitment.team_id == team.id, Commitment.external_ref == ref)
    if session.scalar(known) is not None:
        return False
    made_at = _time(given["made_at"], team, "made_at") if given["made_at"] else now
    if made_at > now:
        raise Refused("made_at lies ahead: a promise cannot have been made in the future.", "made_at")
    due_at = _time(given["due_at"], team, "due_at")
    if due_at <= now:
        raise Refused("due_at has passed: agree on a new time with the customer first.", "due_at")
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
        external_ref=ref[:120],
        announce=False,
    )
    return True


def _time(text: str, team: Team, field: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            f"{field} is {text!r}: write 2026-11-19T15:00:00-05:00, or leave out the offset for the "
            "team's own time.",
            field,
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(team.zone))


def _fingerprint(row: Mapping[str, str]) -> str:
    return "row:" + hashlib.sha256("\x1f".join(row[name] for name in COLUMNS).encode()).hexdigest()[:32]


def give_out(session: Session, *, since: datetime | None, until: datetime | None) -> Iterator[dict[str, Any]]:
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
        yield {
            "customer_name": _harmless(each.customer.name),
            "customer_phone": each.customer.phone,
            "topic": _harmless(each.topic),
            "kind": each.kind,
            "due_at": each.due_at.isoformat(),
            "owner_email": each.owner.email,
            "team": _harmless(each.team.name),
            "made_at": each.made_at.isoformat(),
            "external_ref": each.external_ref or "",
            "outcome": each.outcome or "",
            "verdict": each.verdict or "",
        }


def _harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return "'" + text if text[:1] in "=+-@" else text
