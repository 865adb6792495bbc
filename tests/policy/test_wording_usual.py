"""Usual texts, in every language, of every kind: one segment, and a tone that says what we will do."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from tracker.policy.links import Links
from tracker.policy.segments import count
from tracker.policy.texts import LANGUAGES
from tracker.policy.tone import check
from tracker.policy.wording import CUSTOMER_KINDS, Facts, TextKind, render

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
KINDS = ["callback", "refund", "replacement", "answer", "visit", "other", "meter reading"]
LINK = "https://tracker.example.com/commitments/12345"
PAGE = Links("https://tracker.example.com", "a secret").to(12345)

# customer, owner, team, zone
PEOPLE = {
    "en": [
        ("Maria", "Maria Lopez", "Sam", "Acme Energy", "America/New_York"),
        ("Christopher", "Christopher Hamilton", "Priya", "Harbour Bank", "Europe/London"),
    ],
    "es": [
        ("Carmen", "Carmen Navarro", "Pablo", "Luz del Norte", "Europe/Madrid"),
        ("José", "José Fernández", "Elena", "Banco Sur", "America/Mexico_City"),
    ],
    "fr": [
        ("Camille", "Camille Moreau", "Julien", "Banque Dupont", "Europe/Paris"),
        ("Hélène", "Hélène Lefebvre", "Karim", "Eau du Midi", "Europe/Brussels"),
    ],
    "de": [
        ("Sabine", "Sabine Müller", "Jonas", "Stadtwerke Kiel", "Europe/Berlin"),
        ("Friedrich", "Friedrich Großmann", "Ayse", "Nordbank", "Europe/Vienna"),
    ],
}
TOPICS = {
    "en": [
        "bill charged twice",
        "The new router drops the line every evening and you asked for a technician.",
    ],
    "es": [
        "factura cobrada dos veces",
        "El nuevo aparato se apaga cada noche y pide que venga alguien a verlo.",
    ],
    "fr": ["facture payée deux fois", "La nouvelle box coupe chaque soir et vous demandez un technicien."],
    "de": [
        "Rechnung doppelt abgebucht",
        "Der neue Router trennt jeden Abend und Sie bitten um einen Techniker.",
    ],
}

# The times at which each kind is sent: (due, next step) counted from now.
Times = list[tuple[timedelta, timedelta | None]]
AHEAD: Times = [(timedelta(hours=3), None), (timedelta(days=1), None), (timedelta(days=2, hours=3), None)]
PAST: Times = [
    (-timedelta(minutes=15), timedelta(minutes=45)),
    (-timedelta(minutes=15), None),
    (-timedelta(hours=20), None),
]
TIMES: dict[TextKind, Times] = {
    TextKind.PROMISED: AHEAD,
    TextKind.RENEGOTIATED: AHEAD,
    TextKind.APOLOGY: PAST,
    TextKind.HANDED_OVER: AHEAD + PAST,
    TextKind.UNCOVERED: AHEAD,
    TextKind.UNREACHED: AHEAD + PAST,
    TextKind.SAY_MORE: AHEAD + PAST,
    TextKind.REMINDER: AHEAD,
    TextKind.DUE: [(timedelta(0), None)],
    TextKind.ESCALATION: PAST,
    TextKind.YOURS_NOW: AHEAD + PAST,
    TextKind.STILL_OPEN: [(-timedelta(days=3), None)],
    TextKind.CALL_WANTED: AHEAD + PAST,
    TextKind.USE_THE_PAGE: AHEAD + PAST,
    TextKind.CHOSEN: AHEAD,
    TextKind.NOT_KEPT: AHEAD,
    TextKind.KEPT_IT: PAST,
}


def usual_texts(kind: TextKind, language: str, commitment_kind: str, page: str = "") -> list[str]:
    texts = []
    for person, topic, (due, following) in product(PEOPLE[language], TOPICS[language], TIMES[kind]):
        given_name, name, owner, team, zone = person
        facts = Facts(
            given_name=given_name,
            customer_name=name if kind in CUSTOMER_KINDS else name.replace("á", "a"),
            customer_phone="+4915112345678",
            topic=topic,
            commitment_kind=commitment_kind,
            owner_given_name=owner,
            team=team,
            due_at=NOW + due,
            first_due_at=NOW + due - timedelta(days=1),
            zone=zone,
            next_at=NOW + following if following else None,
            link=page if kind in CUSTOMER_KINDS else LINK,
        )
        texts.append(render(kind, facts, language=language, now=NOW))
    return texts


@pytest.mark.parametrize("commitment_kind", KINDS)
@pytest.mark.parametrize("kind", TextKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_usual_text_is_one_segment_of_gsm_7_in_a_good_tone(
    language: str, kind: TextKind, commitment_kind: str
) -> None:
    for text in usual_texts(kind, language, commitment_kind):
        cost = count(text)
        assert (cost.encoding, cost.count) == ("GSM-7", 1), (cost.units, text)
        assert check(text, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_s_text_greets_by_name_and_recalls_the_case(language: str) -> None:
    short, long = TOPICS[language]
    for kind in CUSTOMER_KINDS:
        for text in usual_texts(kind, language, "callback"):
            assert any(f" {given_name}, " in text for given_name, *_ in PEOPLE[language])
            assert short[:20] in text or long[:20] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_text_says_how_to_opt_out_in_the_keyword_that_works(language: str) -> None:
    assert all("STOP" in text for text in usual_texts(TextKind.PROMISED, language, "visit"))


@pytest.mark.parametrize("kind", sorted(CUSTOMER_KINDS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_link_to_the_page_comes_along_where_it_costs_nothing(language: str, kind: TextKind) -> None:
    for text in usual_texts(kind, language, "callback", PAGE):
        if kind is TextKind.PROMISED:
            assert PAGE in text
            assert count(text).count <= 2
        else:
            assert count(text).count == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_whether_it_was_kept_says_how_to_answer_in_digits(language: str) -> None:
    for text in usual_texts(TextKind.KEPT_IT, language, "callback", PAGE):
        assert "1" in text.replace(PAGE, "")
        assert "2" in text.replace(PAGE, "")
