"""Does a text say what we will do, or what we won't?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.texts import LANGUAGES
from tracker.policy.texts.language import REASONS, Reason
from tracker.policy.tone import check


@pytest.mark.parametrize(
    ("text", "language", "phrase", "why"),
    [
        ("We can't do that today.", "en", "can't", Reason.NEGATIVE),
        ("We CANNOT do that.", "en", "CANNOT", Reason.NEGATIVE),
        ("Unfortunately your part is late.", "en", "Unfortunately", Reason.NEGATIVE),
        ("I don't know when.", "en", "don't know", Reason.UNKNOWING),
        ("You failed to send the form.", "en", "You failed to", Reason.BLAME),
        ("As I said, it takes two days.", "en", "As I said", Reason.BLAME),
        ("Please calm down.", "en", "calm down", Reason.BLAME),
        ("That is against our policy.", "en", "policy", Reason.EXCUSE),
        ("We will try to call.", "en", "try to", Reason.VAGUE),
        ("We will call as soon as possible.", "en", "as soon as possible", Reason.VAGUE),
        ("Lamentablemente no hay piezas.", "es", "Lamentablemente", Reason.NEGATIVE),
        ("Le llamamos lo antes posible.", "es", "lo antes posible", Reason.VAGUE),
        ("No sé cuándo.", "es", "No sé", Reason.UNKNOWING),
        ("Nous ne pouvons pas venir.", "fr", "ne pouvons pas", Reason.NEGATIVE),
        ("Nous rappelons dès que possible.", "fr", "dès que possible", Reason.VAGUE),
        ("Calmez-vous.", "fr", "Calmez-vous", Reason.BLAME),
        ("Leider geht das heute.", "de", "Leider", Reason.NEGATIVE),
        ("Wie gesagt, bis Montag.", "de", "Wie gesagt", Reason.BLAME),
        ("Wir melden uns schnellstmöglich.", "de", "schnellstmöglich", Reason.VAGUE),
    ],
)
def test_a_phrase_to_avoid_is_found_with_its_reason_and_a_better_wording(
    text: str, language: str, phrase: str, why: Reason
) -> None:
    [finding] = check(text, language)
    assert (finding.phrase, finding.why) == (phrase, REASONS[why])
    assert text[finding.start : finding.end] == phrase
    assert finding.better


@pytest.mark.parametrize("spelling", ["can't", "can’t", "can`t", "cant", "CAN'T", "Can´t"])
def test_the_apostrophe_may_be_typed_in_any_way_or_left_out(spelling: str) -> None:
    assert [finding.phrase for finding in check(f"We {spelling} come.", "en")] == [spelling]


@pytest.mark.parametrize("spelling", ["próximamente", "proximamente", "pro\u0301ximamente", "PRÓXIMAMENTE"])
def test_accents_may_be_composed_separate_or_left_out(spelling: str) -> None:
    assert [finding.phrase for finding in check(f"Llamamos {spelling}.", "es")] == [spelling]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Canton and the applicants", "en"),
        ("The policyholder will hear from us by today 15:00.", "en"),
        ("We will call again and stay on it until it is done.", "en"),
        ("Wir bleiben dran. Der Leidersberg ist schön.", "de"),
        ("Imposibleton", "es"),
    ],
)
def test_only_whole_words_count(text: str, language: str) -> None:
    assert check(text, language) == []


def test_line_breaks_and_double_spaces_inside_a_phrase_do_not_hide_it() -> None:
    assert [finding.phrase for finding in check("as  soon\nas possible", "en")] == ["as  soon\nas possible"]


def test_the_longest_phrase_wins_where_two_begin_together() -> None:
    assert [finding.phrase for finding in check("Wir wissen nicht; as we know", "de")] == ["wissen nicht"]
    assert [finding.phrase for finding in check("as soon as we can", "en")] == ["as soon as we can"]


def test_findings_come_in_order_of_place() -> None:
    found = [finding.phrase for finding in check("Unfortunately we can't; you must try to wait.", "en")]
    assert found == ["Unfortunately", "can't", "you must", "try to"]


def test_a_language_is_found_by_its_tag_and_an_unknown_one_is_read_as_english() -> None:
    assert check("leider", "de-AT")
    assert check("unfortunately", "xx")
    assert not check("leider", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_every_language_is_found_and_no_better_wording_is_itself_flagged(
    language: str,
) -> None:
    for entry in LANGUAGES[language].tone:
        assert check(entry.better, language) == [], entry.better
        for phrase in entry.phrases:
            assert [finding.phrase for finding in check(f"x {phrase}, x", language)] == [phrase]


@given(st.text(max_size=200), st.sampled_from(sorted(LANGUAGES)))
def test_findings_never_overlap_and_point_at_their_phrase(text: str, language: str) -> None:
    end = 0
    for finding in check(text, language):
        assert finding.start >= end
        assert text[finding.start : finding.end] == finding.phrase
        end = finding.end
