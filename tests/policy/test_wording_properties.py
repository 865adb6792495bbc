"""Whatever the facts, a text comes out: one line, honest, no longer than it must be."""

from dataclasses import replace
from datetime import UTC, datetime
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.segments import count
from tracker.policy.texts import LANGUAGES
from tracker.policy.wording import CUSTOMER_KINDS, Facts, TextKind, check_template, render

ZONES = ["UTC", "America/St_Johns", "Europe/Dublin", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"]
INSTANTS = st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
NAMES = st.text(max_size=25)
FACTS = st.builds(
    Facts,
    given_name=NAMES,
    customer_name=NAMES,
    customer_phone=st.just("+14155550123"),
    topic=st.text(max_size=200) | st.text("ab ", max_size=200),
    commitment_kind=st.sampled_from(["callback", "refund", "visit", "other"]) | st.text(max_size=10),
    owner_given_name=NAMES,
    team=NAMES,
    due_at=INSTANTS,
    first_due_at=INSTANTS,
    zone=st.sampled_from(ZONES),
    next_at=st.none() | INSTANTS,
    late_count=st.integers(1, 1000),
    link=st.sampled_from(["", "https://t.example/c/1"]),
)
KINDS = st.sampled_from(list(TextKind))
LANGUAGE = st.sampled_from(sorted(LANGUAGES)) | st.text(max_size=5)
PLAIN_NAMES = st.text("abcdefgh ñé", min_size=1, max_size=12).map(lambda name: "N" + name.strip())


def changed(facts: Facts, **changes: str) -> Facts:
    return replace(facts, **changes)  # type: ignore[arg-type]  # fields of text only


@given(KINDS, FACTS, LANGUAGE, INSTANTS)
def test_a_text_always_comes_out_as_one_line_without_controls(
    kind: TextKind, facts: Facts, language: str, now: datetime
) -> None:
    text = render(kind, facts, language=language, now=now)
    assert text == text.strip()
    assert not {category(character) for character in text} & {"Cc", "Cs", "Zl", "Zp"}
    text.encode()


@given(KINDS, FACTS, LANGUAGE, INSTANTS, st.text(max_size=60))
def test_whatever_a_template_holds_a_text_comes_out(
    kind: TextKind, facts: Facts, language: str, now: datetime, wild: str
) -> None:
    template = "{heading}{customer}{given_name}{topic}{by}".replace(
        "{heading}", "" if kind in CUSTOMER_KINDS else "{heading}"
    )
    for own in (wild, template + wild):
        text = render(kind, facts, language=language, now=now, templates={kind: own})
        assert not {category(character) for character in text} & {"Cc", "Cs", "Zl", "Zp"}
        if check_template(kind, own):
            assert text == render(kind, facts, language=language, now=now)


@given(KINDS, FACTS, PLAIN_NAMES, PLAIN_NAMES, LANGUAGE, INSTANTS)
def test_names_stand_in_the_text_as_they_are(
    kind: TextKind, facts: Facts, name: str, owner: str, language: str, now: datetime
) -> None:
    known = changed(facts, given_name=name, customer_name=name, owner_given_name=owner)
    text = render(kind, known, language=language, now=now)
    assert " ".join(normalize("NFC", name).split()) in text


@given(KINDS, FACTS, st.text("abcdefg  ", max_size=300), LANGUAGE, INSTANTS)
def test_a_topic_is_shown_whole_or_shortening_it_saved_a_segment(
    kind: TextKind, facts: Facts, words: str, language: str, now: datetime
) -> None:
    topic = " ".join(words.split())
    text = render(kind, changed(facts, topic=topic), language=language, now=now)
    if f'"{topic}"' not in text:
        kept = next(end for end in range(len(topic), 0, -1) if f'"{topic[:end]}..."' in text)
        assert kept >= 16
        assert count(text.replace(topic[:kept] + "...", topic)).count > count(text).count


@given(FACTS, INSTANTS)
def test_the_time_shown_is_the_reader_s_wall_clock(facts: Facts, now: datetime) -> None:
    text = render(TextKind.PROMISED, facts, language="en", now=now)
    assert f"{facts.due_at.astimezone(ZoneInfo(facts.zone)):%H:%M}" in text
