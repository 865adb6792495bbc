"""The chance that a promise is kept, and the times that could be promised instead."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.policy.advice import (
    AT_RISK,
    ENOUGH,
    OWNER,
    OWNER_KIND,
    TEAM,
    TEAM_KIND,
    Advice,
    Cell,
    Level,
    advise,
    every,
    in_sample,
    odds,
)
from tracker.policy.calendars import ALWAYS, BusinessClock, Calendar, WeeklyHours
from tracker.policy.calendars.spans import micros
from tracker.policy.calibration import LEVELS

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)  # a Monday
HOUR = 3600.0
CLOCK = BusinessClock(Calendar(ALWAYS), NOW)
OFFICE = BusinessClock(Calendar(WeeklyHours.parse("0-4:9-17")), NOW)


def cell(
    level: Level = OWNER_KIND,
    *,
    took: list[float] | None = None,
    open_for: list[float] | None = None,
    withdrawn_after: list[float] | None = None,
) -> Cell:
    """A cell whose promises were all closed just now, after so many hours."""
    closed = [(-hours * HOUR, 0.0, True) for hours in took or []]
    closed += [(-hours * HOUR, 0.0, False) for hours in withdrawn_after or []]
    waiting = [-hours * HOUR for hours in open_for or []]
    return Cell(level, closed, -math.inf, waiting, len(waiting), whose="your", what="refunds")


def advice_from(*cells: Cell, clock: BusinessClock = CLOCK, made: float = 0) -> Advice:
    return advise(cells, clock=clock, now=NOW, opened_at=NOW - timedelta(hours=made))


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def test_the_first_day_has_odds_of_its_own() -> None:
    advice = advice_from()
    assert advice.earliest == {50: later(4), 80: later(40), 90: later(80), 95: later(160)}
    assert advice.chance_kept(later(4)) == pytest.approx(0.5)
    assert advice.why() == "only 0 done so far: these odds are mostly what is usual elsewhere"


def test_what_was_made_up_for_the_first_day_fades_as_the_past_grows() -> None:
    """A dozen promises of a new kind do not yet tell; of a team that has kept hundreds they do."""
    team, new_kind = cell(TEAM, took=[2.0] * 100), cell(TEAM_KIND, took=[1.0] * 12)
    assert advice_from(new_kind).earliest[90] == later(8)
    assert advice_from(team, new_kind).earliest[90] == later(1)


def test_a_team_that_takes_an_hour_is_advised_an_hour() -> None:
    advice = advice_from(cell(took=[1.0] * 40))
    assert advice.earliest[80] == later(1)
    assert advice.chance_kept(later(1)) > 0.9
    assert advice.chance_kept(later(0.9)) < 0.1


def test_open_promises_count_as_not_yet() -> None:
    done = [1.0] * 20
    hopeful = advice_from(cell(took=done)).chance_kept(later(1))
    honest = advice_from(cell(took=done, open_for=[2.0] * 20)).chance_kept(later(1))
    assert honest == pytest.approx(hopeful / 2, abs=0.06)


def test_a_withdrawn_promise_counts_as_not_yet_until_it_was_withdrawn() -> None:
    done = [1.0] * 20
    withdrawn = advice_from(cell(took=done, withdrawn_after=[2.0] * 20))
    assert withdrawn.odds == advice_from(cell(took=done, open_for=[2.0] * 20)).odds


def test_a_promise_that_was_old_when_the_window_began_says_nothing_about_young_ones() -> None:
    young = [(-2 * HOUR, -1 * HOUR, True)] * 40
    old = [(-200 * HOUR, -1 * HOUR, True)] * 20
    since = -100 * HOUR
    mixed = Cell(TEAM_KIND, young + old, since, [], 0)
    assert odds([mixed], now=0).done_by(HOUR) == pytest.approx(
        odds([Cell(TEAM_KIND, young, since, [], 0)], now=0).done_by(HOUR)
    )


def test_what_was_closed_long_ago_is_left_out_if_enough_remains() -> None:
    before = [(-(510 - 20 * n) * HOUR, -(500 - 20 * n) * HOUR, True) for n in range(20)]  # took ten hours
    recent = [((n - 62) * HOUR, (n - 60) * HOUR, True) for n in range(20)]  # took two
    changed = Cell(OWNER_KIND, before + recent, -math.inf, [], 0)
    assert odds([changed], now=0) == odds([Cell(OWNER_KIND, recent, before[-1][1], [], 0)], now=0)
    too_few = Cell(OWNER_KIND, before + recent[:10], -math.inf, [], 0)
    kept = Cell(OWNER_KIND, before[10:] + recent[:10], before[9][1], [], 0)
    assert odds([too_few], now=0) == odds([kept], now=0)


def test_promises_that_were_closed_together_stay_together() -> None:
    batch = [(-300 * HOUR - n, -200 * HOUR, True) for n in range(30)]
    lately = [(-2 * HOUR, -HOUR, True)] * 10
    whole = Cell(OWNER_KIND, batch + lately, -250 * HOUR, [], 0)
    when_it_was_not_long_ago = -150 * HOUR
    assert odds([whole], now=0) == odds([whole], now=when_it_was_not_long_ago)


def test_a_promise_that_took_no_time_at_all_counts_as_done() -> None:
    advice = advice_from(cell(took=[0.0] * 40))
    assert advice.chance_kept(later(0.1)) > 0.85


def test_the_team_and_other_kinds_help_until_there_is_enough_of_this_kind() -> None:
    slow_team = cell(TEAM, took=[100.0] * 100)
    few, familiar, enough = (cell(TEAM_KIND, took=[1.0] * n) for n in (5, 12, ENOUGH))
    assert advice_from(slow_team, few).earliest[80] == later(100)
    assert advice_from(slow_team, familiar).earliest[80] == later(1)
    assert advice_from(slow_team, enough).odds == advice_from(enough).odds


def test_the_owners_own_kind_outweighs_the_teams_and_that_outweighs_everything_else() -> None:
    fast, slow = [1.0] * 200, [100.0] * 200
    hour = later(1)

    def chance(team: list[float], owner: list[float], kind: list[float], own: list[float]) -> float:
        levels = ((TEAM, team), (OWNER, owner), (TEAM_KIND, kind), (OWNER_KIND, own))
        cells = [cell(level, took=took[: level.window]) for level, took in levels]
        return advice_from(*cells).chance_kept(hour)

    assert chance(slow, slow, slow, fast) == pytest.approx(40 / 105, abs=0.05)
    assert chance(slow, slow, fast, slow) == pytest.approx(60 / 105, abs=0.05)
    assert chance(fast, fast, slow, slow) < 0.05


def test_a_thousand_open_promises_weigh_as_much_by_a_sample() -> None:
    assert every(100) == 1
    assert every(101) == 2
    assert every(1000) == 10
    done = [(-HOUR, 0.0, True)] * 40
    made = [-2.0 * HOUR] * 1000
    whole = Cell(OWNER_KIND, done, -math.inf, made, 1000)
    sampled = [at for number, at in enumerate(made) if in_sample(number, every(1000))]
    sample = Cell(OWNER_KIND, done, -math.inf, sampled, 1000)
    assert odds([sample], now=0).done_by(HOUR) == pytest.approx(odds([whole], now=0).done_by(HOUR))


@pytest.mark.parametrize("one_of", [1, 2, 3, 10, 100])
@pytest.mark.parametrize("apart", [1, 2, 5, 10, 64, 100, 256])
def test_a_sample_is_even_however_the_numbers_are_spaced(one_of: int, apart: int) -> None:
    numbers = range(987_654_321, 987_654_321 + 100 * one_of * apart, apart)
    assert sum(in_sample(number, one_of) for number in numbers) == pytest.approx(100, abs=10)


def test_times_are_reckoned_in_working_time() -> None:
    advice = advice_from(cell(took=[3.0] * 40), clock=OFFICE)
    assert advice.earliest[80] == later(3)
    evening = replace(advice, now=later(6), opened_at=later(6))
    due = evening.earliest[80]
    assert due is not None
    assert later(23) < due < later(26)  # 16:00 and three hours of work: next morning


def test_a_refused_level_says_how_many_are_still_open_and_after_how_long() -> None:
    advice = advice_from(cell(took=[1.0] * 40, open_for=[500.0] * 10), clock=OFFICE)
    assert advice.earliest[50] == later(1)
    assert advice.earliest[95] is None
    share, seconds = advice.still_open
    assert share == pytest.approx(10 / 52, abs=0.001)
    assert seconds == 160 * HOUR
    assert advice.refusal() == "19 % are still open after 160 h of working time"
    assert advice_from().refusal() is None


def test_the_reason_cites_the_most_alike_past_that_is_long_enough() -> None:
    own = cell(took=[2.0] * 34 + [5.0] * 6, open_for=[0.5] * 6)
    sentence = "34 of your last 40 refunds done within 3 h; 6 open"
    assert advice_from(cell(TEAM_KIND, took=[1.0] * 200), own).why(later(3)) == sentence
    team = replace(cell(TEAM_KIND, took=[0.5] * 50, open_for=[1.0]), whose="the team's")
    assert advice_from(team, cell(took=[2.0] * 9)).why(later(0.75)) == (
        "50 of the team's last 50 refunds done within 45 min; 1 open"
    )


def test_the_reason_is_about_the_80_per_cent_time_if_no_other_is_asked_about() -> None:
    own = cell(took=[2.0] * 34 + [5.0] * 6)
    assert advice_from(own, clock=OFFICE).why() == (
        "34 of your last 40 refunds done within 2 h of working time; 0 open"
    )


def test_a_withdrawn_promise_is_not_cited_as_done() -> None:
    own = cell(took=[2.0] * 20, withdrawn_after=[1.0] * 20)
    assert advice_from(own).why(later(3)).startswith("20 of your last 20 refunds done")


def test_an_open_promise_is_rescored_by_the_age_it_has_reached() -> None:
    past = cell(took=[1.0] * 20 + [10.0] * 20)
    assert advice_from(past).chance_kept(later(2)) == pytest.approx(0.5, abs=0.05)
    aged = advice_from(past, made=2)
    assert aged.chance_kept(later(2)) < 0.1
    assert aged.chance_kept(later(8)) > 0.8
    assert aged.earliest[50] == later(8)


def test_the_promise_that_took_the_very_time_named_is_among_those_done_within_it() -> None:
    """Also where that time is no whole number of microseconds."""
    for count in range(41, 60):
        took = [(n + 1) / count for n in range(count)]
        advice = advice_from(cell(TEAM_KIND, took=took))
        within = advice.odds.age_at(0.8)
        assert within is not None
        counted = sum(hours * HOUR <= within for hours in took)
        assert f"{counted} of your last {count} refunds done within" in advice.why()


def test_a_promise_older_than_any_that_was_ever_kept_has_the_least_chance() -> None:
    aged = advice_from(made=200)
    assert aged.chance_kept(later(1000)) == 0.005
    assert set(aged.earliest.values()) == {None}
    assert aged.still_open[0] == 1.0


def test_a_promise_whose_time_runs_short_becomes_unlikely_to_be_kept() -> None:
    past = cell(took=[1.0] * 20 + [10.0] * 20)
    aged = advice_from(past, made=2)
    assert aged.chance_kept(later(2)) < AT_RISK < aged.chance_kept(later(8))


def from_moments(closed: list[tuple[datetime, datetime, bool]], *, open_at: list[datetime]) -> Cell:
    return Cell.of(
        OWNER_KIND,
        OFFICE,
        closed=[(micros(made), micros(ended), done) for made, ended, done in closed],
        open=[micros(at) for at in open_at],
        open_count=3,
        whose="Ann's",
        what="refunds",
    )


def test_moments_from_a_database_make_the_same_cell() -> None:
    made, done, waiting = later(-5), later(-2), later(-1)
    at = OFFICE.at
    assert from_moments([(made, done, True)], open_at=[waiting]) == Cell(
        OWNER_KIND, [(at(made), at(done), True)], -math.inf, [at(waiting)], 3, "Ann's", "refunds"
    )
    nothing = from_moments([], open_at=[])
    assert (nothing.closed, nothing.open, nothing.since) == ([], [], -math.inf)


def test_the_one_row_too_many_shows_how_far_back_the_others_reach() -> None:
    rows = [(later(-n - 1), later(-n), True) for n in range(OWNER_KIND.window + 1)]
    full = from_moments(rows, open_at=[])
    assert len(full.closed) == OWNER_KIND.window
    assert full.since == OFFICE.at(rows[-1][1])
    tied = from_moments([*rows[:-2], rows[-1], rows[-1]], open_at=[])
    assert len(tied.closed) == OWNER_KIND.window - 1


def test_a_batch_larger_than_the_window_is_taken_whole() -> None:
    batch = from_moments([(later(-9), later(-2), True)] * (OWNER_KIND.window + 1), open_at=[])
    assert len(batch.closed) == OWNER_KIND.window + 1
    assert batch.since == -math.inf


ages = st.integers(0, 400).map(lambda quarters: quarters * 900.0)


@st.composite
def cells(draw: st.DrawFn) -> list[Cell]:
    result = []
    for level in (TEAM, OWNER, TEAM_KIND, OWNER_KIND):
        since = -draw(ages) if draw(st.booleans()) else -math.inf
        closed = []
        for took, ago, done in draw(st.lists(st.tuples(ages, ages, st.booleans()), max_size=level.window)):
            if -ago > since:
                closed.append((-ago - took, -ago, done))
        made = [-age for age in draw(st.lists(ages, max_size=12))]
        result.append(Cell(level, closed, since, made, len(made) * draw(st.integers(1, 3))))
    return result


def lately(one: Cell) -> tuple[list[tuple[float, float, bool]], float]:
    """What is left when the longest ago are dropped, one moment at a time, as far as the level can spare."""
    kept, since = list(one.closed), one.since
    while kept:
        oldest = min(closed for _, closed, _ in kept)
        fewer = [row for row in kept if row[1] > oldest]
        if oldest >= -100 * HOUR or len(fewer) < one.level.least:
            break
        kept, since = fewer, oldest
    return kept, since


def by_definition(past: list[Cell], age: float) -> float:
    """The product-limit estimate as a textbook writes it: slow, and sharing nothing with the code."""
    seen = max(sum(done for _, _, done in lately(one)[0]) for one in past)
    made_up = max(0.2, 0.5 * (1 - seen / 40))
    watched = [(0.0, hours * HOUR, made_up, True) for hours in (0.25, 0.5, 1, 2, 4, 8, 16, 40, 80, 160)]
    known = max(len(lately(past[2])[0]), len(lately(past[3])[0]))
    for one, mass in zip(past, (5, 5, 60, 40), strict=True):
        total = mass * max(0, 1 - known / 12) ** 2 if mass < 40 else mass
        kept, since = lately(one)
        weight = min(1, total / max(1, len(kept)))
        for made, closed, done in kept:
            entry = max(0, since - made)
            watched.append((entry, max(closed - made, entry + 1), weight, done))
        each = weight * one.open_count / max(1, len(one.open))
        watched += [(max(0, since - made), -made, each, False) for made in one.open]
    open_share = 1.0
    for u in sorted({end for _, end, _, done in watched if done and end <= age}):
        events = sum(weight for entry, end, weight, done in watched if done and end == u)
        at_risk_then = sum(weight for entry, end, weight, _ in watched if entry < u <= end)
        if events:
            open_share *= 1 - events / at_risk_then
    return 1 - open_share


@given(cells(), ages)
def test_the_odds_are_the_product_limit_estimate(past: list[Cell], age: float) -> None:
    assert odds(past, now=0).done_by(age) == pytest.approx(by_definition(past, age), abs=1e-9)


@given(cells(), ages, st.lists(st.floats(-10, 400), min_size=2, max_size=6))
def test_more_time_is_never_worse_and_chances_stay_chances(
    past: list[Cell], made: float, hours: list[float]
) -> None:
    advice = advice_from(*past, made=made / HOUR)
    chances = [advice.chance_kept(later(hour)) for hour in sorted(hours)]
    assert chances == sorted(chances)
    assert all(0.005 <= chance <= 0.995 for chance in chances)


@given(cells(), ages)
def test_the_earliest_time_for_a_chance_has_that_chance_and_none_earlier_does(
    past: list[Cell], made: float
) -> None:
    advice = advice_from(*past, made=made / HOUR)
    for level in LEVELS:
        due = advice.earliest[level]
        if due is None:
            assert 1 - advice.still_open[0] < level / 100
        else:
            assert advice.chance_kept(due + timedelta(microseconds=1)) >= level / 100 - 1e-6
            assert advice.chance_kept(due - timedelta(seconds=1)) < level / 100


@given(cells(), ages, ages)
def test_one_more_open_promise_never_raises_a_chance(past: list[Cell], waited: float, age: float) -> None:
    own = past[-1]
    more = replace(own, open=[*own.open, -waited], open_count=len(own.open) + 1)
    before = odds([*past[:-1], replace(own, open_count=len(own.open))], now=0)
    assert odds([*past[:-1], more], now=0).done_by(age) <= before.done_by(age) + 1e-12
