"""Promises from elsewhere, by a file in the browser."""

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.cast import Cast
from tests.visitor import Visitor, hidden, words
from tests.web.conftest import Queries
from tracker.model import Commitment, Message
from web.setup.importing import LARGEST, MOST_ROWS

HEADER = "customer_name,customer_phone,topic,kind,due_at,owner_email,team,made_at,external_ref\n"
GOOD = 'Tom Baker,+447700900200,"the invoice, again",callback,2026-11-20T10:00,ana@example.org,Care,,A1\n'
BAD = "Al Fry,nonsense,the screen,callback,2026-11-20T10:00,ana@example.org,Care,,A2\n"


def upload(visitor: Visitor, content: bytes) -> TestResponse:
    """Choose a file, press the button. Spelled out: the test client would leave its own copy of a large one open."""
    visitor.post("/nowhere")  # fetches the token
    head = '--frontier\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
    file = head.format('file"; filename="promises.csv').encode() + content
    body = (head.format("csrf_token") + visitor.token + "\r\n").encode() + file + b"\r\n--frontier--\r\n"
    return visitor.client.post(
        "/setup/import", data=body, content_type="multipart/form-data; boundary=frontier"
    )


def topics(cast: Cast) -> list[str]:
    """What was promised."""
    with cast.sessions() as session:
        return list(session.scalars(select(Commitment.topic).order_by(Commitment.id)))


def test_a_file_that_is_far_too_large_gets_its_own_sentence(ada: Visitor, cast: Cast) -> None:
    answer = upload(ada, b"x" * 5 * LARGEST)
    assert answer.status_code == 413
    assert "That file is larger than 1 MB: cut it in two" in words(answer)


def test_a_dry_run_shows_row_by_row_what_the_import_then_does(ada: Visitor, cast: Cast) -> None:
    tried = upload(ada, (HEADER + GOOD + BAD).encode())
    page = words(tried)
    assert "1 made" in page
    assert "1 with an error" in page
    assert "2 made Tom Baker the invoice, again 2026-11-20T10:00" in page
    assert "3 'nonsense' is not a phone number" in page
    assert topics(cast) == []

    done = ada.post("/setup/import", packed=hidden(tried.text, "packed"))
    page = words(done)
    assert "1 promise was taken in." in page
    assert "These rows were left out:" in page
    assert "'nonsense' is not a phone number" in page
    assert topics(cast) == ["the invoice, again"]
    with cast.sessions() as session:
        assert session.scalars(select(Message)).all() == []

    again = words(upload(ada, (HEADER + GOOD).encode()))
    assert "1 here already" in again
    assert "Take in" not in again


def test_a_file_without_errors_leads_back(ada: Visitor, cast: Cast) -> None:
    tried = upload(ada, b"\xef\xbb\xbf" + (HEADER + GOOD).replace("\n", "\r\n").encode())
    done = ada.post("/setup/import", packed=hidden(tried.text, "packed"))
    assert done.location == "/setup/import"
    assert topics(cast) == ["the invoice, again"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a file"),
        (b"\xff\xfe\x00", "no UTF-8 text"),
        (b"name,phone\n", "The header lacks"),
        ((HEADER + GOOD + 'a,"open').encode(), "not CSV"),
        ((HEADER + "a\0b\n").encode(), "NUL bytes"),
        ((HEADER + BAD * (MOST_ROWS + 1)).encode(), f"more than {MOST_ROWS} rows"),
        (HEADER.encode() + b"x" * LARGEST, "larger than 1 MB"),
    ],
    ids=["nothing", "no text", "header", "quote", "nul", "rows", "large"],
)
def test_a_file_that_is_none_gets_one_sentence(
    ada: Visitor, cast: Cast, content: bytes, sentence: str
) -> None:
    answer = upload(ada, content)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert answer.text.count('role="alert"') == 1
    assert topics(cast) == []


def test_too_many_rows_are_refused_before_any_of_them_is_tried(ada: Visitor, queries: Queries) -> None:
    ada.get("/setup/import")
    with queries() as sent:
        assert upload(ada, (HEADER + BAD * (MOST_ROWS + 1)).encode()).status_code == 422
    assert len(sent) < 10


@pytest.mark.parametrize("packed", ["nonsense", "AAAA", "eJwDAAAAAAE"])
def test_what_was_lost_on_its_way_is_chosen_again(ada: Visitor, cast: Cast, packed: str) -> None:
    answer = ada.post("/setup/import", packed=packed)
    assert answer.status_code == 422
    assert topics(cast) == []


def test_a_file_needs_an_administrator(sue: Visitor, cast: Cast) -> None:
    assert upload(sue, (HEADER + GOOD).encode()).status_code == 403
    assert topics(cast) == []
