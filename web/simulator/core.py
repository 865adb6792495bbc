"""What does Twilio do, and when?

The simulator holds an agenda of things that will happen; time passes when somebody says so (tests) or with
the clock (the live server). State changes under one lock; webhooks are called outside it, because the one
who is called may be waiting for an answer from us.
"""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from web.simulator.checks import check
from web.simulator.errors import TwilioError
from web.simulator.faults import Fault, FaultBook, FaultKind, On
from web.simulator.journal import Entry, Journal
from web.simulator.keywords import keyword
from web.simulator.message import FINAL, Message, Status, Text
from web.simulator.settings import SimulatorSettings, is_number
from web.simulator.state import FATES, PACE, Condition, State
from web.simulator.twiml import TwimlError, texts
from web.simulator.webhooks import MISCHIEF, Answer, Post, Webhook, inbound, post_over_http, status_callback


class Phones(Mapping[str, list[Text]]):
    """The phones by number, the one that was active last standing last. Each is a list of the texts to and
    from it, oldest first; an unknown one is empty."""

    def __init__(self, state: State, lock: threading.RLock) -> None:
        self._state = state
        self._lock = lock

    def __getitem__(self, number: str) -> list[Text]:
        with self._lock:
            return [Text.of(message) for message in self._state.threads.get(number, ())]

    def __contains__(self, number: object) -> bool:
        return number in self._state.threads

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._state.threads))

    def __len__(self) -> int:
        return len(self._state.threads)


class Simulator:
    """One Twilio account and the phones it writes to.

    clock: gives the present, aware.
    live: the time is the clock's alone, and advance() only brings things forward. Otherwise the simulator's
    time is the clock's or as far as advance() has gone, whichever is later: it never runs backwards.
    post: calls the webhooks; over HTTP, unless a test brings its own.
    journal_path: also write the journal to this file, as lines of JSON.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        *,
        clock: Callable[[], datetime],
        live: bool = False,
        post: Post = post_over_http,
        journal_path: Path | None = None,
    ) -> None:
        self.settings = settings
        self.inbound_url = settings.inbound_url
        self.state = State(settings)
        self.faults = FaultBook()
        self.journal = Journal(journal_path)
        self.lock = threading.RLock()
        self.phones = Phones(self.state, self.lock)
        self._clock = clock
        self._is_live = live
        self._post = post
        self._reached = clock()
        self._agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._ticket = itertools.count()

    def now(self) -> datetime:
        """The simulator's time."""
        return max(self._reached, self._clock())

    def advance(self, seconds: float = 0) -> int:
        """Let that many seconds pass and everything happen that falls due in them; how many things did."""
        return self._work_off(self.now() + timedelta(seconds=seconds))

    def drain(self) -> int:
        """Let time pass until nothing is left to happen, scheduled messages included; how many things did."""
        happened = 0
        while (due := self._next_due()) is not None:
            happened += self._work_off(due)
        return happened

    def forget(self) -> None:
        """Nothing that was still to happen will."""
        with self.lock:
            self._agenda.clear()

    def order(self, fault: Fault) -> None:
        """From now on the fault strikes where it applies."""
        self.faults.order(fault)

    def create(self, form: Mapping[str, str], media: int = 0) -> dict[str, object]:
        """Create a message from the parameters of a request; the resource as the answer shows it.

        Raises TwilioError.
        """
        now = self.now()
        with self.lock:
            wanted = check(form, media, settings=self.settings, opted_out=self.state.opted_out, now=now)
            message = self.state.create(wanted, now)
            self._note_created(message, now)
            birth = self.faults.draw(On.BIRTH, message.to)
            if birth and birth.kind is FaultKind.FAILED_AT_ONCE:
                self.state.change(message, Status.FAILED, now, code=birth.code or 30001)
            answer = message.as_json()
            moves = message.status not in FINAL and not wanted.stays_queued
            early = moves and birth is not None and birth.kind is FaultKind.EARLY and not message.send_at
            if moves and not early:
                self._put(self._first_turn(message, birth, now), partial(self._live, message))
        if early:
            while self._turn(message, now) is not None:
                pass
        return answer

    def find(self, sid: str) -> Message:
        """The message with this sid. Raises TwilioError 20404."""
        message = self.state.messages.get(sid)
        if message is None:
            raise TwilioError(20404, f"/Messages/{sid}.json")
        return message

    def update(self, sid: str, form: Mapping[str, str]) -> dict[str, object]:
        """Cancel (Status=canceled) or redact (an empty Body) a message. Raises TwilioError."""
        with self.lock:
            message, now = self.find(sid), self.now()
            if "Status" in form:
                if form["Status"] != Status.CANCELED:
                    raise TwilioError(20001, "Status")
                if message.status is not Status.SCHEDULED:
                    raise TwilioError(30409, message.status.value)
                self.state.change(message, Status.CANCELED, now)
            if "Body" in form:
                if form["Body"]:
                    raise TwilioError(20001, "Body")
                self._require_finished(message)
                self.state.redact(message, now)
            return message.as_json()

    def delete(self, sid: str) -> None:
        """Delete a message. Raises TwilioError."""
        with self.lock:
            message = self.find(sid)
            self._require_finished(message)
            self.state.delete(message)

    def reply(self, phone: str, body: str, *, to: str | None = None) -> str:
        """Write a text on a phone; the sid of the inbound message. to: the number of ours it goes to; None:
        the one that wrote to this phone last. The webhook has been called when this returns.

        Raises ValueError for a phone that is no number, and for an empty text.
        """
        if not is_number(phone):
            raise ValueError(f"{phone!r} is not a phone number; write it like +14155550100.")
        if not body.strip():
            raise ValueError("The text is empty; write something first.")
        now = self.now()
        with self.lock:
            message = self.state.receive(phone, to or self.state.last_contact(phone), body, now)
            self._note_created(message, now)
            word = keyword(body)
            if word:
                self.state.obey(word, phone, message.to, now)
        if self.inbound_url:
            reported = word if self.settings.advanced_opt_out and message.service_sid else None
            self._call(inbound(message, self.inbound_url, reported), now)
        return message.sid

    def set_condition(self, phone: str, condition: Condition) -> None:
        """From now on the phone is like this. Raises ValueError for a phone that is no number."""
        if not is_number(phone):
            raise ValueError(f"{phone!r} is not a phone number; write it like +14155550100.")
        with self.lock:
            self.state.set_condition(phone, condition)

    def _first_turn(self, message: Message, birth: Fault | None, now: datetime) -> datetime:
        if message.send_at:
            return message.send_at
        if birth and birth.kind is FaultKind.HELD:
            return now + timedelta(seconds=600 if birth.seconds is None else birth.seconds)
        return now + PACE[message.status]

    def _live(self, message: Message, at: datetime) -> None:
        wait = self._turn(message, at)
        if wait is not None:
            self._put(at + wait, partial(self._live, message))

    def _turn(self, message: Message, at: datetime) -> timedelta | None:
        """Move the message on by one status and say so; how long until the next turn, None when there is
        none."""
        with self.lock:
            if message.status in FINAL:  # cancelled meanwhile
                return None
            fate = self._fate(message) if message.status is Status.QUEUED else None
            self.state.step(message, at, fate=fate)
            callback = status_callback(message)
            silent = self.state.condition(message.to) is Condition.NO_RECEIPTS
            ends_here = message.status in FINAL or (message.status is Status.SENT and silent)
            wait = None if ends_here else PACE[message.status]
        if callback:
            self._call(callback, at)
        return wait

    def _fate(self, message: Message) -> int | None:
        scope = self.settings.scope(message.sender or "")
        if message.send_at and self.state.opted_out(scope, message.to):
            return 21610  # STOP does not cancel what is scheduled; it only keeps it from being sent
        fault = self.faults.draw(On.DELIVERY, message.to)
        if fault:
            return fault.code or 30003
        return FATES.get(self.state.condition(message.to))

    def _call(self, webhook: Webhook, at: datetime) -> None:
        fault = self.faults.draw(webhook.on, webhook.phone)
        calls = MISCHIEF[fault.kind](fault, webhook) if fault else [(timedelta(0), webhook)]
        for delay, call in calls:
            if delay:
                self._put(at + delay, partial(self._deliver, call))
            else:
                self._deliver(call, at)

    def _deliver(self, webhook: Webhook, at: datetime) -> None:
        answer = self._post(webhook.url, webhook.params, webhook.headers(self.settings.auth_token))
        error = 11205 if answer is None else 11200 if answer.status >= 400 else None
        if webhook.on is On.INBOUND and answer and error is None and not webhook.forged:
            error = self._send_back(webhook, answer, at)
        self.journal.write(
            Entry.WEBHOOK,
            at,
            on=webhook.on.value,
            url=webhook.url,
            params=dict(webhook.params),
            token=webhook.token,
            forged=webhook.forged,
            status=answer.status if answer else None,
            error=error,
        )

    def _send_back(self, webhook: Webhook, answer: Answer, at: datetime) -> int | None:
        """Send what the webhook's TwiML asks for; the debugger's code if that cannot be done."""
        try:
            bodies = texts(answer)
        except TwimlError as error:
            return error.code
        phone, ours = webhook.phone, webhook.params["To"]
        with self.lock:
            if bodies and self.state.opted_out(self.settings.scope(ours), phone):
                return 21610
            for body in bodies:
                message = self.state.answer(phone, ours, body, at)
                self._note_created(message, at)
                self._put(at + PACE[message.status], partial(self._live, message))
        return None

    def _require_finished(self, message: Message) -> None:
        if message.status not in FINAL | {Status.SENT}:
            raise TwilioError(20009, message.status.value)

    def _note_created(self, message: Message, now: datetime) -> None:
        self.journal.write(
            Entry.CREATED,
            now,
            sid=message.sid,
            direction=message.direction.value,
            to=message.to,
            sender=message.sender,
            body=message.body,
            status_callback=message.status_callback,
        )

    def _put(self, at: datetime, act: Callable[[datetime], None]) -> None:
        with self.lock:
            heapq.heappush(self._agenda, (at, next(self._ticket), act))

    def _next_due(self) -> datetime | None:
        with self.lock:
            return self._agenda[0][0] if self._agenda else None

    def _take(self, until: datetime) -> tuple[datetime, Callable[[datetime], None]] | None:
        with self.lock:
            if not self._agenda or self._agenda[0][0] > until:
                return None
            at, _, act = heapq.heappop(self._agenda)
            self._reach(at)
            return at, act

    def _work_off(self, until: datetime) -> int:
        happened = 0
        while (due := self._take(until)) is not None:
            at, act = due
            act(at)
            happened += 1
        with self.lock:
            self._reach(until)
        return happened

    def _reach(self, at: datetime) -> None:
        if not self._is_live:
            self._reached = max(self._reached, at)
