"""Nobody knows whether a text reached the customer: a person decides what is done about it."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.delivery.consequences import note
from tracker.model import Message, MessageStatus, Person
from tracker.policy.checks import Refused
from tracker.policy.said import say


def send_again(session: Session, message: Message, *, by: Person, now: datetime) -> None:
    """Send it once more, at the risk that the customer gets it twice. Raises Refused when it is no longer unknown."""
    _check(message)
    message.status, message.send_after, message.ask_at = MessageStatus.PENDING, now, None
    message.reason = f"{by.name} had it sent again"
    _say(session, message, f"{by.name} had a text sent again that may have arrived before", now)


def leave_it(session: Session, message: Message, *, by: Person, now: datetime) -> None:
    """Take it as not sent, and leave it at that. Raises Refused when it is no longer unknown."""
    _check(message)
    message.status, message.ask_at = MessageStatus.FAILED, None
    message.reason = f"nobody knows whether it was sent; {by.name} left it at that"
    _say(session, message, f"{by.name} left a text alone that may not have arrived", now)


def _check(message: Message) -> None:
    if message.status is not MessageStatus.UNKNOWN:
        raise Refused(say("It has become known meanwhile what happened to this text: look again."))


def _say(session: Session, message: Message, text: str, now: datetime) -> None:
    if message.commitment_id is not None:
        note(session, message.commitment_id, text, now=now)
