"""What can happen to a text, and what does the account remember?

Plain data and transitions: no clock, no network, no locks. The times are handed in.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import randbelow
from uuid import uuid4
from zlib import crc32

from web.simulator.checks import Wanted
from web.simulator.keywords import REPLIES, Keyword
from web.simulator.message import FINAL, Direction, Message, Status
from web.simulator.settings import SimulatorSettings

# How long a text stays in each status. Long enough to be watched on the page, short enough not to bore.
PACE = {
    Status.ACCEPTED: timedelta(seconds=0.5),
    Status.QUEUED: timedelta(seconds=0.5),
    Status.SENDING: timedelta(seconds=0.5),
    Status.SENT: timedelta(seconds=1.5),
}

_NEXT = {
    Status.SCHEDULED: Status.QUEUED,
    Status.ACCEPTED: Status.QUEUED,
    Status.QUEUED: Status.SENDING,
    Status.SENDING: Status.SENT,
    Status.SENT: Status.DELIVERED,
}

# These stop a text inside Twilio (failed); every other code comes back from the carrier (undelivered).
_NEVER_SENT = frozenset({21610, 30001, 30002, 30036})


class Condition(StrEnum):
    """What a phone is like, and so what becomes of the texts to it."""

    ON = "on"
    OFF = "off"
    BLOCKED = "blocked"
    GONE = "gone"
    LANDLINE = "landline"
    FILTERED = "filtered"
    TROUBLE = "trouble"
    NO_RECEIPTS = "no_receipts"


FATES: dict[Condition, int] = {
    Condition.OFF: 30003,
    Condition.BLOCKED: 30004,
    Condition.GONE: 30005,
    Condition.LANDLINE: 30006,
    Condition.FILTERED: 30007,
    Condition.TROUBLE: 30008,
}


class State:
    """The account's messages, the phones at the other end, and who opted out of what.

    threads holds the texts of each phone, oldest first; the phone that was active last stands last.
    version grows with every change, so that a page can be told that nothing is new. It begins anywhere, so
    that a page does not take a restarted simulator for the one it knew.
    """

    def __init__(self, settings: SimulatorSettings) -> None:
        self.settings = settings
        self.messages: dict[str, Message] = {}
        self.threads: dict[str, list[Message]] = {}
        self.version = randbelow(2**32)
        self._conditions: dict[str, Condition] = {}
        self._opted_out: set[tuple[str, str]] = set()

    def create(self, wanted: Wanted, now: datetime) -> Message:
        """A text that the API was asked for."""
        if wanted.send_at:
            status = Status.SCHEDULED
        else:
            status = Status.ACCEPTED if wanted.service_sid else Status.QUEUED
        return self._add(
            wanted.to,
            Message(
                sid=_sid("MM" if wanted.media else "SM"),
                account_sid=self.settings.account_sid,
                to=wanted.to,
                sender=wanted.sender,
                body=wanted.body,
                direction=Direction.OUTBOUND_API,
                status=status,
                created_at=now,
                updated_at=now,
                service_sid=wanted.service_sid,
                media=wanted.media,
                status_callback=wanted.status_callback,
                send_at=wanted.send_at,
                valid_for=wanted.valid_for,
            ),
        )

    def receive(self, phone: str, ours: str, body: str, now: datetime) -> Message:
        """A text that a phone wrote to one of our numbers."""
        return self._add(phone, self._plain(phone, ours, body, now, Direction.INBOUND, Status.RECEIVED))

    def answer(self, phone: str, ours: str, body: str, now: datetime) -> Message:
        """A text that our webhook's TwiML sends back to the phone."""
        return self._add(phone, self._plain(ours, phone, body, now, Direction.OUTBOUND_REPLY, Status.QUEUED))

    def obey(self, word: Keyword, phone: str, ours: str, now: datetime) -> Message | None:
        """Act on a keyword; Twilio's own answer to it. START from someone who never opted out is an ordinary
        word ("YES" answers many questions) and gets none."""
        key = (self.settings.scope(ours), phone)
        if word is Keyword.START and key not in self._opted_out:
            return None
        if word is Keyword.STOP:
            self._opted_out.add(key)
        elif word is Keyword.START:
            self._opted_out.discard(key)
        reply = self._plain(ours, phone, REPLIES[word], now, Direction.OUTBOUND_REPLY, Status.DELIVERED)
        reply.automatic = True
        return self._add(phone, reply)

    def opted_out(self, scope: str, phone: str) -> bool:
        """Whether texts of this number or Messaging Service to this phone are refused."""
        return (scope, phone) in self._opted_out

    def step(self, message: Message, now: datetime, *, fate: int | None) -> None:
        """Move the message to its next status. fate, the code it will end with, counts when it leaves the
        queue."""
        following = _NEXT[message.status]
        if following is Status.QUEUED and message.sender is None:
            message.sender = self._sender_for(message.to)
        if following is Status.SENDING:
            message.sent_at = now
            message.fate = fate
            if now - (message.send_at or message.created_at) > message.valid_for:
                message.fate = 30036
            if message.fate in _NEVER_SENT:
                following = Status.FAILED
        if following is Status.DELIVERED and message.fate:
            following = Status.UNDELIVERED
        self.change(message, following, now, code=message.fate if following in FINAL else None)

    def change(self, message: Message, status: Status, now: datetime, *, code: int | None = None) -> None:
        """Give the message a status outright."""
        message.status = status
        message.error_code = code
        message.updated_at = now
        self.version += 1

    def redact(self, message: Message, now: datetime) -> None:
        """Forget what the message said."""
        message.body = ""
        self.change(message, message.status, now, code=message.error_code)

    def delete(self, message: Message) -> None:
        """Forget the message; a phone keeps what it received."""
        del self.messages[message.sid]
        self.version += 1

    def condition(self, phone: str) -> Condition:
        """What the phone is like; on, unless somebody said otherwise."""
        return self._conditions.get(phone, Condition.ON)

    def set_condition(self, phone: str, condition: Condition) -> None:
        """From now on the phone is like this."""
        self._conditions[phone] = condition
        self.threads.setdefault(phone, [])
        self.version += 1

    def last_contact(self, phone: str) -> str:
        """The number of ours that the phone had to do with last, which is where its replies go."""
        for message in reversed(self.threads.get(phone, ())):
            ours = message.to if message.direction is Direction.INBOUND else message.sender
            if ours:
                return ours
        return (self.settings.senders or self.settings.numbers)[0]

    def listed(self, phone: str | None) -> Iterable[Message]:
        """The messages that the API shows, oldest first; of one phone, if given."""
        if phone is None or phone in self.settings.numbers:
            return self.messages.values()
        return [message for message in self.threads.get(phone, ()) if message.sid in self.messages]

    def _sender_for(self, phone: str) -> str:
        # Twilio keeps to one sender per recipient; a checksum does so without remembering anything.
        senders = self.settings.senders or self.settings.numbers
        return senders[crc32(phone.encode()) % len(senders)]

    def _plain(
        self, sender: str, to: str, body: str, now: datetime, direction: Direction, status: Status
    ) -> Message:
        ours = to if direction is Direction.INBOUND else sender
        scope = self.settings.scope(ours)
        return Message(
            sid=_sid("SM"),
            account_sid=self.settings.account_sid,
            to=to,
            sender=sender,
            body=body,
            direction=direction,
            status=status,
            created_at=now,
            updated_at=now,
            sent_at=now if status is not Status.QUEUED else None,
            service_sid=None if scope == ours else scope,
        )

    def _add(self, phone: str, message: Message) -> Message:
        if not message.automatic:
            self.messages[message.sid] = message
        thread = self.threads.pop(phone, [])
        thread.append(message)
        self.threads[phone] = thread
        self.version += 1
        return message


def _sid(prefix: str) -> str:
    return prefix + uuid4().hex
