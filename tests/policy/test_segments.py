"""What a text costs, and which characters can be had more cheaply."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.policy.segments import GSM7, Segments, count, plain

GSM_TEXT = st.text(alphabet=st.sampled_from(sorted(GSM7)), max_size=700)
ANY_TEXT = st.text(max_size=300)
TYPOGRAPHIC = st.text(alphabet="ae'‘’“”«»–—−…\u00a0\u202f\u200b\u0301\u0308\u1fef\u2000`´", max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 1, 160)),
        ("a" * 160, Segments("GSM-7", 160, 1, 0)),
        ("a" * 161, Segments("GSM-7", 161, 2, 145)),
        ("a" * 306, Segments("GSM-7", 306, 2, 0)),
        ("a" * 307, Segments("GSM-7", 307, 3, 152)),
        ("ж" * 70, Segments("UCS-2", 70, 1, 0)),
        ("ж" * 71, Segments("UCS-2", 71, 2, 63)),
        ("ж" * 134, Segments("UCS-2", 134, 2, 0)),
        ("ж" * 135, Segments("UCS-2", 135, 3, 66)),
    ],
    ids=lambda value: f"{len(value)} characters" if isinstance(value, str) else "",
)
def test_the_limits_of_one_two_and_three_segments(text: str, expected: Segments) -> None:
    assert count(text) == expected


@pytest.mark.parametrize("character", "€{}[]~|\\^")
def test_an_escaped_character_costs_two_units(character: str) -> None:
    assert count(character * 80) == Segments("GSM-7", 160, 1, 0)
    assert count(character * 80 + "a").count == 2


def test_an_escaped_character_moves_whole_into_the_next_segment() -> None:
    assert count("a" * 152 + "€" + "a" * 151) == Segments("GSM-7", 305, 2, 0)
    assert count("a" * 152 + "€" + "a" * 152).count == 3, (
        "305 + 1 units would fit in 306 if the escape were split"
    )


def test_an_emoji_costs_two_units_and_moves_whole_into_the_next_segment() -> None:
    assert count("🙂" * 35) == Segments("UCS-2", 70, 1, 0)
    assert count("🙂" * 66) == Segments("UCS-2", 132, 2, 1), "33 emoji a segment, one unit of each left over"
    assert count("🙂" * 67).count == 3


@pytest.mark.parametrize("letter", "çêôáíóúœÀ")
def test_a_single_letter_outside_the_alphabet_makes_the_whole_text_ucs_2(letter: str) -> None:
    assert count("a" * 100).encoding == "GSM-7"
    assert count("a" * 99 + letter) == Segments("UCS-2", 100, 2, 34)


def test_the_alphabet_has_127_characters_and_ten_more_by_escape() -> None:
    assert sorted(GSM7.values()).count(1) == 127
    assert sorted(GSM7.values()).count(2) == 10


@given(ANY_TEXT | GSM_TEXT, ANY_TEXT | GSM_TEXT)
@example("{" * 80, "ж")
def test_more_text_never_takes_fewer_segments(one: str, other: str) -> None:
    assert count(one + other).count >= max(count(one).count, count(other).count)


@given(GSM_TEXT | ANY_TEXT)
def test_units_free_units_and_segments_add_up(text: str) -> None:
    cost = count(text)
    alone, joined = (160, 153) if cost.encoding == "GSM-7" else (70, 67)
    capacity = alone if cost.count == 1 else cost.count * joined
    wasted = capacity - cost.units - cost.left
    assert 0 <= wasted < cost.count, "at most one unit is wasted in each segment but the last"
    assert 0 <= cost.left <= alone


@given(GSM_TEXT | ANY_TEXT | TYPOGRAPHIC)
def test_plain_text_stays_as_it_is_when_made_plain_again(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(GSM_TEXT)
def test_a_text_in_the_alphabet_is_plain_already(text: str) -> None:
    assert plain(text) == text


def test_look_alikes_become_characters_of_the_alphabet() -> None:
    assert plain("“It’s «due» – now…”\u00a0\u202fok") == '"It\'s "due" - now..."  ok'
    assert count(plain("‘a’ — b − c\u2009d\u200b")).encoding == "GSM-7"


def test_a_letter_with_a_separate_accent_is_composed() -> None:
    assert plain("Jose\u0301") == "José"


def test_letters_of_a_language_are_never_replaced() -> None:
    assert plain("François Łukasz Đặng 山田 ёж") == "François Łukasz Đặng 山田 ёж"
