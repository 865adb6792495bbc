"""Facts that make a promise foolish."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.policy.monday import AMSTERDAM, FOUR_AN_HOUR, MONDAY_TEN, TEAM, at
from tracker.policy.calendars import ALWAYS, Calendar, Stretch, WeeklyHours
from tracker.policy.load import Concern, Desk, Fact, OutOfHours, Pace, concerns, mind_hours

DAYTIME = WeeklyHours.parse("0-6:8-21")


def desk(
    *promises: datetime,
    team: Calendar = TEAM,
    own: Calendar | None = None,
    customer: Calendar | None = None,
    pace: Pace = FOUR_AN_HOUR,
) -> Desk:
    return Desk(
        "Ann", team, own or Calendar(ALWAYS), customer or Calendar(DAYTIME, AMSTERDAM), pace, promises
    )


def only(facts: tuple[Fact, ...]) -> Fact:
    (fact,) = facts
    return fact


def test_nothing_speaks_against_a_free_hour_of_a_working_day() -> None:
    assert concerns(at(16, 15), now=MONDAY_TEN, desk=desk(at(16, 11), at(16, 16))) == ()


def test_a_time_at_which_the_owner_is_on_leave_is_moved_to_their_return() -> None:
    leave = Stretch(at(17, 0), at(19, 0), "leave")
    fact = only(concerns(at(17, 15), now=MONDAY_TEN, desk=desk(own=Calendar(ALWAYS, closures=(leave,)))))
    assert (fact.concern, fact.sentence) == (Concern.OWNER_OFF, "Ann is not at work then: leave.")
    assert fact.better == at(19, 9)


def test_a_time_after_closing_is_moved_to_the_next_opening() -> None:
    fact = only(concerns(at(16, 18), now=MONDAY_TEN, desk=desk()))
    assert (fact.concern, fact.sentence) == (Concern.TEAM_CLOSED, "The team is closed then.")
    assert fact.better == at(17, 9)


def test_a_promise_for_the_moment_of_closing_is_one_for_the_end_of_that_day() -> None:
    assert concerns(at(16, 17), now=MONDAY_TEN, desk=desk()) == ()
    assert only(concerns(at(16, 17, 1), now=MONDAY_TEN, desk=desk())).concern is Concern.TEAM_CLOSED


def test_a_public_holiday_is_called_by_its_name() -> None:
    fact = only(concerns(at(25, 10, month=12), now=at(24, 10, month=12), desk=desk()))
    assert (fact.concern, fact.sentence) == (Concern.HOLIDAY, "It is a public holiday then: Christmas Day.")
    assert fact.better == at(28, 9, month=12)


def test_a_time_that_is_the_customers_night_is_told_by_their_clock() -> None:
    seattle = Calendar(DAYTIME, "America/Los_Angeles")
    late_team = Calendar(WeeklyHours.parse("0-4:9-21"), AMSTERDAM)
    fact = only(concerns(at(16, 15), now=MONDAY_TEN, desk=desk(team=late_team, customer=seattle)))
    assert (fact.concern, fact.sentence) == (Concern.CUSTOMER_NIGHT, "It is 06:00 for the customer then.")
    assert fact.better == at(16, 17)


def test_a_customer_who_sleeps_while_the_team_works_has_no_better_time() -> None:
    auckland = Calendar(WeeklyHours.parse("0-6:9-17"), "Pacific/Auckland")
    early_team = Calendar(WeeklyHours.parse("0-4:9-17"), AMSTERDAM)
    fact = only(concerns(at(16, 15), now=MONDAY_TEN, desk=desk(team=early_team, customer=auckland)))
    assert fact.better is None


def test_two_promises_within_ten_minutes_collide_and_ten_minutes_apart_they_do_not() -> None:
    fact = only(concerns(at(16, 15), now=MONDAY_TEN, desk=desk(at(16, 15, 9))))
    assert (fact.concern, fact.sentence) == (Concern.COLLISION, "Ann has another promise at 15:09.")
    assert fact.better == at(16, 15, 30)
    assert concerns(at(16, 15), now=MONDAY_TEN, desk=desk(at(16, 15, 10), at(16, 14, 50))) == ()


def test_more_promises_than_can_be_worked_off_are_an_overload_and_the_better_time_leaves_room() -> None:
    before = [at(16, 10, 20), at(16, 10, 30), at(16, 10, 40), at(16, 10, 50)]
    fact = only(concerns(at(16, 11), now=MONDAY_TEN, desk=desk(*before)))
    assert fact.concern is Concern.OVERLOAD
    assert fact.sentence == "Ann already has 4 promises due by then, and time for only 4."
    assert fact.better == at(16, 11, 15)


def test_who_cannot_keep_even_one_until_then_has_no_time() -> None:
    for others in ([], [at(16, 10)]):
        (*_, fact) = concerns(at(16, 10, 12), now=MONDAY_TEN, desk=desk(*others))
        assert fact.sentence == "Ann has no time for a promise before then."


def test_overdue_promises_have_to_be_worked_off_too() -> None:
    overdue = [at(13, 16), at(13, 16, 30)]
    assert concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk()) == ()
    fact = only(concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk(*overdue)))
    assert fact.sentence == "Ann already has 2 promises due by then, and time for only 2."


def test_a_promise_that_is_due_at_the_same_moment_takes_its_time_too() -> None:
    facts = concerns(at(16, 10, 15), now=MONDAY_TEN, desk=desk(at(16, 10, 15)))
    assert [fact.concern for fact in facts] == [Concern.COLLISION, Concern.OVERLOAD]


def test_one_that_would_make_a_later_promise_late_is_an_overload_and_the_better_time_is_after_that() -> None:
    fact = only(concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk(*[at(16, 11)] * 4)))
    assert fact.concern is Concern.OVERLOAD
    assert (
        fact.sentence == "Ann has 4 promises due by Mon 16 Nov, 11:00, and no time for one more before then."
    )
    assert fact.better == at(16, 11, 15)
    fact = only(concerns(at(16, 10, 15), now=MONDAY_TEN, desk=desk(at(16, 10, 29))))
    assert (
        fact.sentence == "Ann has a promise due by Mon 16 Nov, 10:29, and no time for one more before then."
    )
    assert concerns(at(16, 10, 30), now=MONDAY_TEN, desk=desk(*[at(16, 11)] * 3)) == ()


def test_time_off_is_no_time_to_work_promises_off() -> None:
    lunch_out = Stretch(at(16, 10, 15), at(16, 14), "dentist")
    own = Calendar(ALWAYS, closures=(lunch_out,))
    fact = only(concerns(at(16, 14), now=MONDAY_TEN, desk=desk(at(16, 13), own=own)))
    assert fact.sentence == "Ann already has another promise due by then, and time for only one."
    assert fact.better == at(16, 14, 15)


def test_all_facts_about_one_time_offer_the_same_better_one() -> None:
    facts = concerns(at(16, 22), now=MONDAY_TEN, desk=desk(at(16, 22, 5)))
    assert [fact.concern for fact in facts] == [
        Concern.TEAM_CLOSED,
        Concern.CUSTOMER_NIGHT,
        Concern.COLLISION,
    ]
    assert {fact.better for fact in facts} == {at(17, 9)}


minutes = st.integers(-600, 60 * 24 * 9).map(lambda minute: MONDAY_TEN + timedelta(minutes=minute))


@given(
    minutes,
    st.lists(minutes, max_size=40),
    st.floats(0.3, 12),
    st.sampled_from([AMSTERDAM, "Asia/Kathmandu"]),
)
def test_nothing_speaks_against_the_better_time(
    due_at: datetime, promises: list[datetime], per_hour: float, zone: str
) -> None:
    busy = desk(*promises, pace=Pace(per_hour), customer=Calendar(DAYTIME, zone))
    for fact in concerns(due_at, now=MONDAY_TEN, desk=busy):
        assert fact.better is not None
        assert fact.better >= max(due_at, MONDAY_TEN)
        assert fact.better.astimezone(UTC).minute % 15 == 0
        assert concerns(fact.better, now=MONDAY_TEN, desk=busy) == ()


@given(
    st.integers(1, 600).map(lambda minute: MONDAY_TEN + timedelta(minutes=minute)),
    st.lists(minutes, max_size=40),
    st.sampled_from([1.0, 1.3, 2.0, 4.0]),
)
def test_an_overload_is_when_one_more_promise_would_make_some_promise_of_the_owner_late(
    due_at: datetime, promises: list[datetime], per_hour: float
) -> None:
    def late(dues: Sequence[datetime]) -> int:
        done = (TEAM.add(MONDAY_TEN, n * 3600 / per_hour) for n, _ in enumerate(dues, 1))
        slip = timedelta(milliseconds=5)
        return sum(at is None or at > due + slip for at, due in zip(done, sorted(dues), strict=True))

    facts = concerns(due_at, now=MONDAY_TEN, desk=desk(*promises, pace=Pace(per_hour)))
    overload = any(fact.concern is Concern.OVERLOAD for fact in facts)
    assert overload == (late([*promises, due_at]) > late(promises))


def refused(due_at: datetime, at_desk: Desk, *, confirmed: bool = False) -> OutOfHours | None:
    facts = concerns(due_at, now=MONDAY_TEN, desk=at_desk)
    try:
        mind_hours(facts, zone=AMSTERDAM, confirmed=confirmed)
    except OutOfHours as problem:
        return problem
    return None


ON_LEAVE = Calendar(ALWAYS, closures=(Stretch(at(17, 0), at(19, 0)),))


def test_a_time_at_which_the_team_is_closed_is_refused_with_a_better_one_whoever_confirms_it() -> None:
    for confirmed in (False, True):
        problem = refused(at(16, 18), desk(), confirmed=confirmed)
        assert problem is not None
        assert str(problem) == "The team is closed then. Offer Tue 17 Nov, 09:00 by the team's clock."
        assert problem.better == at(17, 9)
        assert not problem.confirmable


def test_a_time_at_which_the_owner_is_off_is_refused_until_it_is_confirmed() -> None:
    problem = refused(at(17, 15), desk(own=ON_LEAVE))
    assert problem is not None
    assert str(problem) == (
        "Ann is not at work then. Offer Thu 19 Nov, 09:00 by the team's clock, or confirm that this time is meant."
    )
    assert problem.confirmable
    assert problem.field == "due_at"
    assert refused(at(17, 15), desk(own=ON_LEAVE), confirmed=True) is None


def test_the_customers_night_is_refused_until_it_is_confirmed() -> None:
    auckland = Calendar(WeeklyHours.parse("0-6:9-17"), "Pacific/Auckland")
    problem = refused(at(16, 15), desk(customer=auckland))
    assert problem is not None
    assert str(problem) == (
        "It is 03:00 for the customer then. Offer another time, or confirm that this one is meant."
    )
    assert problem.better is None
    assert refused(at(16, 15), desk(customer=auckland), confirmed=True) is None


def test_a_closed_team_cannot_be_confirmed_away_by_confirming_the_rest() -> None:
    problem = refused(at(16, 22), desk(own=ON_LEAVE), confirmed=True)
    assert problem is not None
    assert "customer" not in str(problem), "what was confirmed is not said again"


@pytest.mark.parametrize("promises", [(), (at(16, 15), at(16, 15, 1))])
def test_too_much_work_is_never_refused(promises: tuple[datetime, ...]) -> None:
    assert refused(at(16, 15), desk(*promises)) is None
    assert refused(at(16, 10, 5), desk()) is None
