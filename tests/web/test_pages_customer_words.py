"""The customer's page in four languages: what it says when it refuses something, and that no word is missing."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cast import Cast
from tests.operations.test_customers import fulfilled
from tests.web.customer_side import Link, doubles, moved, refused, replies, speaking
from tracker import customers
from tracker.languages import CATALOGUES, PAGES
from tracker.model import (
    Feedback,
)
from web import customer
from web.i18n import CUSTOMERS
from web.setup.texts import SAMPLE

REFUSALS = {
    "nowhere": {
        "en": "Please choose one of the times.",
        "es": "Elija una de las horas, por favor.",
        "fr": "Choisissez l'une des heures, s'il vous plaît.",
        "de": "Bitte wählen Sie eine der Zeiten.",
    },
    "not free": {
        "en": "That time is no longer free. Please choose again.",
        "es": "Esa hora ya no está libre. Elija de nuevo, por favor.",
        "fr": "Cette heure n'est plus libre. Choisissez de nouveau, s'il vous plaît.",
        "de": "Diese Zeit ist nicht mehr frei. Bitte wählen Sie noch einmal.",
    },
    "changed": {
        "en": "The time was changed meanwhile. Please look at it again.",
        "es": "Entretanto se cambió la hora. Mírela de nuevo, por favor.",
        "fr": "L'heure a été changée entre-temps. Vérifiez-la, s'il vous plaît.",
        "de": "Die Zeit wurde inzwischen geändert. Bitte sehen Sie noch einmal nach.",
    },
    "words": {
        "en": "Please write a few words, not more than 500 characters.",
        "es": "Escriba unas palabras, por favor, no más de 500 caracteres.",
        "fr": "Écrivez quelques mots, s'il vous plaît, pas plus de 500 caractères.",
        "de": "Bitte schreiben Sie ein paar Worte, höchstens 500 Zeichen.",
    },
    "open": {
        "en": "This is open: we are still on it.",
        "es": "Esto sigue abierto: estamos en ello.",
        "fr": "Le dossier est ouvert : nous nous en occupons encore.",
        "de": "Das ist noch offen: Wir sind dran.",
    },
    "nothing": {
        "en": "Please say whether we kept our promise, or give 1 to 5 points.",
        "es": "Díganos, por favor, si hemos cumplido nuestra promesa, o dé de 1 a 5 puntos.",
        "fr": "Dites-nous, s'il vous plaît, si nous avons tenu notre promesse, ou donnez de 1 à 5 points.",
        "de": "Bitte sagen Sie uns, ob wir Wort gehalten haben, oder geben Sie 1 bis 5 Punkte.",
    },
    "no time": {
        "en": "This is closed by now: there is no time left to choose.",
        "es": "Esto ya está cerrado: no queda ninguna hora que elegir.",
        "fr": "Le dossier est clos : il n'y a plus d'heure à choisir.",
        "de": "Das ist inzwischen abgeschlossen: Es gibt keine Zeit mehr zu wählen.",
    },
    "no note": {
        "en": "This is closed by now, and your note was not sent. Please answer below.",
        "es": "Esto ya está cerrado y su nota no se envió. Responda aquí abajo, por favor.",
        "fr": "Le dossier est clos, et votre message n'a pas été envoyé. Répondez ci-dessous, s'il vous plaît.",
        "de": "Das ist inzwischen abgeschlossen, Ihre Nachricht wurde nicht gesendet. "
        "Bitte antworten Sie unten.",
    },
    "another": {
        "en": "Another promise stands for this one. Please open this page again.",
        "es": "Otra promesa sustituye a esta. Abra de nuevo esta página, por favor.",
        "fr": "Une autre promesse remplace celle-ci. Ouvrez de nouveau cette page, s'il vous plaît.",
        "de": "Eine andere Zusage steht für diese. Bitte öffnen Sie diese Seite noch einmal.",
    },
}
"""What a customer is told who sends what cannot be, in each language."""


@pytest.mark.parametrize("language", CUSTOMERS)
def test_whatever_is_refused_is_told_with_its_reason_in_the_customer_s_language(
    cast: Cast, phone: FlaskClient, link: Link, language: str
) -> None:
    speaking(cast, language, "Europe/London")
    still, done, other = cast.promised(minutes=300), fulfilled(cast), cast.promised(minutes=300)
    doubles(cast, other, still)
    night = "2026-11-22T03:00:00+00:00"
    for number, act, sent, why in (
        (still, "time", {}, "nowhere"),
        (still, "time", {"at": "soon", "seen": "1"}, "nowhere"),
        (still, "time", {"at": night, "seen": "x"}, "nowhere"),
        (still, "time", {"at": night, "seen": "1"}, "not free"),
        (still, "time", {"at": "2026-11-19T10:00:00+00:00", "seen": "1"}, "not free"),
        (still, "time", {"at": "2026-11-20T12:00:00", "seen": "1"}, "not free"),
        (still, "time", {"at": night, "seen": "7"}, "changed"),
        (still, "note", {}, "words"),
        (still, "note", {"note": " \u200b"}, "words"),
        (still, "note", {"note": "a\0b"}, "words"),
        (still, "note", {"note": "x" * 501}, "words"),
        (still, "judge", {"kept": "yes"}, "open"),
        (still, "judge", {}, "nothing"),
        (done, "judge", {}, "nothing"),
        (done, "judge", {"score": "6"}, "nothing"),
        (done, "judge", {"kept": "maybe"}, "nothing"),
        (done, "judge", {"score": "5", "comment": "x" * 501}, "words"),
        (done, "time", {"at": night, "seen": "1"}, "no time"),
        (done, "note", {"note": "ring twice"}, "no note"),
        (other, "judge", {"kept": "no"}, "another"),
    ):
        answer = phone.post(f"{link(number)}/{act}", data=sent)
        assert answer.status_code == (409 if why == "changed" else 422), (act, sent)
        assert refused(answer) == REFUSALS[why][language], (act, sent)
    assert (moved(cast), replies(cast)) == ([], [])
    with cast.sessions() as session:
        assert session.scalars(select(Feedback)).all() == []


@pytest.mark.parametrize("language", [each for each in CUSTOMERS if each != "en"])
def test_every_word_for_customers_is_there_in_every_language_and_no_other(language: str) -> None:
    room = Path(customer.__file__).parent
    rules = [("python", file) for file in (room / "customer.py", room / "sorry.py", Path(customers.__file__))]
    pages = [("jinja2.ext:babel_extract", page) for page in (room / "templates").glob("customer*.html")]
    wanted = {
        str(text)
        for method, file in (*rules, *pages)
        for _, text, _, _ in extract_from_file(method, file, {**DEFAULT_KEYWORDS, "say": None, "N_": None})
    }
    with (CATALOGUES / f"{language}.po").open("rb") as written:
        known = {str(each.id): str(each.string) for each in read_po(written, locale=language) if each.id}
    assert wanted - {text for text, said in known.items() if said} == set()
    assert language in PAGES or known.keys() - wanted == {SAMPLE}
    for text in wanted:
        assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", known[text]))
