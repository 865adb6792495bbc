"""A team whose ladder counts working time is left in peace over the weekend, and not forgotten on Monday."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from tests.cast import Cast
from tracker import commitments
from tracker.model import Closure, Commitment, LadderRow
from tracker.policy.ladder import Effect, Step, to_json

HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
STEPS = (
    Step(-HOUR, Effect.REMIND_OWNER, working=True),
    Step(HOUR, Effect.TELL_SUPERVISORS, working=True),
    Step(9 * HOUR, Effect.TELL_SUPERVISORS, every=9 * HOUR, working=True),
)


def work_by(cast: Cast, *steps: Step) -> None:
    with cast.sessions.begin() as session:
        session.add(cast.care)
        cast.care.ladder = LadderRow(steps=to_json(steps), made_at=cast.clock.now)


def next_step_at(cast: Cast, number: int) -> datetime | None:
    with cast.sessions() as session:
        return session.get_one(Commitment, number).next_step_at


def test_over_the_weekend_nothing_climbs_and_on_monday_it_goes_on(cast: Cast) -> None:
    work_by(cast, *STEPS)
    cast.clock.now = FRIDAY
    number = cast.promised(minutes=30, announce=False)
    assert next_step_at(cast, number) == MONDAY + 9.5 * HOUR, "an hour after half past five"
    cast.tick(60 * 24 * 2)
    assert cast.texts() == []
    cast.clock.now = MONDAY + 9.5 * HOUR
    cast.tick()
    assert cast.texts() == ["escalation to Sue"]
    assert next_step_at(cast, number) == MONDAY + 17.5 * HOUR
    cast.clock.now = MONDAY + 17.5 * HOUR
    cast.tick()
    assert next_step_at(cast, number) == MONDAY + 24 * HOUR + 17.5 * HOUR, "and so on, without end"


def test_a_new_time_is_laid_out_in_working_time_too(cast: Cast) -> None:
    work_by(cast, *STEPS)
    number = cast.promised(minutes=30, announce=False)
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=session.merge(cast.ana, load=False))
        before = commitment.version
        commitments.revise(
            session,
            commitment,
            by=None,
            due_at=MONDAY + 9.5 * HOUR,
            reason="parts come on Monday",
            told=True,
            now=cast.clock.now,
        )
        assert commitment.version == before + 1, "one change counts as one"
    assert next_step_at(cast, number) == FRIDAY + HOUR / 2


def test_a_closure_entered_later_counts_from_the_next_step_on(cast: Cast) -> None:
    work_by(cast, *STEPS)
    number = cast.promised(minutes=30, announce=False)
    assert next_step_at(cast, number) == cast.clock.now + 1.5 * HOUR
    with cast.sessions.begin() as session:
        start = datetime(2026, 11, 20, tzinfo=UTC)
        session.add(
            Closure(team_id=cast.care.id, starts_at=start, ends_at=start + 24 * HOUR, reason="inventory")
        )
    cast.tick(90)
    assert next_step_at(cast, number) == MONDAY + 14.5 * HOUR, "Friday is closed now"


def test_a_ladder_in_wall_time_asks_for_no_calendar(cast: Cast) -> None:
    cast.promised(minutes=30, announce=False)
    asked: list[str] = []
    engine = cast.sessions.kw["bind"]

    def note(*given: Any) -> None:
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    cast.tick(15)
    event.remove(engine, "before_cursor_execute", note)
    assert cast.texts() == ["reminder to Ana"]
    assert not [statement for statement in asked if "closure" in statement or "team.hours" in statement]
