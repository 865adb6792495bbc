"""Whatever is typed or broken: a page that says what happened and what to do now."""

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from tests.cast import Cast, Clock
from tests.visitor import Visitor, a_house, pages_over, words
from tracker.model import Commitment
from tracker.wiring import make_engine

NONSENSE = [
    "\0",
    "a\0b",
    "x" * 10_000,
    "👩‍🚒" * 50,
    "-1",
    str(2**63),
    str(2**64),
    "9" * 5_000,
    "٣",
    "0000-00-00T00:00",
    "9999-12-31T23:59+14:00",
    "0001-01-01T00:00-14:00",
    "<script>alert(1)</script> ' or 1=1 -- %s%n{} \u202egnp.exe \ufffd",
    "NaN",
    " ",
]
FORMS = {
    "/new": (
        "phone",
        "name",
        "zone",
        "language",
        "topic",
        "kind",
        "owner",
        "due_at",
        "exact",
        "exact_zone",
        "check",
    ),
    "/commitments/1/attempt": ("disposition", "note", "event", "back"),
    "/commitments/1/revise": ("due_at", "exact", "exact_zone", "reason", "told", "event"),
    "/commitments/1/reassign": ("owner", "reason", "event"),
    "/commitments/1/close": ("outcome", "reference", "duplicate_of", "event"),
    "/commitments/1/reopen": ("due_at", "exact", "reason", "told", "event"),
    "/people": ("name", "email", "role", "team", "phone", "password"),
    "/setup": ("name", "zone", "region", "language"),
    "/people/1/away": ("until",),
    "/people/1/password": ("password",),
    "/login": ("email", "password"),
}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)  # the pickier of the two
@pytest.mark.parametrize("path", FORMS)
def test_no_nonsense_in_any_form_breaks_anything(ada: Visitor, cast: Cast, path: str) -> None:
    cast.promised()
    right = {
        "phone": "07700900123",
        "name": "Al",
        "topic": "it",
        "kind": "callback",
        "owner": cast.ben.id,
        "due_at": "2026-11-19T18:00+00:00",
        "reason": "because",
        "outcome": "withdrawn by us",
        "disposition": "busy",
        "email": "al@example.org",
        "role": "agent",
        "team": cast.care.id,
        "region": "GB",
    }
    for name in FORMS[path]:
        for nonsense in NONSENSE:
            with cast.sessions() as session:
                version = session.scalars(select(Commitment.version)).first()
            exact = {"due_at": "exact"} if name == "exact" else {}
            answer = ada.post(path, **{**right, **exact, "version": version, name: nonsense})
            assert answer.status_code in (200, 302, 404, 409, 422), (name, nonsense)
            assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/commitments/0",
        "/commitments/-1",
        f"/commitments/{2**63}",
        "/commitments/9" + "9" * 400,
        "/commitments/%00",
        "/commitments/1%00",
        "/commitments/%C0%AF",
        "/nothing",
        "/static/../../etc/passwd",
    ],
)
def test_an_address_of_nothing_is_not_found(ana: Visitor, path: str) -> None:
    answer = ana.get(path)
    assert answer.status_code == 404
    assert "To the desk" in words(answer)


@pytest.mark.parametrize(
    "query", ["?whose=%00", "?phone=%00", "?phone=" + "9" * 5000, "?owner=-1&due_at=9999", "?next=//["]
)
def test_nonsense_in_a_query_breaks_nothing(ana: Visitor, query: str) -> None:
    for path in ("/", "/board", "/new", "/new/echo", "/customers", "/login"):
        assert ana.get(path + query).status_code in (200, 302)


def test_an_act_that_does_not_exist_and_a_wrong_method_say_what_to_do(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    assert ana.post(f"/commitments/{number}/frame").status_code == 404
    wrong = ana.get(f"/commitments/{number}/close")
    assert wrong.status_code == 405
    assert "POST" in wrong.headers["Allow"]
    assert "use its buttons" in words(wrong)


def test_too_much_at_once_is_refused_politely(ana: Visitor) -> None:
    answer = ana.client.post("/new", data={"topic": "x" * 300_000})
    assert answer.status_code == 413
    assert "Shorten" in words(answer)


def test_what_breaks_on_our_side_shows_no_innards(
    visitor: Visitor, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("innards")

    visitor.post("/login")  # the form is open when it happens
    event.listen(engine, "before_cursor_execute", fail)
    answer = visitor.post("/login", email="a@b.example", password="x")
    event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == 500
    assert "innards" not in answer.text
    assert "Nothing was saved" in words(answer)
    assert "innards" in caplog.text


def test_a_database_that_is_not_migrated_says_so_everywhere(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    client = pages_over(a_house(engine, Clock())).test_client()
    assert client.get("/healthz").status_code == 503, "nobody can work on it"
    assert client.get("/readyz").status_code == 503
    assert "tracker db upgrade" in client.get("/readyz").text
    answer = client.get("/login")
    assert answer.status_code == 503, "before anybody has typed a password"
    assert "run tracker db upgrade" in words(answer)
    engine.dispose()


def test_who_is_logged_in_meets_an_unmigrated_database_with_the_same_words(
    tmp_path: Path, ana: Visitor
) -> None:
    cookie = ana.client.get_cookie("tracker")
    assert cookie is not None
    engine = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    client = pages_over(a_house(engine, Clock())).test_client()
    client.set_cookie("tracker", cookie.value)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "run tracker db upgrade" in words(answer)
    engine.dispose()


def test_a_migrated_database_is_ready(visitor: Visitor) -> None:
    assert visitor.get("/healthz").text == "ok\n"
    assert visitor.get("/readyz").text == "ready\n"


def test_a_database_that_is_gone_is_neither_healthy_nor_ready(tmp_path: Path, migrated_sqlite: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    shutil.copy(migrated_sqlite, folder / "db.sqlite3")
    engine = make_engine(f"sqlite:///{folder / 'db.sqlite3'}")
    client = pages_over(a_house(engine, Clock())).test_client()
    shutil.rmtree(folder)
    assert client.get("/healthz").status_code == 503
    assert client.get("/readyz").status_code == 503
    engine.dispose()


@pytest.mark.parametrize(
    "path", ["/", "/login", "/new", "/supervisor", "/people", "/commitments/1", "/nothing"]
)
def test_pages_hold_to_a_policy_that_allows_nothing_inline(ada: Visitor, cast: Cast, path: str) -> None:
    cast.promised()
    answer = ada.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert " on" not in re.sub(r'"[^"]*"|>[^<]*<', "", answer.text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text


@pytest.mark.parametrize("path", ["/", "/?whose=team", "/new", "/supervisor", "/people", "/commitments/1"])
def test_every_field_has_a_label_and_every_id_is_given_once(ada: Visitor, cast: Cast, path: str) -> None:
    cast.promised()
    page = ada.get(path).text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    labelled = set(re.findall(r'<label[^>]*\bfor="([^"]+)"', page))
    for field in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
        if 'type="hidden"' not in field:
            found = re.search(r'\bid="([^"]+)"', field)
            assert found, field
            assert found[1] in labelled, field
