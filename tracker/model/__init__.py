"""The rows. Wrong states are refused by the database itself: keys, checks and unique indexes say which.

Every time is aware and stored in UTC. Names are those of the glossary in `tracker/__init__.py`.
"""

from tracker.model.base import Base, Id, Instant, Json, micros, table_of
from tracker.model.messages import Dispatch, Message, OptOut, Receipt, Sender
from tracker.model.people import Absence, Closure, Customer, Digest, LadderRow, Person, Team, Wording
from tracker.model.promises import Attempt, Commitment, Event, Feedback, Review, Revision
from tracker.model.words import Direction, DispatchState, EventKind, MessageStatus, OptOutReason, Role
from tracker.model.workers import Heartbeat
from tracker.policy.causes import Cause

__all__ = [
    "Absence",
    "Attempt",
    "Base",
    "Cause",
    "Closure",
    "Commitment",
    "Customer",
    "Digest",
    "Direction",
    "Dispatch",
    "DispatchState",
    "Event",
    "EventKind",
    "Feedback",
    "Heartbeat",
    "Id",
    "Instant",
    "Json",
    "LadderRow",
    "Message",
    "MessageStatus",
    "OptOut",
    "OptOutReason",
    "Person",
    "Receipt",
    "Review",
    "Revision",
    "Role",
    "Sender",
    "Team",
    "Wording",
    "micros",
    "table_of",
]
