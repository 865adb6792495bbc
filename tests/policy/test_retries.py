"""The truth table of errors: again when, never again, or a person?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.retries import (
    ACCOUNT_WAIT,
    CLASSES,
    FIRST_WAIT,
    LATE_WAIT,
    LONGEST_WAIT,
    MOST_TRIES,
    Again,
    ErrorClass,
    GiveUp,
    after_failure,
    after_not_sent,
    after_rejection,
    back_off,
    classify,
)

QUIETLY, LOUDLY = GiveUp(alarm=False), GiveUp(alarm=True)


@pytest.mark.parametrize(
    ("code", "about"),
    [
        (21211, ErrorClass.DEAD_NUMBER),
        (21614, ErrorClass.DEAD_NUMBER),
        (30006, ErrorClass.DEAD_NUMBER),
        (21610, ErrorClass.OPTED_OUT),
        (20003, ErrorClass.ACCOUNT),
        (21606, ErrorClass.ACCOUNT),
        (35118, ErrorClass.ACCOUNT),
        (30034, ErrorClass.ACCOUNT),
        (401, ErrorClass.ACCOUNT),
        (21602, ErrorClass.OUR_BUG),
        (21617, ErrorClass.OUR_BUG),
        (20429, ErrorClass.LATER),
        (30001, ErrorClass.LATER),
        (30008, ErrorClass.LATER),
        (30007, ErrorClass.NEVER),
        (30036, ErrorClass.NEVER),
        (35119, ErrorClass.UNKNOWN_CODE),
        (99999, ErrorClass.UNKNOWN_CODE),
        (0, ErrorClass.UNKNOWN_CODE),
        (None, ErrorClass.UNKNOWN_CODE),
    ],
)
def test_each_code_is_about_one_thing(code: int | None, about: ErrorClass) -> None:
    assert classify(code) is about


@pytest.mark.parametrize(
    ("about", "first", "last"),
    [
        (ErrorClass.DEAD_NUMBER, QUIETLY, QUIETLY),
        (ErrorClass.OPTED_OUT, QUIETLY, QUIETLY),
        (ErrorClass.NEVER, QUIETLY, QUIETLY),
        (ErrorClass.OUR_BUG, LOUDLY, LOUDLY),
        (ErrorClass.UNKNOWN_CODE, LOUDLY, LOUDLY),
        (ErrorClass.ACCOUNT, Again(ACCOUNT_WAIT), Again(ACCOUNT_WAIT)),
        (ErrorClass.LATER, Again(FIRST_WAIT), QUIETLY),
    ],
)
def test_what_an_error_is_about_says_what_to_do(
    about: ErrorClass, first: Again | GiveUp, last: Again | GiveUp
) -> None:
    codes = [code for code, each in CLASSES.items() if each is about] or [99999]
    for code in codes:
        assert after_rejection(code, 1) == first
        assert after_rejection(code, MOST_TRIES) == last


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 900), (8, 900), (500, 900)]
)
def test_waits_double_from_a_quarter_minute_to_a_quarter_hour(tries: int, seconds: int) -> None:
    assert back_off(tries) == timedelta(seconds=seconds)


@given(st.integers(1, 10_000), st.none() | st.timedeltas(timedelta(), timedelta(days=1)))
def test_what_was_not_sent_is_tried_again_for_ever_and_never_sooner_than_asked(
    tries: int, asked: timedelta | None
) -> None:
    after = after_not_sent(tries, asked).after
    assert after >= max(FIRST_WAIT, asked or timedelta())
    assert after <= max(LONGEST_WAIT, asked or timedelta())


@given(st.integers(1, MOST_TRIES - 1))
def test_a_busy_provider_is_asked_again_a_dozen_times_each_time_no_sooner(tries: int) -> None:
    again, then = after_rejection(20429, tries), after_rejection(20429, tries + 1)
    assert isinstance(again, Again)
    assert then == QUIETLY or (isinstance(then, Again) and then.after >= again.after)


@pytest.mark.parametrize(
    ("code", "to_customer", "answers"),
    [
        (30001, False, [Again(LATE_WAIT), Again(2 * LATE_WAIT), QUIETLY]),
        (30001, True, [Again(LATE_WAIT), Again(2 * LATE_WAIT), QUIETLY]),
        (30008, False, [Again(LATE_WAIT), QUIETLY]),
        (30008, True, [QUIETLY]),
        (30005, True, [QUIETLY]),
        (20003, True, [Again(ACCOUNT_WAIT)] * 3),
        (99999, True, [LOUDLY]),
        (None, True, [QUIETLY]),
    ],
)
def test_what_did_not_arrive_is_tried_again_a_few_times_and_never_where_it_may_have_arrived_at_a_customer(
    code: int | None, to_customer: bool, answers: list[Again | GiveUp]
) -> None:
    tries = range(1, 1 + len(answers))
    assert [after_failure(code, each, to_customer=to_customer) for each in tries] == answers
