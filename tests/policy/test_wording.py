"""What we say, to whom, in which words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from tracker.policy.segments import count
from tracker.policy.wording import CUSTOMER_KINDS, Facts, TextKind, render

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)  # a Tuesday

MARIA = Facts(
    given_name="Maria",
    customer_name="Maria Lopez",
    customer_phone="+14155550123",
    topic="bill charged twice",
    commitment_kind="callback",
    owner_given_name="Sam",
    team="Acme Energy",
    due_at=NOON + timedelta(hours=3),
    first_due_at=NOON + timedelta(hours=3),
    zone="UTC",
    link="",
)


def text(kind: TextKind, language: str = "en", now: datetime = NOON, **changes: object) -> str:
    return render(kind, replace(MARIA, **changes), language=language, now=now)  # type: ignore[arg-type]  # any field


def test_the_confirmation_says_who_we_are_who_does_what_by_when_about_what_and_how_to_opt_out() -> None:
    assert text(TextKind.PROMISED) == (
        'Acme Energy: Hi Maria, Sam will call you back by today 15:00 about "bill charged twice". '
        "Reply STOP to opt out."
    )


def test_the_apology_names_the_missed_time_says_sorry_and_what_happens_next() -> None:
    late = NOON + timedelta(hours=3, minutes=15)
    assert text(TextKind.APOLOGY, now=late, next_at=NOON + timedelta(hours=4)) == (
        'Acme Energy: Hi Maria, sorry we are late with your callback about "bill charged twice", '
        "promised by today 15:00. A colleague steps in by 16:00."
    )


@pytest.mark.parametrize("next_at", [None, NOON - timedelta(minutes=1), NOON])
def test_the_apology_names_no_next_time_that_is_unknown_or_gone(next_at: datetime | None) -> None:
    assert text(TextKind.APOLOGY, next_at=next_at).endswith("today 15:00. We will see it through.")


def test_what_happens_next_names_its_day_unless_it_is_today() -> None:
    shown = text(TextKind.APOLOGY, next_at=NOON + timedelta(hours=20))
    assert shown.endswith("A colleague steps in by tomorrow 08:00.")


def test_the_customer_is_told_by_name_who_takes_over() -> None:
    assert "Ana now takes care of" in text(TextKind.HANDED_OVER, owner_given_name="Ana")


def test_a_supervisor_reads_who_owns_it_whom_to_call_and_where_to_look() -> None:
    shown = text(TextKind.ESCALATION, link="https://t.example/c/1")
    assert shown == (
        'Late: callback today 15:00 (Sam), Maria Lopez +14155550123, "bill charged twice". https://t.example/c/1'
    )


def test_one_text_for_forty_late_promises_says_so() -> None:
    assert text(TextKind.ESCALATION, late_count=40).startswith("40 late, first: callback today 15:00")


def test_still_open_names_the_time_promised_first() -> None:
    assert "Sun 15 Nov, 15:00" in text(TextKind.STILL_OPEN, first_due_at=NOON - timedelta(hours=45))


@pytest.mark.parametrize(
    ("kind", "language", "said"),
    [
        ("callback", "en", "will call you back by today 15:00"),
        ("refund", "en", "will see to your refund by"),
        ("visit", "de", "kommt bis heute 15:00 zu Ihnen"),
        ("callback", "de", "ruft Sie bis heute 15:00 zurück"),
        ("callback", "es", "le llama hoy antes de las 15:00"),
        ("answer", "fr", "vous répond aujourd'hui avant 15h00"),
    ],
)
def test_what_we_will_do_follows_the_kind_of_commitment(kind: str, language: str, said: str) -> None:
    assert said in text(TextKind.PROMISED, language, commitment_kind=kind)


def test_a_kind_of_the_team_s_own_is_worded_as_other() -> None:
    own = text(TextKind.PROMISED, commitment_kind="meter reading")
    assert own == text(TextKind.PROMISED, commitment_kind="other")
    assert "will see to your request" in own


@pytest.mark.parametrize(
    ("due", "language", "said"),
    [
        ("2026-11-19T15:00", "en", "by Thu 19 Nov, 15:00"),
        ("2026-11-19T15:00", "de", "bis Do. 19. Nov., 15:00"),
        ("2026-11-19T15:00", "es", "el jue 19 nov antes de las 15:00"),
        ("2026-11-19T15:00", "fr", "jeu. 19 nov. avant 15h00"),
        ("2026-11-18T08:05", "en", "by tomorrow 08:05"),
        ("2026-11-18T08:05", "de", "bis morgen 08:05"),
        ("2026-11-18T08:05", "es", "mañana antes de las 08:05"),
        ("2026-11-18T08:05", "fr", "demain avant 08h05"),
        ("2026-11-16T17:00", "en", "by yesterday 17:00"),
        ("2026-11-21T15:00", "es", "el sab 21 nov antes"),
        ("2027-08-04T15:00", "fr", "mer. 4 aout avant"),
    ],
)
def test_a_time_is_written_as_the_reader_writes_it(due: str, language: str, said: str) -> None:
    shown = text(TextKind.PROMISED, language, due_at=datetime.fromisoformat(due).replace(tzinfo=UTC))
    assert said in shown
    assert count(shown).encoding == "GSM-7"


@pytest.mark.parametrize(
    ("zone", "now", "due", "said"),
    [
        ("America/New_York", "2026-11-18T03:00Z", "2026-11-18T04:30Z", "today 23:30"),
        ("America/New_York", "2026-11-18T03:00Z", "2026-11-18T05:30Z", "tomorrow 00:30"),
        ("Asia/Tokyo", "2026-11-17T14:59Z", "2026-11-17T15:00Z", "tomorrow 00:00"),
        ("Asia/Kathmandu", "2026-11-17T18:00Z", "2026-11-17T18:30Z", "tomorrow 00:15"),
        # The night of 23 hours and the one of 25: a day ahead is the next date, not 24 hours.
        ("Europe/Berlin", "2026-03-28T22:30Z", "2026-03-29T21:45Z", "tomorrow 23:45"),
        ("Europe/Berlin", "2026-10-24T22:30Z", "2026-10-25T22:45Z", "today 23:45"),
        ("Europe/Berlin", "2026-03-28T23:30Z", "2026-03-29T01:00Z", "today 03:00"),
    ],
)
def test_the_day_is_that_of_the_reader_s_own_clock(zone: str, now: str, due: str, said: str) -> None:
    shown = text(
        TextKind.PROMISED, zone=zone, now=datetime.fromisoformat(now), due_at=datetime.fromisoformat(due)
    )
    assert f"by {said} about" in shown


def test_times_given_in_any_zone_are_shown_in_the_reader_s() -> None:
    tokyo = (NOON + timedelta(hours=3)).astimezone(ZoneInfo("Asia/Tokyo"))
    assert text(TextKind.PROMISED, due_at=tokyo) == text(TextKind.PROMISED)


def test_an_unknown_zone_is_an_error_and_no_guess() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        text(TextKind.PROMISED, zone="Europe/Nowhere")


@pytest.mark.parametrize(
    ("language", "as_in"), [("de-AT", "de"), ("es_MX", "es"), ("FR", "fr"), ("pt", "en"), ("", "en")]
)
def test_a_language_is_found_by_its_tag_and_english_stands_in(language: str, as_in: str) -> None:
    assert text(TextKind.APOLOGY, language) == text(TextKind.APOLOGY, as_in)


@pytest.mark.parametrize(
    ("language", "greeting"),
    [("en", "Acme Energy: Hi, "), ("es", ": Hola, "), ("fr", " : Bonjour, "), ("de", ": Hallo, ")],
)
@pytest.mark.parametrize("kind", sorted(CUSTOMER_KINDS))
def test_a_customer_without_a_name_is_greeted_without_one(
    kind: TextKind, language: str, greeting: str
) -> None:
    assert greeting in text(kind, language, given_name="")
    assert text(kind, language, given_name=" \u00a0\n") == text(kind, language, given_name="")


# Shortening


LONG = "The bill of July was charged twice and the second charge was never paid back to my account"


def test_only_the_topic_is_shortened_at_a_word_and_no_further_than_it_takes() -> None:
    shown = text(TextKind.PROMISED, topic=LONG)
    assert shown == (
        "Acme Energy: Hi Maria, Sam will call you back by today 15:00 about "
        '"The bill of July was charged twice and the second charge was...". Reply STOP to opt out.'
    )
    assert len(shown) <= 160 < len(shown) + len(" never")


@pytest.mark.parametrize("length", range(55, 80))
def test_a_topic_is_shown_whole_exactly_as_long_as_it_fits(length: int) -> None:
    topic = "x" * 30 + " " + "y" * (length - 31)
    shown = text(TextKind.PROMISED, topic=topic)
    frame = len(text(TextKind.PROMISED, topic=""))
    assert (topic in shown) is (frame + length <= 160)
    assert count(shown).count == 1


def test_a_topic_is_left_whole_where_shortening_saves_no_segment() -> None:
    team = "Consolidated Energy and Water Services of the Northern Counties"
    topic = "bill charged twice in July"
    shown = text(TextKind.PROMISED, topic=topic, team=team, owner_given_name="Bartholomew")
    assert count(shown).count == 2
    assert f'"{topic}"' in shown


def test_a_topic_of_one_endless_word_is_cut_to_twenty_characters() -> None:
    assert '"' + "x" * 17 + '..."' in text(TextKind.PROMISED, topic="x" * 500)


@pytest.mark.parametrize("kind", TextKind)
def test_however_long_the_rest_some_twenty_characters_of_the_topic_stay(kind: TextKind) -> None:
    shown = text(kind, topic=LONG * 5, team="T" * 120, customer_name="N" * 120)
    assert '"The bill of July was' in shown


@pytest.mark.parametrize("name", ["François", "Łukasz", "Đặng", "山田", "O’Brien", "José–Luis", "Zoë 🙂"])
def test_a_name_is_never_altered_even_if_the_text_becomes_ucs_2(name: str) -> None:
    shown = text(TextKind.PROMISED, given_name=name, owner_given_name=name, team=name)
    assert shown.count(name) == 3
    assert count(shown).encoding == "UCS-2"


def test_look_alikes_in_a_topic_do_not_cost_a_segment() -> None:
    shown = text(TextKind.PROMISED, topic="the “new” meter – it’s\u00a0wrong… again")
    assert '"the "new" meter - it\'s wrong... again"' in shown
    assert count(shown).encoding == "GSM-7"


# Nothing in the facts can break or forge a text


@pytest.mark.parametrize(
    "breaker",
    [
        "\n",
        "\r\n",
        "\t",
        "\x00",
        "\x1b[31m",
        "\x85",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ud800",
    ],
)
def test_line_breaks_controls_and_direction_marks_are_collapsed(breaker: str) -> None:
    shown = text(
        TextKind.PROMISED,
        topic=f"bill{breaker}Bank: your PIN",
        given_name=f"Ma{breaker}",
        owner_given_name=f"{breaker}Sam",
        team=f"Acme{breaker}{breaker}Energy",
    )
    assert breaker[0] not in shown
    assert shown.startswith("Acme")
    assert "  " not in shown


def test_braces_in_the_facts_are_literal() -> None:
    shown = text(TextKind.PROMISED, topic="meter {given_name} {0} {{x}} }{", given_name="{topic}")
    assert '"meter {given_name} {0} {{x}} }{"' in shown
    assert "Hi {topic}," in shown


def test_an_invisible_mark_does_not_split_a_word() -> None:
    shown = text(TextKind.PROMISED, topic="bill\u00ad\u200bing", given_name="Ma\u200eria")
    assert '"billing"' in shown
    assert "Hi Maria," in shown


def test_the_parts_of_letters_and_emoji_are_kept_in_names() -> None:
    assert "👩\u200d🔧" in text(TextKind.PROMISED, owner_given_name="👩\u200d🔧")
    assert "مهدی\u200cزاده" in text(TextKind.PROMISED, given_name="مهدی\u200cزاده")


def test_a_full_stop_at_the_end_of_the_topic_is_not_doubled() -> None:
    assert '"Bill charged twice". Reply' in text(TextKind.PROMISED, topic="Bill charged twice.")
