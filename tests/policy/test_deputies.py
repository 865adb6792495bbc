"""Who looks after a promise when its owner is not at work?"""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.calendars import ALWAYS, NEVER, Calendar, Stretch, WeeklyHours
from tracker.policy.deputies import KNOWING, Deputy, Due, needed_at, share_out

THURSDAY = datetime(2026, 11, 19, tzinfo=UTC)
DAYTIME = Calendar(WeeklyHours.parse("0-4:9-18"))
EARLY = Calendar(WeeklyHours.parse("0-4:7-12"))
LATE = Calendar(WeeklyHours.parse("0-4:12-18"))


def at(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    return THURSDAY + timedelta(days=day, hours=hour, minutes=minute)


THREE = at(15)


def when(due_at: datetime, *crew: Calendar, now: datetime = THURSDAY, team: Calendar = DAYTIME) -> datetime:
    return needed_at(due_at, now=now, team=team, crew=crew)


def one(*deputies: Deputy, customer: int = 1, moment: datetime = THREE) -> int | None:
    return share_out([(Due(1, customer, moment), moment)], deputies)[1]


def test_somebody_is_needed_when_the_promise_is_due() -> None:
    assert when(at(15), LATE) == at(15)


def test_for_an_overdue_promise_somebody_is_needed_now() -> None:
    assert when(at(10), LATE, now=at(15)) == at(15)


def test_what_is_due_while_nobody_works_is_needed_when_the_first_one_comes() -> None:
    assert when(at(3)) == at(9)
    assert when(at(3), EARLY, LATE) == at(7)
    assert when(at(20), Calendar(WeeklyHours.parse("3:19-23"))) == at(20), "somebody works late"


def test_what_nobody_ever_works_for_is_needed_when_it_is_due() -> None:
    nobody = Calendar(NEVER)
    assert when(at(3), nobody, team=nobody) == at(3)


def test_only_somebody_at_work_takes_over() -> None:
    assert one(Deputy(1, EARLY), Deputy(2, LATE, load=50)) == 2
    assert one(Deputy(1, EARLY)) is None


def test_the_least_loaded_takes_over() -> None:
    assert one(Deputy(1, DAYTIME, load=3), Deputy(2, DAYTIME, load=2)) == 2


def test_an_agent_takes_over_before_a_supervisor_however_loaded() -> None:
    assert one(Deputy(1, DAYTIME, agent=False), Deputy(2, DAYTIME, load=50)) == 2
    assert one(Deputy(1, DAYTIME, agent=False), Deputy(2, EARLY)) == 1


def test_somebody_who_knows_the_customer_is_preferred_within_reason() -> None:
    knows = frozenset({7})
    assert one(Deputy(1, DAYTIME), Deputy(2, DAYTIME, load=KNOWING - 1, knows=knows), customer=7) == 2
    assert one(Deputy(1, DAYTIME), Deputy(2, DAYTIME, load=KNOWING + 1, knows=knows), customer=7) == 1
    assert one(Deputy(1, DAYTIME), Deputy(2, DAYTIME, load=1, knows=knows), customer=8) == 1


calendars = st.sampled_from([DAYTIME, EARLY, LATE, Calendar(ALWAYS), Calendar(NEVER)])
absences = st.integers(0, 47).map(lambda n: Stretch(at(n // 2), at(n // 2 + 5)))
deputies = st.lists(
    st.builds(
        lambda calendar, away, agent, load, knows: Deputy(
            0,
            Calendar(calendar.hours, closures=(away,)),
            agent=agent,
            load=load,
            knows=frozenset(knows),
        ),
        calendars,
        absences,
        st.booleans(),
        st.integers(0, 20),
        st.sets(st.integers(1, 5)),
    ),
    max_size=5,
).map(lambda all_: [Deputy(n, d.calendar, d.agent, d.load, d.knows) for n, d in enumerate(all_, start=1)])
needed = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 48 * 4)).map(lambda pair: (pair[0], at(0, 15 * pair[1]))),
    max_size=40,
).map(lambda pairs: [(Due(n, customer, moment), moment) for n, (customer, moment) in enumerate(pairs)])


@given(needed=needed, deputies=deputies)
def test_nobody_who_is_away_gets_anything_and_nothing_is_left_that_somebody_could_take(
    needed: list[tuple[Due, datetime]], deputies: list[Deputy]
) -> None:
    taken = share_out(needed, deputies)
    by_number = {deputy.id: deputy for deputy in deputies}
    for due, moment in needed:
        there = [deputy for deputy in deputies if deputy.calendar.is_open(moment)]
        number = taken[due.id]
        if number is None:
            assert there == []
        else:
            assert by_number[number] in there
            assert by_number[number].agent or not any(deputy.agent for deputy in there)


@given(count=st.integers(0, 200), people=st.integers(1, 6))
def test_what_is_shared_out_among_equals_is_shared_out_evenly(count: int, people: int) -> None:
    everything = [(Due(n, n, at(15)), at(15)) for n in range(count)]
    taken = list(share_out(everything, [Deputy(n, DAYTIME) for n in range(people)]).values())
    shares = [taken.count(n) for n in range(people)]
    assert max(shares) - min(shares) <= 1
