"""A team's own words, and what they come to."""

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.operations.office import Office
from tests.visitor import Visitor, hidden, words
from tracker.model import Wording
from tracker.policy.wording import TextKind

OWN = "{team} here, {given_name}! {owner} {will}: {topic}."


def texts(cast: Cast) -> list[tuple[str, str, str]]:
    """Every wording: kind, language, template."""
    with cast.sessions() as session:
        rows = session.scalars(select(Wording).order_by(Wording.id))
        return [(row.kind, row.language, row.template) for row in rows]


def page_of(cast: Cast, kind: str = "promised", language: str = "en") -> str:
    """The editor's address."""
    return f"/setup/teams/{cast.care.id}/texts/{language}/{kind}"


def save(visitor: Visitor, path: str, template: str, **more: str) -> object:
    """Open the editor, type, press the button."""
    return visitor.post(path, seen=hidden(visitor.get(path).text, "seen"), template=template, **more)


def test_a_teams_own_words_arrive_at_the_customer(ada: Visitor, cast: Cast) -> None:
    save(ada, page_of(cast), OWN)
    with Office.open(cast) as office:
        cast.promised()
        cast.promised(owner=cast.zoe, customer=cast.maria, topic="the invoice")
        office.deliver()
        office.deliver()
        office.provider.drain()
        bodies = sorted(text.body for text in office.provider.phones[cast.maria.phone])
    assert bodies[0].startswith("Care here, Maria! Ana will call you back by")
    assert bodies[1].startswith("Sales: Hi Maria")


def test_own_words_in_another_language_are_not_sent(ada: Visitor, cast: Cast) -> None:
    save(ada, page_of(cast, language="es"), OWN)
    cast.promised()
    cast.tick()
    assert cast.wire.sent[0].body.startswith("Care: Hi Maria")


def test_what_is_written_in_the_customers_language_is_used_also_for_a_region_of_it(
    ada: Visitor, cast: Cast
) -> None:
    save(ada, page_of(cast, language="es"), "{given_name}: {topic} {will}")
    with cast.sessions.begin() as session:
        session.merge(cast.maria).language = "es-MX"
    cast.promised()
    cast.tick()
    assert cast.wire.sent[0].body.startswith("Maria: the refund for order 1042")


def test_a_language_that_nobody_writes_gets_the_teams_own_english(ada: Visitor, cast: Cast) -> None:
    save(ada, page_of(cast), OWN)
    with cast.sessions.begin() as session:
        session.merge(cast.maria).language = "pt"
    cast.promised()
    cast.tick()
    assert cast.wire.sent[0].body.startswith("Care here, Maria!")


def test_the_built_in_words_come_back(ada: Visitor, cast: Cast) -> None:
    save(ada, page_of(cast), OWN)
    assert texts(cast) == [("promised", "en", OWN)]
    assert "own words" in words(ada.get(f"/setup/teams/{cast.care.id}/texts"))
    save(ada, page_of(cast), OWN, drop="y")
    assert texts(cast) == []
    assert "own words" not in words(ada.get(f"/setup/teams/{cast.care.id}/texts"))


def test_the_preview_shows_the_text_its_cost_and_a_better_wording(ada: Visitor, cast: Cast) -> None:
    answer = ada.post(f"{page_of(cast)}/preview", template=OWN + " Unfortunately we cannot say more.")
    page = words(answer)
    assert "Care here, Maria! Ana will call you back by today 16:00: the refund for order 1042." in page
    assert "1 segment" in page
    assert "Unfortunately : It says what will not happen." in page
    assert "<html" not in answer.text
    longer = words(ada.post(f"{page_of(cast)}/preview", template=OWN + " And so on." * 12))
    assert "2 segments GSM-7" in longer
    assert texts(cast) == []


def test_without_scripts_a_button_previews(ada: Visitor, cast: Cast) -> None:
    answer = ada.post(page_of(cast), template=OWN, show="y")
    assert answer.status_code == 200
    assert "Care here, Maria!" in words(answer)
    assert texts(cast) == []


def test_what_is_typed_is_only_text(ada: Visitor, cast: Cast) -> None:
    answer = ada.post(f"{page_of(cast)}/preview", template=OWN + "<script>alert(1)</script>")
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("{team}: {topic} {will}", "Greet the customer by name: put in {given_name}."),
        ("{given_name} {topic} {wil} {by}", "{wil} cannot be filled in here. Did you mean {will}?"),
        ("{given_name} {topic} {by} {phone}", "{phone} cannot be filled in here."),
        ("{given_name} {topic} {by} {", "A brace is left open or over."),
        ("{given_name} {topic} {by}" + "x" * 1600, "1600 is the most"),
        ("", "Write the text"),
    ],
)
def test_words_that_could_not_be_sent_are_not_saved(
    ada: Visitor, cast: Cast, template: str, sentence: str
) -> None:
    answer = ada.post(page_of(cast), template=template, seen="")
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert texts(cast) == []


def test_two_administrators_do_not_overwrite_one_anothers_words(ada: Visitor, cast: Cast) -> None:
    save(ada, page_of(cast), OWN)
    late = ada.post(page_of(cast), template="Mine: " + OWN, seen="")
    assert late.status_code == 409
    assert "Somebody else changed these words meanwhile" in words(late)
    assert "As it is saved now" in words(late)
    assert texts(cast) == [("promised", "en", OWN)]
    ada.post(page_of(cast), template="Mine: " + OWN, seen=hidden(late.text, "seen"))
    assert texts(cast) == [("promised", "en", "Mine: " + OWN)]


def test_words_for_colleagues_may_name_the_phone(ada: Visitor, cast: Cast) -> None:
    save(ada, page_of(cast, "due"), "{heading}: {customer} {phone}")
    assert texts(cast) == [("due", "en", "{heading}: {customer} {phone}")]


def test_a_kind_or_language_that_is_none_is_not_found(ada: Visitor, cast: Cast) -> None:
    assert ada.get(page_of(cast, "nonsense")).status_code == 404
    assert ada.get(page_of(cast, language="xx")).status_code == 404
    assert ada.get(f"/setup/teams/{cast.care.id}/texts?language=xx").status_code == 404


@pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
def test_every_kind_of_text_has_its_page(ada: Visitor, cast: Cast, language: str) -> None:
    for kind in TextKind:
        assert ada.get(page_of(cast, kind.value, language)).status_code == 200, kind


@pytest.mark.parametrize(
    ("language", "topic"),
    [
        ("en", "the refund for order 1042"),
        ("es", "el reembolso del pedido 1042"),
        ("fr", "le remboursement de la commande 1042"),
        ("de", "die Erstattung für Bestellung 1042"),
    ],
)
def test_the_preview_is_in_the_language_of_the_text_whoever_edits_it(
    ada: Visitor, cast: Cast, language: str, topic: str
) -> None:
    ada.post("/language", language="es")
    page = ada.get(page_of(cast, language=language)).text
    assert topic[:15] in page.partition('class="phone-text"')[2].partition("</p>")[0]
    said = words(
        ada.post(f"{page_of(cast, language='en')}/preview", template=f"{OWN} Unfortunately. {{nobody}}")
    )
    assert "Dice lo que no ocurrirá." in said
    assert "{nobody} no se puede rellenar aquí." in said
