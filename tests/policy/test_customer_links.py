"""The address of a customer's page: ours alone to write, and short."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.links import OPEN_FOR, SIGNED, Links, has_expired
from tracker.policy.segments import count

LINKS = Links("https://tracker.example.com", "a secret of this house")
NUMBERS = st.integers(min_value=1, max_value=2**63 - 1)
NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


@given(NUMBERS)
def test_what_we_wrote_we_can_read(number: int) -> None:
    assert LINKS.read(LINKS.token(number)) == number


@given(NUMBERS, NUMBERS)
def test_the_signature_of_one_promise_opens_no_other(mine: int, other: int) -> None:
    forged = LINKS.token(other)[:-SIGNED] + LINKS.token(mine)[-SIGNED:]
    assert LINKS.read(forged) == (mine if mine == other else None)


@given(NUMBERS, st.data())
def test_a_link_with_one_character_changed_opens_nothing(number: int, data: st.DataObject) -> None:
    token = LINKS.token(number)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="utf-8"))
    changed = token[:place] + letter + token[place + 1 :]
    assert LINKS.read(changed) == (number if changed == token else None)


@given(st.text(max_size=40))
def test_what_somebody_made_up_opens_nothing(text: str) -> None:
    assert LINKS.read(text) is None


def test_a_link_of_a_million_characters_costs_nothing_to_refuse() -> None:
    assert LINKS.read("9" * 1_000_000) is None


@pytest.mark.parametrize("spelled", ["0{}", "{}\n", " {}", "{} "])
def test_a_link_has_one_spelling(spelled: str) -> None:
    assert LINKS.read(spelled.format(LINKS.token(7))) is None


def test_another_key_opens_nothing() -> None:
    assert Links(LINKS.base, "another secret").read(LINKS.token(7)) is None


def test_the_key_is_not_shown_where_links_are_logged() -> None:
    assert "a secret" not in repr(LINKS)


def test_a_link_is_short_and_written_in_the_letters_that_texts_have() -> None:
    address = LINKS.to(1_000_000)
    assert address.startswith("https://tracker.example.com/c/")
    assert len(address) == 45
    assert count(address).units == len(address)


def test_a_page_stays_open_for_thirty_days_after_closing() -> None:
    assert not has_expired(None, now=NOON)
    assert not has_expired(NOON - OPEN_FOR + timedelta(seconds=1), now=NOON)
    assert has_expired(NOON - OPEN_FOR, now=NOON)
