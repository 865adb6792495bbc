"""Last week by mail, once for each supervisor, on Monday morning."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

import jobs
from tests.cast import Cast
from tests.operations.test_reviewing import missed, review
from tests.rig.mail import Inbox, mail_server
from tests.visitor import a_house
from tracker import digest, people
from tracker.channels.mail import Mail, MailError
from tracker.model import Digest, Person, Role, Team

MONDAY_SEVEN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with mail_server() as inbox:
        yield inbox


def send(cast: Cast, inbox: Inbox, now: datetime = MONDAY_SEVEN) -> int:
    mail = Mail(f"smtp://tracker:s%26cret@127.0.0.1:{inbox.port}", "tracker@example.org")
    url = "https://tracker.example.org"
    return digest.send_due(cast.sessions, cast.sessions, mail, public_url=url, now=now)


def test_last_week_is_told_in_words_and_in_html_with_links(cast: Cast, inbox: Inbox) -> None:
    missed(cast)
    missed(cast, owner=cast.zoe)
    cast.clock.forward(60)
    assert send(cast, inbox) == 1
    letter = inbox.letters[0]
    assert (letter["From"], letter["To"]) == ("tracker@example.org", "sue@example.org")
    assert letter["Subject"] == "Care: the week from 16 November to 22 November"
    assert letter["Date"] == "Mon, 23 Nov 2026 07:00:00 +0000"
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain
    assert html
    told = plain.get_content().replace("\N{NO-BREAK SPACE}", " ")
    for line in (
        "Missed promises that wait for your review: 1.",
        "Promises kept: 0 of 1 (0 %).",
        "Late: 1, the longest by 10 min.",
        "https://tracker.example.org/reports/kept-rate?since=2026-11-16&until=2026-11-22",
    ):
        assert line in told
    assert "<h2>Promises kept</h2><p>Promises kept: 0 of 1" in html.get_content()
    assert inbox.log_ins == ["\0tracker\0s&cret"]


@pytest.mark.parametrize(
    ("person", "team", "spoken"),
    [("es", "en", "es"), ("fr", "es", "es"), ("fr", "de", "en")],
)
def test_it_speaks_its_reader_s_language_else_the_team_s_else_english(
    cast: Cast, inbox: Inbox, person: str, team: str, spoken: str
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.sue.id).language = person
        session.get_one(Team, cast.care.id).language = team
    for _ in range(2):
        review(cast, missed(cast))
    missed(cast)
    assert send(cast, inbox) == 1
    letter = inbox.letters[0]
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain
    assert html
    told, marked = plain.get_content(), html.get_content()
    assert f'<html lang="{spoken}">' in marked
    lines = {
        "en": (
            "Care: the week from 16 November to 22 November",
            "Missed promises that wait for your review: 1.",
            "Promises kept: 0 of 3 (0 %).",
            "2 of 2 misses: not attempted, kind callback",
        ),
        "es": (
            "Care: la semana del 16 de noviembre al 22 de noviembre",
            "Promesas incumplidas que esperan su revisión: 1.",
            "Promesas cumplidas: 0 de 3 (0 %).",
            "2 de 2 incumplidas: sin intentos, tipo llamada",
        ),
    }[spoken]
    assert letter["Subject"] == lines[0]
    for line in lines:
        assert line in told.replace("\N{NO-BREAK SPACE}", " ")
    other = {"en": "promesas", "es": "promises"}[spoken]
    assert other not in told.lower().replace("/promises", "")
    assert (">Mirar<" in marked) is (spoken == "es")


def test_nothing_is_sent_before_monday_seven_where_the_supervisor_is(cast: Cast, inbox: Inbox) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.sue.id).zone = "America/New_York"
        session.add(Digest(person_id=cast.sue.id, week="2026-W47", sent_at=cast.clock.now))
    assert send(cast, inbox, datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == 0
    assert send(cast, inbox, datetime(2026, 11, 23, 11, 59, tzinfo=UTC)) == 0
    assert send(cast, inbox, datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) == 1


def test_one_a_week_and_one_for_each_supervisor(cast: Cast, inbox: Inbox) -> None:
    with cast.sessions.begin() as session:
        sales = session.get_one(Team, cast.sales.id)
        people.add_person(session, role=Role.SUPERVISOR, name="Sal Poe", email="sal@example.org", team=sales)
    assert send(cast, inbox) == 2
    assert send(cast, inbox, MONDAY_SEVEN.replace(hour=9)) == 0
    assert send(cast, inbox, MONDAY_SEVEN.replace(day=30)) == 2
    assert [each["To"] for each in inbox.letters] == ["sue@example.org", "sal@example.org"] * 2


def test_of_workers_that_meet_one_sends_it(cast: Cast, inbox: Inbox) -> None:
    meet = Barrier(4)

    def work() -> None:
        meet.wait()
        send(cast, inbox)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inbox.letters) == 1


def test_a_letter_that_is_refused_is_not_tried_again_and_holds_up_nobody(cast: Cast, inbox: Inbox) -> None:
    with cast.sessions.begin() as session:
        care = session.get_one(Team, cast.care.id)
        people.add_person(session, role=Role.SUPERVISOR, name="Sal Poe", email="sal@example.org", team=care)
    inbox.refuse = {"sue@example.org"}
    assert send(cast, inbox) == 1
    assert send(cast, inbox) == 0
    assert [each["To"] for each in inbox.letters] == ["sal@example.org"]


def test_a_server_that_is_down_costs_nobody_their_letter(cast: Cast, inbox: Inbox) -> None:
    dead = Mail("smtp://127.0.0.1:1", "tracker@example.org")
    with pytest.raises(
        MailError, match=r"The mail server 127\.0\.0\.1:1 cannot be used: ConnectionRefusedError"
    ):
        digest.send_due(cast.sessions, cast.sessions, dead, public_url="", now=MONDAY_SEVEN)
    with cast.sessions() as session:
        assert session.scalars(select(Digest)).all() == []
    assert send(cast, inbox) == 1


def test_the_job_mails_where_a_server_is_set_and_only_there(cast: Cast, inbox: Inbox) -> None:
    cast.clock.now = MONDAY_SEVEN
    engine = cast.sessions.kw["bind"]
    jobs.mail(a_house(engine, cast.clock))
    assert inbox.letters == []
    mail = {"TRACKER_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}", "TRACKER_MAIL_FROM": "tracker@example.org"}
    jobs.mail(a_house(engine, cast.clock, **mail))
    assert len(inbox.letters) == 1
