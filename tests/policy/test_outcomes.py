"""The truth table of the verdict, and the one law it must never break."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.outcomes import (
    KEPT,
    Change,
    Disposition,
    Evidence,
    Outcome,
    Try,
    Verdict,
    lacking,
    verdict,
)

DUE = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
LATER = DUE + timedelta(hours=2)


def at(minutes: int) -> datetime:
    """So many minutes after the first due time."""
    return DUE + timedelta(minutes=minutes)


def tried(minutes: int, disposition: Disposition = Disposition.NO_ANSWER) -> Try:
    return Try(at(minutes), disposition)


def reached(minutes: int) -> Try:
    return tried(minutes, Disposition.REACHED)


def moved(made: int, to: int, told: int | None) -> Change:
    return Change(at(made), at(to), None if told is None else at(told))


F, U, C, W, D = (
    Outcome.FULFILLED,
    Outcome.UNREACHABLE,
    Outcome.CANCELLED,
    Outcome.WITHDRAWN,
    Outcome.DUPLICATE,
)
V = Verdict

TABLE = [
    # what happened, tries, changes, outcome, closed (minutes), reopened (minutes), verdict
    ("reached in time", [reached(-5)], [], F, -5, None, V.KEPT_ON_TIME),
    ("reached on the dot", [reached(0)], [], F, 0, None, V.KEPT_ON_TIME),
    ("reached in time, closed next day", [reached(-5)], [], F, 1440, None, V.KEPT_ON_TIME),
    ("reached late", [reached(1)], [], F, 1, None, V.LATE),
    ("seen to in time by reference, no talk", [], [], F, -60, None, V.KEPT_ON_TIME),
    ("seen to late by reference", [], [], F, 60, None, V.LATE),
    ("no answer in time, reached late", [tried(-5), reached(30)], [], F, 30, None, V.ATTEMPTED_ON_TIME),
    ("no answer late, reached later", [tried(5), reached(30)], [], F, 30, None, V.LATE),
    ("moved and told in time, reached then", [reached(90)], [moved(-30, 120, -30)], F, 90, None,
     V.KEPT_AS_RENEGOTIATED),
    ("moved and told on the dot", [reached(90)], [moved(0, 120, 0)], F, 90, None, V.KEPT_AS_RENEGOTIATED),
    ("moved in time, reached by the first time anyway", [reached(-5)], [moved(-30, 120, -30)], F, -5, None,
     V.KEPT_ON_TIME),
    ("moved in time, reached later still", [reached(130)], [moved(-30, 120, -30)], F, 130, None, V.LATE),
    ("moved in time, told too late", [reached(90)], [moved(-30, 120, 5)], F, 90, None, V.LATE),
    ("moved in time, never told", [reached(90)], [moved(-30, 120, None)], F, 90, None, V.LATE),
    ("moved after it was missed", [reached(90)], [moved(5, 120, 5)], F, 90, None, V.LATE),
    ("moved twice, each in time", [reached(200)], [moved(-30, 120, -30), moved(100, 240, 100)], F, 200, None,
     V.KEPT_AS_RENEGOTIATED),
    ("moved twice, once late", [reached(200)], [moved(-30, 120, -30), moved(130, 240, 130)], F, 200,
     None, V.LATE),
    ("first change never told, second told in time", [reached(200)],
     [moved(-30, 120, None), moved(-10, 240, -10)], F, 200, None, V.KEPT_AS_RENEGOTIATED),
    ("moved earlier, kept", [reached(-70)], [moved(-120, -60, -120)], F, -70, None, V.KEPT_ON_TIME),
    ("moved earlier and missed, but by the first time", [reached(-30)], [moved(-120, -60, -120)], F, -30,
     None, V.LATE),
    ("tried by the new time, reached late", [tried(100), reached(150)], [moved(-30, 120, -30)], F, 150, None,
     V.ATTEMPTED_ON_TIME),
    ("unreachable, tried in time", [tried(-5), tried(60), tried(120)], [], U, 120, None, V.ATTEMPTED_ON_TIME),
    ("unreachable, a wrong number in time", [tried(-5, Disposition.WRONG_NUMBER)], [], U, 10, None,
     V.ATTEMPTED_ON_TIME),
    ("unreachable, tried only late", [tried(5), tried(60), tried(120)], [], U, 120, None, V.BROKEN),
    ("cancelled while there was time", [], [], C, -10, None, V.NOT_COUNTED),
    ("cancelled on the dot", [], [], C, 0, None, V.NOT_COUNTED),
    ("cancelled because nobody called", [], [], C, 20, None, V.BROKEN),
    ("cancelled late, but we had tried", [tried(-5)], [], C, 20, None, V.ATTEMPTED_ON_TIME),
    ("cancelled in the new time", [], [moved(-30, 120, -30)], C, 60, None, V.NOT_COUNTED),
    ("cancelled in a new time nobody told them", [], [moved(-30, 120, None)], C, 60, None, V.BROKEN),
    ("withdrawn in time", [], [], W, -60, None, V.BROKEN),
    ("withdrawn late", [], [], W, 60, None, V.BROKEN),
    ("a duplicate", [], [], D, 60, None, V.NOT_COUNTED),
    ("reached, did not hold, seen to late", [reached(-30), reached(40)], [], F, 40, -10, V.LATE),
    ("reached, did not hold, seen to in time", [reached(-30), reached(-2)], [], F, -2, -10, V.KEPT_ON_TIME),
    ("reopened after the time with a new one", [reached(-30), reached(100)], [moved(60, 120, 60)], F, 100, 60,
     V.LATE),
    ("no answer before the reopening still was a try", [tried(-30), reached(90)], [], F, 90, -10,
     V.ATTEMPTED_ON_TIME),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "tries", "changes", "outcome", "closed", "reopened", "expected"),
    TABLE,
    ids=lambda v: str(v)[:60],
)
def test_the_verdict_follows_from_the_evidence(
    story: str,
    tries: list[Try],
    changes: list[Change],
    outcome: Outcome,
    closed: int,
    reopened: int | None,
    expected: Verdict,
) -> None:
    evidence = Evidence(DUE, changes, tries, None if reopened is None else at(reopened))
    assert verdict(evidence, outcome, at(closed)) is expected, story


late_changes = st.lists(
    st.builds(
        lambda made, to, told: moved(made, made + to, None if told is None else made + told),
        st.integers(1, 5000),
        st.integers(1, 5000),
        st.none() | st.integers(0, 100),
    ),
    max_size=6,
).map(lambda changes: sorted(changes, key=lambda change: change.made_at))
late_tries = st.lists(st.builds(tried, st.integers(1, 9000), st.sampled_from(Disposition)), max_size=6).map(
    lambda tries: sorted(tries, key=lambda each: each.at)
)


@given(
    changes=late_changes,
    tries=late_tries,
    outcome=st.sampled_from(Outcome),
    closed=st.integers(1, 20000),
    reopened=st.none() | st.integers(1, 9000),
)
def test_nothing_done_after_a_missed_deadline_makes_it_kept(
    changes: list[Change], tries: list[Try], outcome: Outcome, closed: int, reopened: int | None
) -> None:
    evidence = Evidence(DUE, changes, tries, None if reopened is None else at(reopened))
    assert verdict(evidence, outcome, at(closed)) not in KEPT | {Verdict.ATTEMPTED_ON_TIME}


@given(
    tries=st.lists(st.builds(tried, st.integers(-500, 500), st.sampled_from(Disposition)), max_size=5),
    extra=late_changes,
    outcome=st.sampled_from([F, U, C]),
)
def test_a_late_change_never_improves_a_verdict(
    tries: list[Try], extra: list[Change], outcome: Outcome
) -> None:
    ordered = sorted(tries, key=lambda each: each.at)
    plain, edited = Evidence(DUE, [], ordered), Evidence(DUE, extra, ordered)
    assert verdict(plain, outcome, at(600)) is verdict(edited, outcome, at(600))


@pytest.mark.parametrize(
    ("outcome", "tries", "spoken", "reference", "sentence"),
    [
        (F, [], True, "RF-1", "Log the attempt that reached"),
        (F, [tried(-5)], True, "", "Log the attempt that reached"),
        (F, [reached(-5)], True, "", None),
        (F, [], False, "", "Give the proof"),
        (F, [], False, "RF-1", None),
        (F, [reached(-5)], False, "", None),
        (U, [tried(-5), tried(-3)], True, "", "so far: 2 of 3."),
        (U, [tried(-5), tried(-3), tried(1)], True, "", None),
        (U, [tried(-5), tried(-3), reached(1)], True, "", "so far: 2 of 3."),
        (C, [], True, "", "how the customer told us"),
        (C, [], True, "by e-mail", None),
        (C, [reached(-5)], True, "", None),
        (W, [reached(-5)], True, "", "why we withdraw"),
        (W, [], True, "sold out", None),
        (D, [], True, "", None),
    ],
)
def test_an_ending_needs_its_proof(
    outcome: Outcome, tries: list[Try], spoken: bool, reference: str, sentence: str | None
) -> None:
    lacks = lacking(Evidence(DUE, [], tries), outcome, spoken=spoken, reference=reference, tries_wanted=3)
    assert (lacks is None) if sentence is None else (lacks is not None and sentence in lacks)
