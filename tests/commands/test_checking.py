"""`tracker tick`, `audit`, `doctor`: one pass, and is all well?"""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import TWO, Cast
from tests.commands.conftest import Run
from tests.rig.mail import mail_server
from tracker.model import Message
from web.simulator import SimulatorServer, SimulatorSettings

ACCOUNT, TOKEN, NUMBER = "AC" + "5" * 32, "a-token-for-tests", "+15005550006"
MARIA = "+447700900100"
COUNTS = {"climbed", "put_off", "sent", "unknown", "failed", "deferred", "suppressed"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatorServer]:
    """A Twilio account, which the settings name, and its stand-in."""
    settings = SimulatorSettings(account_sid=ACCOUNT, auth_token=TOKEN, numbers=(NUMBER,))
    with SimulatorServer(settings, clock=lambda: TWO) as simulator:
        monkeypatch.setenv("TRACKER_TWILIO_URL", simulator.url)
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
        monkeypatch.setenv("TWILIO_FROM", NUMBER)
        yield simulator


@pytest.fixture
def promised(database: Engine, cast: Cast) -> Cast:
    """At two, Ana promised Maria a call at three."""
    cast.promised()
    return cast


def test_a_tick_sends_what_is_due_once_and_prints_the_counts(
    run: Run, promised: Cast, account: SimulatorServer
) -> None:
    first, again = (json.loads(run("tick", "--json").out) for _ in range(2))
    assert set(first) == COUNTS
    assert (first["sent"], again["sent"]) == (1, 0)
    assert [text.body.split(":")[0] for text in account.phones[MARIA]] == ["Care"]


def test_a_tick_acts_as_if_it_were_another_time(run: Run, promised: Cast, account: SimulatorServer) -> None:
    said = run("tick", "--now", "2026-11-19T14:45:00+00:00", "--json")
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out)["climbed"] == 1
    in_another_zone = run("tick", "--now", "2026-11-20T03:45:00+13:00", "--json")
    assert json.loads(in_another_zone.out)["climbed"] == 0, "the same moment"


def test_without_json_a_tick_is_for_people(run: Run, promised: Cast, account: SimulatorServer) -> None:
    said = run("tick")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "climbed: 0"
    assert "sent: 1" in said.out.splitlines()
    assert len(said.out.splitlines()) == len(COUNTS)


def test_a_tick_without_an_account_texts_a_simulator(run: Run, promised: Cast) -> None:
    said = run("tick", "--json")
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out)["sent"] == 1


def test_a_tick_whose_provider_is_out_of_reach_sends_later(
    run: Run, promised: Cast, account: SimulatorServer
) -> None:
    with account.refusing():
        away = json.loads(run("tick", "--json").out)
    back = json.loads(run("tick", "--now", "2026-11-19T14:10:00Z", "--json").out)
    assert (away["sent"], away["deferred"]) == (0, 1)
    assert (back["sent"], back["deferred"]) == (1, 0)


def test_a_sound_house_passes_its_audit(run: Run, promised: Cast) -> None:
    said = run("audit")
    assert (said.code, said.err) == (0, "")
    assert said.out == "1 commitment checked, 0 findings.\n"
    assert json.loads(run("audit", "--json").out) == {"checked": 1, "findings": []}


def test_an_audit_with_findings_names_each_and_answers_no(
    run: Run, promised: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(text("update person set active = false where email = 'ana@example.org'"))
    said = run("audit", "--json")
    assert (said.code, said.err) == (1, "")
    finding = {"rule": "one owner", "commitment": 1, "detail": "Ana Ruiz owns it but has left"}
    assert json.loads(said.out) == {"checked": 1, "findings": [finding]}
    said = run("audit")
    assert said.code == 1
    assert said.out.splitlines()[1] == "one owner: commitment 1: Ana Ruiz owns it but has left"


def test_an_audit_mends_what_it_can_when_it_is_told_to(
    run: Run, promised: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(text("update person set active = false where email = 'ana@example.org'"))
        session.execute(update(Message).values(send_after=TWO - timedelta(hours=1)))
    said = run("audit", "--mend", "--json")
    assert (said.code, said.err) == (1, ""), "a text is stuck, and that nobody mends from here"
    answer = json.loads(said.out)
    done = {"rule": "one owner", "commitment": 1, "detail": "Ana Ruiz has left: Ben Ito answers for it now."}
    assert (answer["checked"], answer["mended"]) == (1, [done])
    assert [each["rule"] for each in answer["findings"]] == ["no message stuck"]
    assert "others" not in answer["findings"][0], "only this promise has a text that waits"
    with sessions.begin() as session:
        session.execute(update(Message).values(send_after=TWO))
        session.execute(text("update person set active = false where email = 'ben@example.org'"))
    said = run("audit", "--mend")
    assert said.code == 0, "everything that was found is mended"
    assert said.out.splitlines() == [
        "1 commitment checked, 1 finding.",
        "one owner: commitment 1: Ben Ito has left: Sue May answers for it now. (mended)",
    ]


def test_an_audit_is_of_the_time_it_is_asked_for(run: Run, promised: Cast) -> None:
    said = run("audit", "--now", "2026-11-19T16:00:00Z")
    assert said.code == 1
    assert "no step overdue: commitment 1: steps of Care that should have been climbed: 1" in said.out


def test_a_fit_house_is_told_so(run: Run, promised: Cast) -> None:
    said = run("doctor")
    assert (said.code, said.err) == (0, "")
    assert all(line.startswith("ok    ") for line in said.out.splitlines())
    assert "texts go to the simulator" in said.out


def test_a_house_that_nobody_can_enter_is_not_fit(run: Run, database: Engine) -> None:
    said = run("doctor")
    assert (said.code, said.err) == (1, "")
    assert "MEND  Nobody can log in: run `tracker person add`." in said.out.splitlines()


def test_with_an_account_the_doctor_asks_for_what_production_needs(
    run: Run, promised: Cast, account: SimulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKER_SECRET_KEY")
    said = run("doctor")
    assert said.code == 1
    mend = [line for line in said.out.splitlines() if line.startswith("MEND")]
    assert len(mend) == 2
    assert "TRACKER_PUBLIC_URL" in mend[0]
    assert "TRACKER_SECRET_KEY" in mend[1]
    monkeypatch.setenv("TRACKER_SECRET_KEY", "for tests alone")
    monkeypatch.setenv("TRACKER_PUBLIC_URL", "https://tracker.example.com")
    assert run("doctor").code == 0


def test_the_doctor_calls_the_mail_server(run: Run, promised: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No mail server is set" in run("doctor").out
    monkeypatch.setenv("TRACKER_MAIL_FROM", "tracker@example.org")
    with mail_server() as inbox:
        monkeypatch.setenv("TRACKER_SMTP_URL", f"smtp://127.0.0.1:{inbox.port}")
        assert "ok    The mail server answers." in run("doctor").out
    monkeypatch.setenv("TRACKER_SMTP_URL", "smtp://tracker:secret@127.0.0.1:1")
    said = run("doctor")
    assert said.code == 1
    assert "MEND  The mail server 127.0.0.1:1 cannot be used: ConnectionRefusedError." in said.out
    assert "secret" not in said.out
