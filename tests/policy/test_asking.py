"""Which record is ours, and when is asked again?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.asking import (
    LOOKS_FOR_CUSTOMERS,
    LOOKS_FOR_STAFF,
    POLLS,
    SKEW,
    Record,
    matching,
    next_look,
    next_poll,
    reference,
)

AT = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
ADA = "+12125550142"
OURS = Record("SM1", True, ADA, f"Care: Hi Ada. #{reference(1042)}", AT, "queued", None)


def found(*records: Record, taken: tuple[str, ...] = ()) -> list[str]:
    return [each.sid for each in matching(records, number=1042, to=ADA, since=AT, taken=taken)]


def test_a_record_that_is_like_it_in_everything_is_found() -> None:
    assert found(OURS) == ["SM1"]


@pytest.mark.parametrize(
    "unlike",
    [
        replace(OURS, ours=False),
        replace(OURS, to="+12125550143"),
        replace(OURS, body=f"Care: Hi Ada. #{reference(1043)}"),
        replace(OURS, body=f"#{reference(1042)} is what she said"),
        replace(OURS, body=""),
        replace(OURS, made_at=AT - SKEW - timedelta(seconds=1)),
        replace(OURS, made_at=None),
    ],
)
def test_a_record_that_is_unlike_it_in_one_thing_is_not(unlike: Record) -> None:
    assert found(unlike) == []


def test_one_that_is_bound_already_is_not_it() -> None:
    assert found(OURS, taken=("SM1",)) == []


def test_clocks_may_be_a_few_minutes_apart() -> None:
    assert found(replace(OURS, made_at=AT - SKEW)) == ["SM1"]


def test_of_several_the_earliest_comes_first() -> None:
    later = replace(OURS, sid="SM0", made_at=AT + timedelta(seconds=1))
    assert found(later, OURS) == ["SM1", "SM0"]


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_two_messages_never_share_a_reference(one: int, other: int) -> None:
    assert (reference(one) == reference(other)) == (one == other)


@given(st.integers(0, 2**63 - 1))
def test_a_reference_is_one_word_that_can_be_read_out_on_the_phone(number: int) -> None:
    assert reference(number).isascii()
    assert reference(number).isalnum()
    assert not set(reference(number)) & set("ILOU")


def test_the_references_of_the_first_million_messages_are_four_letters_at_most() -> None:
    assert len(reference(999_999)) == 4


@pytest.mark.parametrize(
    ("waits", "ask"),
    [
        (LOOKS_FOR_CUSTOMERS, lambda n: next_look(n, AT, to_customer=True)),
        (LOOKS_FOR_STAFF, lambda n: next_look(n, AT, to_customer=False)),
        (POLLS, lambda n: next_poll(n, AT)),
    ],
)
def test_asking_becomes_rarer_and_ends(waits: tuple[timedelta, ...], ask: object) -> None:
    times = [ask(n) for n in range(len(waits) + 1)]  # type: ignore[operator]  # one of the three above
    assert times[:-1] == [AT + wait for wait in waits]
    assert times[-1] is None
    assert list(waits) == sorted(waits)
