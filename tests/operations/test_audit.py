"""Each broken invariant is found and named; a sound house has no findings."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from tests.cast import TWO, Cast
from tracker import commitments, people
from tracker.audit import Finding, Mended, audit, findings, look_after, mend, mending
from tracker.model import (
    Commitment,
    Dispatch,
    Event,
    EventKind,
    LadderRow,
    Message,
    OptOut,
    OptOutReason,
    Person,
    Team,
)
from tracker.policy.outcomes import Disposition, Outcome


def kept(cast: Cast) -> int:
    """A promise made, kept and closed."""
    number = cast.promised()
    cast.tick()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        now = cast.clock.forward(5)
        commitments.log_attempt(session, commitment, by=cast.ana, disposition=Disposition.REACHED, now=now)
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=now)
    return number


def test_a_sound_house_has_no_findings(cast: Cast) -> None:
    kept(cast)
    cast.promised()
    cast.tick(minutes=70)
    with cast.sessions() as session:
        audited = audit(session, now=cast.clock.now)
    assert (audited.checked, audited.findings) == (2, ())


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        ("one owner", "update person set active = false where email = 'ana@example.org'"),
        ("one owner", "update commitment set owner_id = (select id from person where name = 'Zoe Fox')"),
        ("one next step", "update commitment set next_step = 0 where closed_at is null"),
        ("no step overdue", "update commitment set next_step_at = made_at where closed_at is null"),
        ("no text after closing", "update dispatch set at = '2026-11-19 14:30:00+00' where message_id = 1"),
        ("no message stuck", "update message set status = 'pending', send_after = made_at where id = 1"),
        ("verdict from evidence", "update commitment set verdict = 'broken' where closed_at is not null"),
        (
            "no text after STOP",
            "insert into opt_out (phone, reason, at) values ('+447700900100', 'stop', '2026-11-19 13:00:00+00')",
        ),
    ],
)
def test_what_is_broken_is_found_and_named(cast: Cast, rule: str, statement: str) -> None:
    kept(cast)
    cast.promised()
    cast.tick(minutes=46)
    if cast.sessions.kw["bind"].dialect.name == "sqlite":
        statement = statement.replace("+00'", ".000000'")
    with cast.sessions.begin() as session:
        session.execute(text(statement))
    with cast.sessions() as session:
        found = audit(session, now=cast.clock.now + timedelta(minutes=10)).findings
    assert rule in {finding.rule for finding in found}
    assert {finding.rule for finding in found} <= {rule}, found
    assert cast.clock.now > TWO


def rules_broken(cast: Cast) -> list[str]:
    with cast.sessions() as session:
        return [finding.rule for finding in audit(session, now=cast.clock.now).findings]


@contextmanager
def without(cast: Cast, guard: str) -> Iterator[Session]:
    """A session in which that check of the commitments, or unique index, was dropped by hand; undone at the end."""
    with cast.sessions() as session:
        lite = cast.sessions.kw["bind"].dialect.name == "sqlite"
        if guard.startswith("ix_"):
            session.execute(text(f"drop index {guard}"))
        elif lite:
            session.execute(text("pragma ignore_check_constraints = on"))
        else:
            session.execute(text(f"alter table commitment drop constraint {guard}"))
        yield session
        session.rollback()


def test_a_step_climbed_twice_is_found_where_the_database_no_longer_forbids_it(cast: Cast) -> None:
    number = cast.promised()
    cast.tick(minutes=46)
    with without(cast, "ix_event_once") as session:
        climbed = session.scalars(select(Event).where(Event.kind == EventKind.CLIMBED)).one()
        session.add(
            Event(
                commitment_id=number, at=cast.clock.now, kind=climbed.kind, due_version=1, step=climbed.step
            )
        )
        found = audit(session, now=cast.clock.now).findings
    assert found == (Finding("no step twice", number, "step 0 was climbed more than once for one due time"),)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ("next_step = null, next_step_at = null where closed_at is null", "it is open without a step ahead"),
        (
            "next_step = 9, next_step_at = due_at where closed_at is not null",
            "it is closed with a step ahead",
        ),
    ],
)
def test_a_promise_without_its_one_step_is_found_where_no_check_forbids_it(
    cast: Cast, change: str, detail: str
) -> None:
    kept(cast)
    cast.promised()
    with without(cast, "ck_commitment_open_has_next_step") as session:
        session.execute(text(f"update commitment set {change}"))  # noqa: S608 our own words
        found = audit(session, now=cast.clock.now).findings
    assert [(each.rule, each.detail) for each in found] == [("one next step", detail)]


def test_a_backlog_is_one_finding_for_each_team_that_names_the_oldest_and_all_the_promises(
    cast: Cast,
) -> None:
    first, second, third = cast.promised(), cast.promised(), cast.promised()
    theirs = cast.promised(owner=cast.zoe)
    late = cast.clock.now + timedelta(minutes=20)
    with cast.sessions.begin() as session:
        session.execute(update(Message).values(send_after=TWO))
        oldest = update(Message).where(Message.commitment_id == second)
        session.execute(oldest.values(send_after=TWO - timedelta(minutes=1)))
        waiting = {
            name: session.scalar(
                select(func.count(Message.id)).join(Commitment).join(Team).where(Team.name == name)
            )
            for name in ("Care", "Sales")
        }
    with cast.sessions() as session:
        found = [each for each in audit(session, now=late).findings if each.rule == "no message stuck"]
    said = "texts of {} that should have left: {}, the oldest since {}"
    assert found == [
        Finding(
            "no message stuck",
            second,
            said.format("Care", waiting["Care"], "2026-11-19T13:59:00+00:00"),
            (first, third),
        ),
        Finding(
            "no message stuck", theirs, said.format("Sales", waiting["Sales"], "2026-11-19T14:00:00+00:00")
        ),
    ]


def test_texts_that_nobody_settles_are_one_finding_of_their_own(cast: Cast) -> None:
    number, other = cast.promised(), cast.promised()
    with cast.sessions.begin() as session:
        sending = update(Message).where(Message.commitment_id == other)
        session.execute(sending.values(status="sending", send_after=None, lease_until=TWO))
    with cast.sessions() as session:
        found = audit(session, now=cast.clock.now + timedelta(minutes=20)).findings
    details = {each.commitment: each.detail for each in found if each.rule == "no message stuck"}
    assert details[number].startswith("texts of Care that should have left")
    assert details[other].startswith("texts of Care that were being sent and are not settled")


def test_steps_that_nobody_climbs_are_one_finding_for_each_team(cast: Cast) -> None:
    first, second = cast.promised(), cast.promised()
    theirs = cast.promised(owner=cast.zoe)
    with cast.sessions.begin() as session:
        for number, minutes in ((first, 3), (second, 0), (theirs, 5)):
            due = update(Commitment).where(Commitment.id == number)
            session.execute(due.values(next_step_at=TWO + timedelta(minutes=minutes)))
        found = audit(session, now=TWO + timedelta(minutes=30)).findings
    said = "steps of {} that should have been climbed: {}, the oldest since 2026-11-19T14:{}:00+00:00"
    assert [each for each in found if each.rule == "no step overdue"] == [
        Finding("no step overdue", second, said.format("Care", 2, "00"), (first,)),
        Finding("no step overdue", theirs, said.format("Sales", 1, "05")),
    ]


def text_that_left(cast: Cast, seconds: float, after: str) -> None:
    """The confirmation of a kept promise left so long after it was closed, or its customer had said STOP."""
    kept(cast)
    with cast.sessions.begin() as session:
        closed_at = session.scalars(select(Commitment.closed_at)).one()
        assert closed_at is not None
        if after == "STOP":
            session.add(OptOut(phone="+447700900100", reason=OptOutReason.STOP, at=TWO))
        left = (TWO if after == "STOP" else closed_at) + timedelta(seconds=seconds)
        session.execute(update(Dispatch).values(at=left))


@pytest.mark.parametrize("after", ["closing", "STOP"])
def test_clocks_of_two_processes_may_differ_by_two_seconds(cast: Cast, after: str) -> None:
    text_that_left(cast, 2, after)
    assert rules_broken(cast) == []


@pytest.mark.parametrize("after", ["closing", "STOP"])
def test_a_text_three_seconds_after_is_no_matter_of_clocks(cast: Cast, after: str) -> None:
    text_that_left(cast, 3, after)
    assert rules_broken(cast) == [f"no text after {after}"]


def test_a_stop_to_one_of_our_numbers_says_nothing_about_another(cast: Cast) -> None:
    cast.promised()
    cast.tick()
    with cast.sessions.begin() as session:
        stop = OptOut(phone="+447700900100", sender="another", reason=OptOutReason.STOP, at=TWO)
        session.add(stop)
        session.execute(update(Dispatch).values(at=TWO + timedelta(minutes=1)))
    assert rules_broken(cast) == []
    with cast.sessions.begin() as session:
        session.execute(update(OptOut).values(sender=cast.wire.sender))
    assert rules_broken(cast) == ["no text after STOP"]


def test_only_a_text_about_how_it_ended_may_leave_once_it_is_closed(cast: Cast) -> None:
    kept(cast)
    with cast.sessions.begin() as session:
        session.execute(update(Dispatch).values(at=cast.clock.forward(10)))
        session.execute(update(Message).values(kind="kept_it"))
    assert rules_broken(cast) == []
    with cast.sessions.begin() as session:
        session.execute(update(Message).values(kind="still_open"))
    assert rules_broken(cast) == ["no text after closing"]


def test_history_is_looked_at_since_a_moment_and_the_present_always(cast: Cast) -> None:
    text_that_left(cast, 60, "closing")
    with cast.sessions.begin() as session:
        session.execute(update(Commitment).values(verdict="broken"))
    gone = cast.promised()
    with cast.sessions.begin() as session:
        session.execute(update(Person).where(Person.id == cast.ana.id).values(active=False))
        session.execute(update(Event).where(Event.commitment_id != gone).values(at=TWO))

    def broken_since(since: datetime) -> set[str]:
        with cast.sessions() as session:
            return {each.rule for each in findings(session, now=cast.clock.now, since=since)}

    assert broken_since(TWO) == {"one owner", "no text after closing", "verdict from evidence"}
    assert broken_since(cast.clock.now + timedelta(minutes=9)) == {"one owner"}


def mended(cast: Cast) -> Mended:
    return look_after(cast.sessions, cast.sessions, now=cast.clock.now)


def test_the_promises_of_somebody_who_left_go_to_the_agent_who_owns_least(cast: Cast) -> None:
    first, second = cast.promised(), cast.promised()
    with cast.sessions.begin() as session:
        for name, phone in (("Cal Poe", "+447700900021"), ("Dee Roy", "+447700900022")):
            people.add_person(
                session, role=cast.ana.role, name=name, email=f"{name[:3].lower()}@example.org", phone=phone,
                team=session.merge(cast.care, load=False),
            )  # fmt: skip
    cast.promised(owner=cast.ben, minutes=600)
    with cast.sessions.begin() as session:
        session.execute(update(Person).where(Person.id == cast.ana.id).values(active=False))
    assert mended(cast) == Mended(
        (
            Finding("one owner", first, "Ana Ruiz has left: Cal Poe answers for it now."),
            Finding("one owner", second, "Ana Ruiz has left: Dee Roy answers for it now."),
        ),
        (),
    )
    assert rules_broken(cast) == []
    cast.tick()
    assert cast.texts()[-2:] == ["yours_now to Cal", "yours_now to Dee"]
    with cast.sessions() as session:
        line = session.scalars(
            select(Event).where(Event.commitment_id == first).order_by(Event.id.desc())
        ).first()
        assert line is not None
        assert line.kind is EventKind.MENDED
        assert line.facts == {"rule": "one owner", "text": "Ana Ruiz has left: Cal Poe answers for it now."}
        assert session.get_one(Commitment, first).version == 2, "who looks at the old owner's page is told so"


def test_with_nobody_here_the_promise_is_left_for_a_person_and_mended_when_somebody_comes(cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        for person in (cast.ben, cast.sue):
            people.set_absence(
                session, session.get_one(Person, person.id), until=TWO + timedelta(minutes=30), now=TWO
            )
        session.execute(update(Person).where(Person.id == cast.ana.id).values(active=False))
    finding = Finding("one owner", number, "Ana Ruiz owns it but has left")
    assert mended(cast) == Mended((), (finding,))
    cast.clock.forward(31)
    assert [each.detail for each in mended(cast).mended] == ["Ana Ruiz has left: Ben Ito answers for it now."]


def test_a_step_that_was_climbed_before_is_not_ahead_any_more(cast: Cast) -> None:
    number = cast.promised()
    cast.tick(minutes=61)
    with cast.sessions.begin() as session:
        session.execute(update(Commitment).values(next_step=0, next_step_at=cast.clock.now))
    assert rules_broken(cast) == ["one next step"]
    assert [each.rule for each in mended(cast).mended] == ["one next step"]
    with cast.sessions() as session:
        commitment = session.get_one(Commitment, number)
        assert (commitment.next_step, commitment.next_step_at) == (2, TWO + timedelta(minutes=75))
    assert mended(cast) == Mended((), ())


def test_a_promise_that_fell_off_its_ladder_climbs_on_where_it_was(cast: Cast) -> None:
    cast.promised()
    cast.tick(minutes=61)
    never_climbed = cast.promised()
    with without(cast, "ck_commitment_open_has_next_step") as session:
        session.execute(text("update commitment set next_step = null, next_step_at = null"))
        for number, step, at in ((1, 2, 75), (never_climbed, 0, 106)):
            assert mending.mended(session, "one next step", number, cast.clock.now) is not None
            commitment = session.get_one(Commitment, number)
            assert (commitment.next_step, commitment.next_step_at) == (step, TWO + timedelta(minutes=at))


def test_what_nobody_can_decide_from_the_rows_is_only_reported(cast: Cast) -> None:
    kept(cast)
    number = cast.promised()
    with cast.sessions.begin() as session:
        session.execute(update(Commitment).where(Commitment.id != number).values(verdict="broken"))
    cast.clock.forward(75)
    result = mended(cast)
    assert result.mended == ()
    assert {each.rule for each in result.left} == {
        "no step overdue",
        "no message stuck",
        "verdict from evidence",
    }
    with cast.sessions() as session:
        mends = select(func.count()).select_from(Event).where(Event.kind == EventKind.MENDED)
        assert session.scalar(mends) == 0


def test_what_was_put_right_meanwhile_is_not_mended_again(cast: Cast) -> None:
    number = cast.promised()
    stale = Finding("one owner", number, "Ana Ruiz owns it but has left")
    assert mend(cast.sessions, [stale], now=cast.clock.now) == Mended((), (stale,))
    assert rules_broken(cast) == []


def test_a_finding_that_cannot_be_mended_holds_up_nobody(cast: Cast) -> None:
    broken, sound = cast.promised(), cast.promised()
    cast.tick(minutes=46)
    with cast.sessions.begin() as session:
        wrong = LadderRow(steps=[{"offset": 0, "effect": "sing"}], made_at=TWO)
        session.add(wrong)
        session.flush()
        session.execute(update(Commitment).values(next_step=0))
        session.execute(update(Commitment).where(Commitment.id == broken).values(ladder_id=wrong.id))
    result = mended(cast)
    assert [each.commitment for each in result.mended] == [sound]
    assert [each.commitment for each in result.left] == [broken]
