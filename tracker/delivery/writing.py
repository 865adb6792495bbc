"""What does a claimed message say? Its facts as they are now, and the words made of them."""

import secrets
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select
from sqlalchemy.orm import aliased

from tracker.channels import Outgoing
from tracker.delivery.consequences import opted_out
from tracker.model import (
    Commitment,
    Customer,
    LadderRow,
    Message,
    OptOut,
    OptOutReason,
    Person,
    Team,
    Wording,
)
from tracker.policy.asking import reference
from tracker.policy.consent import DEFAULT_QUIET
from tracker.policy.ladder import Effect
from tracker.policy.links import Links
from tracker.policy.sending import Situation
from tracker.policy.texts import LANGUAGES
from tracker.policy.wording import Facts, TextKind, render

WHY_NOT = {
    OptOutReason.STOP: "the customer opted out of texts: call",
    OptOutReason.ASKED: "the customer asked not to be texted: call",
    OptOutReason.DEAD: "this number takes no texts: call",
}
_owner = aliased(Person)


@cache
def facts() -> Select[*tuple[Any, ...]]:
    """What is true now of the messages `:ids`, the urgent first. Teams without a sender of their own use
    `:usual_sender`."""
    # Not coalesce: what is meant for a colleague without a phone must not go to the customer.
    phone = case((Message.person_id.is_(None), Customer.phone), else_=Person.phone)
    tag = func.lower(func.substr(func.coalesce(Person.language, Customer.language), 1, 2))
    speaks = case((tag.in_(LANGUAGES), tag), else_="en")  # as render() reads it
    return (
        select(
            Message.id,
            Message.channel,
            Message.kind,
            Message.due_version,
            Message.step,
            Message.tries,
            Message.made_at,
            Message.expires_at,
            Message.person_id,
            Message.commitment_id,
            Message.facts,
            phone.label("phone"),
            func.coalesce(Person.zone, Customer.zone).label("zone"),
            func.coalesce(Person.language, Customer.language).label("language"),
            Customer.given_name,
            Customer.name.label("customer_name"),
            Customer.phone.label("customer_phone"),
            Commitment.team_id,
            Commitment.topic,
            Commitment.kind.label("commitment_kind"),
            Commitment.due_at,
            Commitment.first_due_at,
            Commitment.closed_at,
            Commitment.due_version.label("current_version"),
            Commitment.owner_id,
            _owner.name.label("owner_name"),
            Team.name.label("team"),
            Team.sender,
            # Not joined: a number may have opted out of several senders, and its message is still one.
            select(OptOut.reason)
            .where(opted_out(phone, func.coalesce(Team.sender, bindparam("usual_sender"))))
            .order_by(OptOut.id)
            .limit(1)
            .scalar_subquery()
            .label("opted_out"),
            Commitment.ladder_id,
            select(Wording.template)
            .where(Wording.team_id == Team.id, Wording.kind == Message.kind, Wording.language == speaks)
            .scalar_subquery()
            .label("own_words"),
        )
        .join(Commitment, Commitment.id == Message.commitment_id)
        .join(Customer, Customer.id == Commitment.customer_id)
        .join(_owner, _owner.id == Commitment.owner_id)
        .join(Team, Team.id == Commitment.team_id)
        .outerjoin(Person, Person.id == Message.person_id)
        .where(Message.id.in_(bindparam("ids", expanding=True)))
        .order_by(Message.priority, Message.send_after, Message.id)
    )


def situation(row: Row[Any], own_numbers: frozenset[str]) -> Situation:
    """What bears on whether it may leave."""
    return Situation(
        kind=TextKind(row.kind),
        phone=row.phone,
        own_numbers=own_numbers,
        opted_out=WHY_NOT[row.opted_out] if row.opted_out else None,
        closed=row.closed_at is not None,
        superseded=row.due_version != row.current_version,
        still_owner=row.person_id == row.owner_id,
        expires_at=row.expires_at,
        zone=row.zone,
        quiet=DEFAULT_QUIET,
        made_at=row.made_at,
    )


def write(
    row: Row[Any],
    ladder: LadderRow | None,
    *,
    sender: str,
    links: Links | None,
    count: int,
    now: datetime,
) -> Outgoing:
    """The text, ready to leave. `count`: for how many promises it speaks. `links`: makes the address of the
    customer's page; a colleague never gets it, for who holds it is taken for the customer."""
    body = render(
        TextKind(row.kind),
        Facts(
            given_name=row.given_name,
            customer_name=row.customer_name,
            customer_phone=row.customer_phone,
            topic=row.topic,
            commitment_kind=row.commitment_kind,
            owner_given_name=row.owner_name.split()[0],
            team=row.team,
            due_at=row.due_at,
            first_due_at=row.first_due_at,
            zone=row.zone,
            next_at=_hand_over_at(row, ladder),
            late_count=max(count, (row.facts or {}).get("count", 1)),
            link=links.to(row.commitment_id) if links and row.person_id is None else "",
            reference=reference(row.id),
        ),
        language=row.language,
        now=now,
        templates={row.kind: row.own_words} if row.own_words else None,
    )
    useful_for = None if row.expires_at is None else row.expires_at - now
    return Outgoing(secrets.token_urlsafe(24), row.phone, body, useful_for, sender)


def _hand_over_at(row: Row[Any], ladder: LadderRow | None) -> datetime | None:
    """When a colleague takes over, by the ladder the commitment was made under: what happens next."""
    if ladder is None or row.step is None:
        return None
    offset = ladder.laid_out.next_offset(Effect.HAND_OVER, row.step)
    return None if offset is None else row.due_at + offset
