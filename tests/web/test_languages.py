"""The pages in two languages: every sentence has its Spanish, and somebody who reads Spanish meets no English."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from tests.cast import TWO, Cast
from tests.visitor import Visitor, words
from tracker import commitments
from tracker.languages import catalogue
from tracker.model import Customer, Event, EventKind, Person
from tracker.policy.outcomes import Disposition, Outcome
from tracker.reports import REPORTS
from web.spoken import spoken
from web.times import Watch

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"%\((\w+)\)s")
ENGLISH = re.compile(
    r"\b(the|and|with|your|you|of|this|that|was|were|is|are|for|promise|promises|text|due|late|open|customer|team)\b",
    re.IGNORECASE,
)
SAID = ("aria-label", "placeholder", "title", "data-says", "data-trouble", "data-lost")
"""Attributes whose words somebody sees or hears."""


def extracted() -> Catalog:
    """What the documented command extracts, by the same configuration."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods, options = [], {}
    for mapping in mappings:
        patterns = mapping["pattern"] if isinstance(mapping["pattern"], list) else [mapping["pattern"]]
        for pattern in patterns:
            methods.append((pattern, mapping["method"]))
            options[pattern] = {k: v for k, v in mapping.items() if k not in ("method", "pattern")}
    found = Catalog()
    for folder in ("web", "tracker"):
        inside = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods]
        named = {pattern.removeprefix(f"{folder}/"): each for pattern, each in options.items()}
        keywords = {**DEFAULT_KEYWORDS, "say": None}
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, inside, named, keywords
        ):
            found.add(message)
    return found


def spanish() -> Catalog:
    """The catalogue as it is written."""
    with (ROOT / "tracker/languages/es.po").open("rb") as written:
        return read_po(written, locale="es")


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """One text, or its singular and plural."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def test_every_sentence_has_its_spanish_and_nothing_in_the_catalogue_is_stale() -> None:
    wanted, written = extracted(), spanish()
    ids = {message.id for message in wanted if message.id}
    known = {message.id: message for message in written if message.id}
    assert len(ids) > 500, "the extraction found the sentences at all"
    lacking = [each for each in ids if each not in known or not all(forms(known[each].string))]
    assert not lacking, "without a Spanish translation in tracker/languages/es.po:\n" + "\n".join(
        sorted(map(repr, lacking))
    )
    stale = known.keys() - ids
    assert not stale, "in tracker/languages/es.po, but said nowhere:\n" + "\n".join(sorted(map(repr, stale)))
    fuzzy = [message.id for message in known.values() if message.fuzzy]
    assert not fuzzy, f"guessed, not translated: {fuzzy}"


def test_no_rule_refuses_anything_in_english_alone() -> None:
    """What pages may show; programs and the command line are spoken to in English."""
    elsewhere = {"replay.py", "settings.py"}
    files = [
        file
        for folder in ("tracker", "web", "web/setup")
        for file in (ROOT / folder).glob("*.py")
        if file.name not in elsewhere
    ]
    bare = [
        f"{file.name}: {ast.unparse(call)}"
        for file in (*files, *(ROOT / "tracker/policy").rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("Refused", "NotFound", "Conflict", "LadderError", "HoursError")
        and call.args
        and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert not bare, "said in English to everybody:\n" + "\n".join(bare)


def test_a_translation_has_the_places_of_its_sentence() -> None:
    wrong = [
        (message.id, message.string)
        for message in spanish()
        if message.id
        for said in forms(message.string)
        if set(PLACE.findall(forms(message.id)[-1])) - set(PLACE.findall(said)) - {"num"}
        or set(PLACE.findall(said)) - set(PLACE.findall(forms(message.id)[-1]))
        or forms(message.id)[-1].count("%%") != said.count("%%")
    ]
    assert not wrong


class _Said(HTMLParser):
    """Collects what a page says to eyes and ears."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in SAID and value]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def said(page: str) -> list[str]:
    """The texts of a page, one by one. The foot names each language by its own name; zones are named as zones are;
    what is marked as another language is in that."""
    reader = _Said()
    page = re.sub(r'<(\w+)[^>]*\blang="(?!es)[^"]*"[^>]*>.*?</\1>', "", page, flags=re.DOTALL)
    reader.feed(re.sub(r"<footer.*?</footer>|<(datalist|kbd|code)\b.*?</\1>", "", page, flags=re.DOTALL))
    return [text for each in reader.said if (text := " ".join(each.split()))]


def left_in_english() -> re.Pattern[str]:
    """The sentences that Spanish says otherwise, as one pattern: one by one a thousand were tried on every text."""
    english = []
    theirs = {text for message in spanish() if message.id for text in forms(message.string)}
    for message in spanish():
        for one, its in zip(forms(message.id), forms(message.string), strict=True) if message.id else ():
            bare = PLACE.sub("", one)
            if one != its and one not in theirs and len(re.findall(r"[a-zA-Z]", bare)) > 3:
                parts = PLACE.split(one.replace("%%", "%"))
                english.append("".join(".+" if n % 2 else re.escape(part) for n, part in enumerate(parts)))
    return re.compile("|".join(english), re.DOTALL)


@pytest.fixture
def busy(cast: Cast) -> list[int]:
    """Promises in every state, told in Spanish throughout: open, late, moved, tried, closed, missed, opened again."""
    with cast.sessions.begin() as session:
        for person in session.query(Person):
            person.language = "es"
        session.get_one(Customer, cast.maria.id).language = "es"
    numbers = [cast.promised(minutes=minutes, topic="el pedido 1042") for minutes in (20, 40, 90, 300)]
    with cast.sessions.begin() as session:
        ana, sue = (session.get_one(Person, each.id) for each in (cast.ana, cast.sue))
        first, second, third, fourth = (commitments.find(session, each, by=ana) for each in numbers)
        commitments.log_attempt(session, first, by=ana, disposition=Disposition.BUSY, now=TWO)
        commitments.revise(
            session, second, by=ana, due_at=TWO + timedelta(hours=4), reason="falta", told=False, now=TWO
        )
        commitments.reassign(
            session, third, by=sue, to=session.get_one(Person, cast.ben.id), reason="turno", now=TWO
        )
        commitments.tell_owner(session, fourth, by=sue, now=TWO)
        for kind, text in (
            (
                EventKind.WARNED,
                "18 of the team's last 20 refunds done within 3 h of working time; 1 open",
            ),
            (EventKind.MENDED, "Ana Ruiz has left: Ben Ito answers for it now."),
            (EventKind.NOTED, "Ana Ruiz gets no texts: the number takes no texts"),
            (EventKind.JUDGED, "We did not keep it. 2 of 5 points."),
            (EventKind.REPLIED, "The customer takes texts again."),
        ):
            session.add(
                Event(
                    commitment_id=fourth.id,
                    at=TWO,
                    kind=kind,
                    due_version=fourth.due_version,
                    facts={"text": text},
                )
            )
    cast.tick()
    cast.tick(50)
    with cast.sessions.begin() as session:
        ana = session.get_one(Person, cast.ana.id)
        for number, outcome in ((numbers[0], Outcome.WITHDRAWN), (numbers[2], Outcome.CANCELLED)):
            commitments.close(
                session,
                commitments.find(session, number, by=ana),
                by=ana,
                outcome=outcome,
                reference="llamó",
                now=cast.clock.now,
            )
    cast.tick(30)
    return numbers


def addresses(app: Flask, numbers: list[int]) -> Iterator[str]:
    """Every page that somebody of ours can open."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            ours = rule.endpoint.split(".")[0] not in ("static", "bootstrap", "health", "customer", "twilio")
            if "GET" not in (rule.methods or ()) or not ours or rule.rule.endswith(".csv"):
                continue
            given: list[int] | list[str] = list(REPORTS) if "name" in rule.arguments else numbers
            for value in given if rule.arguments else given[:1]:
                values: dict[str, Any] = dict.fromkeys(rule.arguments, value)
                if rule.endpoint == "reports.behind":
                    values["column"] = "missed"
                yield app.url_for(rule.endpoint, **values)


@pytest.mark.parametrize("who", ["ana", "sue", "ada"])
def test_somebody_who_reads_spanish_meets_no_english(
    app: Flask, busy: list[int], enter: Callable[[Person], Visitor], cast: Cast, who: str
) -> None:
    reader, english = enter(getattr(cast, who)), left_in_english()
    more = ["/?whose=team", "/new?due_at=mañana+a+las+10&phone=07700900100", "/new?due_at=03:00", "/nowhere"]
    more.append("/supervisor/load/promises?at=2026-11-19T17:30:00%2B00:00")
    opened, heard = 0, list[str]()
    for path in [*addresses(app, busy), *more]:
        answer = reader.get(path, Accept_Language="es")
        if answer.status_code not in (200, 403, 404) or answer.mimetype != "text/html":
            continue
        opened += 1
        heard += [
            f"{path}: {text}" for text in said(answer.text) if ENGLISH.search(text) or english.fullmatch(text)
        ]
        assert "<html" not in answer.text or '<html lang="es"' in answer.text
    assert not heard, "in English:\n" + "\n".join(heard)
    assert opened > 10


def test_why_an_absence_handed_it_over_is_said_in_spanish_and_what_somebody_typed_is_left(
    ana: Visitor, sue: Visitor, cast: Cast
) -> None:
    number = cast.promised(minutes=60)
    sue.post(f"/people/{cast.ana.id}/away")
    sue.post(f"/people/{cast.ana.id}/back")
    ana.act(number, "reassign", owner=str(cast.ana.id), reason="stop")
    sue.post("/language", language="es")
    story = words(sue.get(f"/commitments/{number}"))
    assert "Ana Ruiz estará ausente entonces" in story
    assert re.search(r"Traspasada de Ben Ito a Ana Ruiz stop\b", story)


def test_what_is_refused_is_said_in_spanish(
    busy: list[int], enter: Callable[[Person], Visitor], cast: Cast
) -> None:
    ana = enter(cast.ana)
    page = words(ana.post("/new", phone="banana", owner=str(cast.ana.id), topic="x", due_at="en 2 horas"))
    assert "'banana' no es un número de teléfono: escríbelo con prefijo" in page
    page = words(ana.act(busy[1], "close", outcome="withdrawn by us"))
    assert "Escribe por qué la retiramos: cuenta como incumplida." in page
    page = words(ana.act(busy[1], "reassign", owner=str(cast.ana.id), reason="x"))
    assert "Ana Ruiz ya es responsable: elige a otra persona." in page


def test_the_language_is_switched_at_the_foot_and_stays_with_the_person(
    ana: Visitor, enter: Callable[[Person], Visitor], cast: Cast
) -> None:
    cast.promised()
    assert "My promises" in words(ana.get("/"))
    answer = ana.post("/language", language="es", next="/commitments/1?do=revise")
    assert (answer.status_code, answer.location) == (302, "/commitments/1?do=revise")
    page = ana.get("/")
    assert "Mis promesas" in words(page)
    assert '<html lang="es"' in page.text
    assert "Mis promesas" in words(enter(cast.ana).get("/")), "also at another browser"
    assert "My promises" in words(enter(cast.ben).get("/")), "and for nobody else"
    ana.post("/language", language="en")
    assert "My promises" in words(ana.get("/"))


def test_before_a_log_in_the_language_is_kept_in_the_browser(visitor: Visitor) -> None:
    assert "Log in" in words(visitor.get("/login"))
    assert "Entrar" in words(visitor.get("/login", Accept_Language="es-MX,es;q=0.9"))
    visitor.post("/language", language="es", next="/login")
    assert "Entrar" in words(visitor.get("/login", Accept_Language="en"))


def test_who_logs_out_is_told_so_in_their_language(ana: Visitor) -> None:
    ana.post("/language", language="es")
    ana.post("/logout")
    assert "Has salido." in words(ana.get("/login"))


def test_the_switch_takes_no_other_language_and_leads_nowhere_else(ana: Visitor) -> None:
    assert ana.post("/language", language="tlh").status_code == 422
    assert ana.post("/language", language="es", next="//example.org/").location == "/"
    assert ana.client.post("/language", data={"language": "en"}).status_code == 400, "without its token"


@pytest.mark.parametrize(
    ("speaks", "days", "says"),
    [
        ("en", 0, "15:00"),
        ("en", 1, "tomorrow, 15:00"),
        ("en", 7, "Thu 26 Nov, 15:00"),
        ("en", 60, "Mon 18 Jan 2027, 15:00"),
        ("es", 1, "mañana, 15:00"),
        ("es", -1, "ayer, 15:00"),
        ("es", 7, "jue 26 nov, 15:00"),
        ("es", 60, "lun 18 ene 2027, 15:00"),
    ],
)
def test_moments_are_written_as_the_reader_writes_them(app: Flask, speaks: str, days: int, says: str) -> None:
    watch = Watch(TWO, ZoneInfo("Europe/London"))
    with app.test_request_context(headers={"Accept-Language": speaks}):
        assert watch.says(datetime(2026, 11, 19, 15, tzinfo=UTC) + timedelta(days=days)) == says


@pytest.mark.parametrize(
    ("speaks", "full", "length", "number"),
    [
        ("en", "Thursday, 19 November 2026, 14:00 (Europe/London)", "3 days", "4.2"),
        ("es", "jueves, 19 de noviembre de 2026, 14:00 (Europe/London)", "3 días", "4,2"),
    ],
)
def test_full_dates_lengths_of_time_and_numbers_too(
    app: Flask, speaks: str, full: str, length: str, number: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": speaks}):
        assert Watch(TWO, ZoneInfo("Europe/London")).in_full(TWO) == full
        assert (spoken(timedelta(days=3)), spoken(4.2)) == (length, number)


def test_english_needs_no_catalogue() -> None:
    assert catalogue("en").gettext("Log in") == "Log in"
