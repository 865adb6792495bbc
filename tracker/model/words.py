"""The closed sets that rows are written with, beside those of the pure policy."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do: agents work their team's promises, supervisors also steer it, admins set up."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class EventKind(StrEnum):
    """What one line of history says."""

    MADE = "made"
    REVISED = "revised"
    REASSIGNED = "reassigned"
    ATTEMPTED = "attempted"
    CLOSED = "closed"
    REOPENED = "reopened"
    CLIMBED = "climbed"
    REPLIED = "replied"
    NOTED = "noted"
    WARNED = "warned"
    """It became unlikely to be kept in time."""
    UNDONE = "undone"
    MENDED = "mended"
    """The audit put something right."""
    JUDGED = "judged"
    """The customer said whether it was kept."""


class Direction(StrEnum):
    """Which way a message went."""

    OUT = "out"
    IN = "in"


class MessageStatus(StrEnum):
    """Where a message is. Terminal: delivered, undelivered, failed, suppressed, received."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    RECEIVED = "received"


class DispatchState(StrEnum):
    """What one try to hand a message over came to. Open: the request may be under way."""

    OPEN = "open"
    ACCEPTED = "accepted"
    NOT_SENT = "not sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class OptOutReason(StrEnum):
    """Why a number gets no more texts."""

    STOP = "stop"
    DEAD = "dead"
    ASKED = "asked"
    """Its holder asked us on their page, or a colleague did for them."""
