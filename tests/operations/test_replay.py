"""A log of real cases goes through the real operations, and goes on where it was interrupted."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from tests.cast import Cast
from tracker.audit import audit
from tracker.caselog import read_log
from tracker.channels.counting import Counting
from tracker.model import Commitment, Dispatch, Event, EventKind
from tracker.policy.checks import Refused
from tracker.policy.outcomes import Verdict
from tracker.replay import Replay, Replayed, quarter_from

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LOG = """case_id,opened_at,done_at,agent,kind,priority
quick,2011-10-03T10:05:00,2011-10-03T11:00:00,agent 1,call after offer,attempt 1
on the dot,2011-10-03T10:15:00,2011-10-06T10:15:00,agent 1,call after offer,attempt 1
just late,2011-10-03T10:15:00,2011-10-06T10:15:01,agent 2,call after offer,attempt 1
a week late,2011-10-03T12:00:00,2011-10-13T12:00:00,agent 2,call after offer,attempt 2
nobody's,2011-10-04T09:00:00,2011-10-05T09:00:00,,call about incomplete file,attempt 4+
still open,2011-10-10T09:00:00,,agent 3,call after offer,attempt 1
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.csv"
    file.write_text(LOG)
    return file


def replayed(sessions: sessionmaker[Session], log: Path) -> Replayed:
    cases = read_log(log, zone=AMSTERDAM)
    return Replay(sessions, {"sms": Counting()}, cases, AMSTERDAM).run(lambda _: None)


def test_every_case_becomes_a_commitment_with_its_verdict(sessions: sessionmaker[Session], log: Path) -> None:
    answer = replayed(sessions, log)
    assert (answer.made, answer.closed) == (6, 5)
    assert answer.verdicts == {Verdict.KEPT_ON_TIME: 3, Verdict.LATE: 2}
    assert answer.kept_rate == pytest.approx(0.6)
    assert answer.steps["hand over"] == 2, "the one a week late, and the one still open"
    assert answer.texts["apology"] == 2
    with sessions() as session:
        assert audit(session, now=answer.until).findings == ()


def test_every_step_climbs_at_exactly_its_time(sessions: sessionmaker[Session], log: Path) -> None:
    replayed(sessions, log)
    with sessions() as session:
        climbed = session.execute(
            select(Event.at, Event.step, Commitment)
            .join(Commitment, Commitment.id == Event.commitment_id)
            .where(Event.kind == EventKind.CLIMBED)
        ).all()
        assert climbed
        for at, step, commitment in climbed:
            assert step is not None
            assert at == commitment.ladder.laid_out.at(step, commitment.due_at)


def test_interrupted_and_started_again_it_ends_as_if_nothing_had_happened(
    sessions: sessionmaker[Session], log: Path
) -> None:
    class Plug(Exception):
        """Somebody pulled it."""

    def pull(_: int) -> None:
        pulls.append(1)
        if len(pulls) == 4:
            raise Plug

    for _ in range(3):
        pulls: list[int] = []
        with pytest.raises(Plug):
            Replay(sessions, {"sms": Counting()}, read_log(log, zone=AMSTERDAM), AMSTERDAM).run(pull)
    answer = replayed(sessions, log)
    assert (answer.made, answer.closed) == (6, 5)
    assert answer.verdicts == {Verdict.KEPT_ON_TIME: 3, Verdict.LATE: 2}
    with sessions() as session:
        assert audit(session, now=answer.until).findings == ()
        once = session.scalars(select(Dispatch.message_id)).all()
        assert len(once) == len(set(once))
    assert replayed(sessions, log) == answer, "a third time nothing is left to do"


def test_a_replay_does_not_turn_back_the_clock_of_a_database_in_use(cast: Cast, log: Path) -> None:
    with pytest.raises(Refused, match="needs one of its own"):
        Replay(cast.sessions, {}, read_log(log, zone=AMSTERDAM), AMSTERDAM)


def test_the_next_quarter_hour_of_a_quarter_hour_is_itself() -> None:
    assert quarter_from(datetime(2026, 1, 1, 10, 15, tzinfo=UTC)) == datetime(2026, 1, 1, 10, 15, tzinfo=UTC)
    assert quarter_from(datetime(2026, 1, 1, 10, 15, 1, tzinfo=UTC)) == datetime(
        2026, 1, 1, 10, 30, tzinfo=UTC
    )
