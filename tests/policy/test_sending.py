"""The truth table of leaving: may this text go, now?"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tracker.policy.consent import DEFAULT_QUIET, QuietHours
from tracker.policy.sending import AFTER_CLOSING, OF_A_REPLY, SHORTEST_USE, Drop, Go, Situation, Wait, decide
from tracker.policy.wording import CUSTOMER_KINDS, TextKind

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CLEAR = Situation(
    kind=TextKind.APOLOGY,
    phone="+447700900100",
    own_numbers=frozenset({"+15005550006"}),
    opted_out=None,
    closed=False,
    superseded=False,
    still_owner=True,
    expires_at=None,
    zone="UTC",
    quiet=DEFAULT_QUIET,
    made_at=NIGHT - timedelta(minutes=1),
)


@pytest.mark.parametrize("kind", TextKind)
def test_by_day_with_nothing_against_it_every_text_leaves(kind: TextKind) -> None:
    assert decide(replace(CLEAR, kind=kind, closed=kind in AFTER_CLOSING), now=NOON) == Go()


@pytest.mark.parametrize("kind", TextKind)
def test_after_closing_only_the_question_whether_it_was_kept_leaves_and_what_a_text_of_somebody_caused(
    kind: TextKind,
) -> None:
    before, after = (decide(replace(CLEAR, kind=kind, closed=closed), now=NOON) for closed in (False, True))
    if kind is TextKind.KEPT_IT:
        assert (before, after) == (Drop("it was opened again"), Go())
    else:
        assert (before, after) == (Go(), Go() if kind in OF_A_REPLY else Drop("closed"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"closed": True}, "closed"),
        ({"superseded": True}, "a new time was agreed"),
        ({"expires_at": NOON}, "too late to be useful"),
        ({"phone": None}, "no phone number"),
        ({"phone": "+15005550006"}, "that is our own number"),
        ({"opted_out": "the customer opted out of texts: call"}, "the customer opted out of texts: call"),
    ],
)
@pytest.mark.parametrize("now", [NOON, NIGHT])
def test_each_of_these_alone_stops_it_for_good(change: dict[str, object], reason: str, now: datetime) -> None:
    given = replace(CLEAR, **change)  # type: ignore[arg-type]  # names of Situation's
    assert decide(given, now=now) == Drop(reason)


@pytest.mark.parametrize(
    ("left", "decision"),
    [(SHORTEST_USE, Go()), (SHORTEST_USE - timedelta(seconds=1), Drop("too late to be useful"))],
)
def test_what_would_outlive_its_use_on_the_way_is_too_late_already(
    left: timedelta, decision: Go | Drop
) -> None:
    assert decide(replace(CLEAR, expires_at=NOON + left), now=NOON) == decision


@pytest.mark.parametrize(
    ("kind", "concerns_the_owner"),
    [
        (TextKind.REMINDER, True),
        (TextKind.DUE, True),
        (TextKind.YOURS_NOW, True),
        (TextKind.CHOSEN, True),
        (TextKind.ESCALATION, False),
        (TextKind.NOT_KEPT, False),
        (TextKind.STILL_OPEN, False),
        (TextKind.APOLOGY, False),
    ],
)
def test_what_concerns_the_owner_alone_concerns_nobody_once_another_answers_for_it(
    kind: TextKind, concerns_the_owner: bool
) -> None:
    decision = decide(replace(CLEAR, kind=kind, still_owner=False), now=NOON)
    assert decision == (Drop("somebody else answers for it now") if concerns_the_owner else Go())


def test_that_it_is_theirs_holds_for_a_colleague_whatever_the_due_time_is() -> None:
    assert decide(replace(CLEAR, kind=TextKind.YOURS_NOW, superseded=True), now=NOON) == Go()
    assert isinstance(decide(replace(CLEAR, kind=TextKind.DUE, superseded=True), now=NOON), Drop)


@pytest.mark.parametrize("kind", TextKind)
def test_at_night_colleagues_are_woken_and_of_the_customers_only_who_is_on_the_line(kind: TextKind) -> None:
    waits = kind in CUSTOMER_KINDS - {TextKind.PROMISED, TextKind.SAY_MORE}
    decision = decide(replace(CLEAR, kind=kind, closed=kind in AFTER_CLOSING), now=NIGHT)
    assert decision == (Wait(MORNING, "quiet hours where the customer is") if waits else Go())


@pytest.mark.parametrize(("ago", "goes"), [(15, True), (16, False), (240, False)])
def test_who_has_long_hung_up_is_not_woken_by_a_confirmation_that_was_held_up(ago: int, goes: bool) -> None:
    late = replace(CLEAR, kind=TextKind.PROMISED, made_at=NIGHT - timedelta(minutes=ago))
    assert decide(late, now=NIGHT) == (Go() if goes else Wait(MORNING, "quiet hours where the customer is"))


@pytest.mark.parametrize(
    ("expires_at", "decision"),
    [
        (MORNING, Drop("quiet hours end too late for it to be useful")),
        (MORNING + timedelta(minutes=1), Wait(MORNING, "quiet hours where the customer is")),
    ],
)
def test_what_would_be_useless_by_morning_is_dropped_at_once(
    expires_at: datetime, decision: Drop | Wait
) -> None:
    assert decide(replace(CLEAR, expires_at=expires_at), now=NIGHT) == decision


def test_it_is_the_customers_night_that_counts() -> None:
    assert decide(replace(CLEAR, zone="Pacific/Auckland"), now=NIGHT) == Go()
    assert isinstance(decide(replace(CLEAR, zone="Pacific/Auckland"), now=NOON), Wait)


def test_without_quiet_hours_nobody_waits() -> None:
    assert decide(replace(CLEAR, quiet=QuietHours(time(0), time(0))), now=NIGHT) == Go()


def test_an_opt_out_is_said_only_where_the_text_would_have_left_otherwise() -> None:
    both = replace(CLEAR, closed=True, opted_out="the customer opted out of texts: call")
    assert decide(both, now=NOON) == Drop("closed")
