"""A log replayed strictly forward: what is scored, how far the advice can be trusted."""

import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tracker.backtest import backtest, replay
from tracker.caselog import COLUMNS, Case
from tracker.commands.backtest import backtest as command
from tracker.policy.calendars import ALWAYS, Calendar, WeeklyHours

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
ROUND_THE_CLOCK = Calendar(ALWAYS)
HEADER = ",".join(COLUMNS)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "log.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return path


def hours_after(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def case(opened: float, took: float | None, *, agent: str = "Ann", kind: str = "callback") -> Case:
    done = None if took is None else hours_after(opened + took)
    return Case(hours_after(opened), done, agent, kind, "1")


# What it scores


def test_nothing_is_learnt_before_it_has_happened() -> None:
    log = made_up_log(seed=1, cases=400)
    cut = log[300].opened_at
    unknown_ends = [replace(one, done_at=None) if (one.done_at or cut) >= cut else one for one in log]
    told = [(p.earliest, p.chances) for p in replay(log, ROUND_THE_CLOCK)]
    not_told = [(p.earliest, p.chances) for p in replay(unknown_ends, ROUND_THE_CLOCK)]
    assert told[:301] == not_told[:301]
    assert told[301:] != not_told[301:]


def test_an_end_is_learnt_once_it_has_happened() -> None:
    log = [case(0, 1), case(0.5, 1), case(3, 1)]
    first, second, third = (p.chances for p in replay(log, ROUND_THE_CLOCK))
    assert second <= first  # only that the first is still open
    assert third > first  # two were done within the hour


def test_a_batch_that_is_larger_than_a_window_is_still_seen_to_have_waited() -> None:
    batch = [case(n / 4, 100 - n / 4) for n in range(300)]
    *_, probe = replay([*batch, case(101, None)], ROUND_THE_CLOCK)
    within_four_hours, *_ = probe.chances
    assert within_four_hours < 0.25


def test_cases_without_an_agent_are_no_agent_together() -> None:
    fast = [case(n, 0.5, agent="unknown", kind="fast") for n in range(30)]
    probe = case(100, 1, agent="unknown", kind="new")
    *_, with_unknown = replay([*fast, probe], ROUND_THE_CLOCK)
    *_, with_name = replay(
        [*(replace(one, agent="Bo") for one in fast), replace(probe, agent="Bo")], ROUND_THE_CLOCK
    )
    *_, nameless = replay([*fast, replace(probe, agent="")], ROUND_THE_CLOCK)
    assert with_unknown.chances == nameless.chances
    assert with_name.chances[0] > with_unknown.chances[0]  # Bo is known to be fast, nobody is not


def test_the_first_share_and_the_last_tenth_are_not_scored() -> None:
    log = [case(float(hour), 0.5) for hour in range(100)]
    assert backtest(log, ROUND_THE_CLOCK)["n"] == 90 - 10
    assert backtest(log, ROUND_THE_CLOCK, burn=0.5)["n"] == 40
    assert backtest(log, ROUND_THE_CLOCK, until=hours_after(30))["n"] == 20


def test_the_figures_of_a_log_that_repeats_itself_are_those_of_a_perfect_clerk() -> None:
    figures = backtest([case(float(hour), 0.5) for hour in range(1000)], ROUND_THE_CLOCK)
    assert figures["coverage"] == {"50": 1, "80": 1, "90": 1, "95": 1}
    assert figures["median_hours"] == {"50": 0.5, "80": 0.5, "90": 0.5, "95": 0.5}
    assert figures["pinball_hours"] == 0
    assert figures["brier"] < 0.001
    assert figures["worst_week90"] == 1
    assert list(figures["groups"]) == ["callback"]
    assert figures["groups"]["callback"]["n"] == figures["n"]


def test_pinball_counts_late_ends_by_the_level_and_early_ones_by_the_rest() -> None:
    log = [case(0, 10.0)]  # the first day says 4, 40, 80 and 160 hours
    figures = backtest(log, ROUND_THE_CLOCK, burn=0, until=hours_after(1))
    expected = (0.5 * 6 + 0.2 * 30 + 0.1 * 70 + 0.05 * 150) / 4
    assert figures["pinball_hours"] == pytest.approx(expected, abs=0.01)
    logs = (0.5 * math.log(2.5) + 0.2 * math.log(4) + 0.1 * math.log(8) + 0.05 * math.log(16)) / 4
    assert figures["pinball_log"] == pytest.approx(logs, abs=0.001)
    assert figures["coverage"] == {"50": 0, "80": 1, "90": 1, "95": 1}
    assert figures["brier"] == pytest.approx((0.5**2 + 0.3**2 + 0.2**2 + 0.2**2 + 0.005**2) / 5, abs=0.001)
    assert figures["ece"] == pytest.approx((0.5 + 0.3 + (0.2 + 0.2) + 0.005) / 5, abs=0.001)


def test_the_worst_week_and_the_first_three_hundred_are_scored_on_their_own() -> None:
    steady = [case(float(hour), 0.5) for hour in range(504)]
    stuck = [case(float(hour), 400.0) for hour in range(504, 672)]
    figures = backtest([*steady, *stuck], ROUND_THE_CLOCK, burn=0, until=hours_after(2000))
    assert figures["cold"]["90"] == 1
    assert figures["worst_week90"] < 0.1
    assert figures["coverage"]["90"] == pytest.approx(0.75, abs=0.02)


def test_a_deadline_after_the_end_of_a_log_with_open_cases_is_undecided() -> None:
    closed = [case(float(hour), 0.5) for hour in range(100)]
    figures = backtest([*closed, case(99, None)], ROUND_THE_CLOCK, burn=0, until=hours_after(200))
    assert figures["n"] == 101
    assert figures["undecided"]["95"] > 0
    assert backtest(closed, ROUND_THE_CLOCK, burn=0)["undecided"] == {"50": 0, "80": 0, "90": 0, "95": 0}


def test_a_case_that_stays_open_is_a_miss_once_its_deadline_has_passed() -> None:
    log = [case(float(hour), None if hour % 2 else 0.5) for hour in range(2000)]
    figures = backtest(log, ROUND_THE_CLOCK)
    assert figures["coverage"]["90"] == pytest.approx(0.5, abs=0.01)
    assert figures["refused"]["90"] > 0.9 * figures["n"]


def test_what_was_withdrawn_missed_the_deadlines_before_and_says_nothing_of_those_after() -> None:
    """Said on the first day: 4 hours for 50 %, 40 for 80 %, 80 for 90 %, 160 for 95 %."""
    withdrawn = replace(case(0, None), withdrawn_at=hours_after(50))
    figures = backtest([withdrawn], ROUND_THE_CLOCK, burn=0, until=hours_after(1))
    assert figures["coverage"] == {"50": 0, "80": 0, "90": None, "95": None}
    assert figures["undecided"] == {"50": 0, "80": 0, "90": 1, "95": 1}


def test_what_was_withdrawn_counts_as_not_yet_from_then_on() -> None:
    def within_two_days(log: list[Case]) -> float:
        *_, probe = replay([*log, case(200, None)], ROUND_THE_CLOCK)
        return probe.chances[2]

    waiting = [case(hour / 10, None) for hour in range(60)]
    withdrawn = within_two_days([replace(each, withdrawn_at=hours_after(20)) for each in waiting])
    done = within_two_days([replace(each, done_at=hours_after(20)) for each in waiting])
    assert within_two_days(waiting) < withdrawn < done


def test_a_log_too_short_to_score_gives_no_figures_and_no_error() -> None:
    figures = backtest([case(0, 1)], ROUND_THE_CLOCK, burn=0.9)
    assert figures["n"] == 0
    assert figures["coverage"] == {"50": None, "80": None, "90": None, "95": None}
    assert (figures["brier"], figures["ece"], figures["worst_week90"]) == (None, None, None)


# How far it can be trusted: logs of other rhythms, tails and beginnings, none of which set the constants

OFFICE, NIGHTS, ALWAYS_OPEN = "0-4:9-12:30,0-4:13-17", "0-6:20-24,0-6:0-6", "0-6:0-24"
KINDS = {"answer": (1.0, 1.2), "callback": (4.0, 1.0), "refund": (16.0, 0.8), "visit": (40.0, 1.0)}

MONTHS = {kind: (8 * hours, spread) for kind, (hours, spread) in KINDS.items()}
HOURS = {kind: (hours / 5, spread) for kind, (hours, spread) in KINDS.items()}


def made_up_log(
    *,
    seed: int,
    cases: int = 2500,
    days: float = 150,
    hours: str = ALWAYS_OPEN,
    agents: int = 8,
    draw: Callable[[random.Random, float, float], float] = lambda rng, typical, spread: (
        typical * rng.lognormvariate(0, spread)
    ),
    pace: Callable[[float], float] = lambda _share_of_log: 1.0,
    nameless: float = 0.1,
    kinds: Mapping[str, tuple[float, float]] = KINDS,
) -> list[Case]:
    """Cases of some kinds by agents of different speed, worked off in the hours; it ends after `days`."""
    rng = random.Random(seed)
    calendar = Calendar(WeeklyHours.parse(hours))
    end = MONDAY + timedelta(days=days)
    work = calendar.between(MONDAY, end)
    speed = [rng.lognormvariate(0, 0.3) for _ in range(agents)]
    log = []
    for _ in range(cases):
        share = rng.random()
        opened = calendar.add(MONDAY, share * work)
        kind, agent = rng.choice(list(kinds)), rng.randrange(agents)
        took = draw(rng, *kinds[kind]) * speed[agent] * pace(share)
        assert opened is not None
        done = calendar.add(opened, took * 3600) if took < 10_000 else None
        name = "unknown" if rng.random() < nameless else f"agent {agent}"
        log.append(Case(opened, done if done and done <= end else None, name, kind, "1"))
    return sorted(log, key=lambda one: one.opened_at)


def heavy(rng: random.Random, typical: float, spread: float) -> float:
    """One in twenty-five is never done, and the slowest of the others take a hundred times as long."""
    return 1e9 if rng.random() < 0.04 else typical * 0.4 * rng.paretovariate(1.1) * spread


def so_many_kinds(count: int) -> Mapping[str, tuple[float, float]]:
    rng = random.Random(22)
    return {f"kind {n}": (4.5 * rng.lognormvariate(0, 1.2), 1.0) for n in range(count)}


def slower_from_the_middle_on(share: float) -> float:
    return 2.0 if share > 0.5 else 1.0


def four_times_slower_from_the_middle_on(share: float) -> float:
    return 4.0 if share > 0.5 else 1.0


def to_and_fro(share: float) -> float:
    return 4.0 if int(share * 6) % 2 else 1.0


def faster_from_the_middle_on(share: float) -> float:
    return 0.5 if share > 0.5 else 1.0


def ever_slower(share: float) -> float:
    return 1 + 2 * share


def ever_faster(share: float) -> float:
    return 3 - 2 * share


def one_queue(*, seed: int, load: float) -> list[Case]:
    """Five people take what came first; nobody is free for as much of the time as `load` says."""
    rng = random.Random(seed)
    calendar = Calendar(WeeklyHours.parse(OFFICE))
    work = calendar.between(MONDAY, MONDAY + timedelta(days=150))
    free, log = [0.0] * 5, []
    for opened in sorted(rng.random() * work for _ in range(4000)):
        agent = free.index(min(free))
        free[agent] = max(opened, free[agent]) + rng.expovariate(4000 / (load * 5 * work))
        opened_at, done_at = calendar.add(MONDAY, opened), calendar.add(MONDAY, free[agent])
        assert opened_at is not None
        log.append(Case(opened_at, done_at if free[agent] <= work else None, f"agent {agent}", "call", "1"))
    return log


@pytest.mark.parametrize(
    ("hours", "told", "log"),
    [
        pytest.param(ALWAYS_OPEN, ALWAYS_OPEN, {"seed": 11}, id="round the clock"),
        pytest.param(OFFICE, OFFICE, {"seed": 12}, id="office hours with a lunch break"),
        pytest.param(OFFICE, ALWAYS_OPEN, {"seed": 13}, id="office hours that nobody told us about"),
        pytest.param(NIGHTS, NIGHTS, {"seed": 14, "agents": 40}, id="nights, forty agents"),
        pytest.param(OFFICE, OFFICE, {"seed": 15, "draw": heavy}, id="a heavy tail, some never done"),
        pytest.param(OFFICE, OFFICE, {"seed": 16, "nameless": 1.0}, id="no agent is ever known"),
        pytest.param(
            OFFICE, OFFICE, {"seed": 22, "kinds": so_many_kinds(100)}, id="twenty-five of each kind"
        ),
        pytest.param(OFFICE, OFFICE, {"seed": 23, "kinds": so_many_kinds(300)}, id="eight of each kind"),
        pytest.param(
            OFFICE, OFFICE, {"seed": 27, "cases": 3500, "days": 1000, "kinds": MONTHS}, id="months each"
        ),
        pytest.param(OFFICE, OFFICE, {"seed": 24, "pace": ever_slower}, id="ever slower"),
        pytest.param(OFFICE, OFFICE, {"seed": 25, "pace": ever_faster}, id="ever faster"),
        pytest.param(OFFICE, OFFICE, {"seed": 17, "pace": slower_from_the_middle_on}, id="slower"),
        pytest.param(OFFICE, OFFICE, {"seed": 18, "pace": faster_from_the_middle_on}, id="faster"),
        pytest.param(
            OFFICE,
            OFFICE,
            {"seed": 28, "kinds": HOURS, "pace": four_times_slower_from_the_middle_on},
            id="four times slower",
        ),
        pytest.param(
            OFFICE, OFFICE, {"seed": 29, "kinds": HOURS, "pace": to_and_fro}, id="four times slower, and back"
        ),
    ],
)
def test_on_logs_it_has_not_seen_the_coverage_stays_within_three_points(
    hours: str, told: str, log: dict[str, Any]
) -> None:
    figures = backtest(made_up_log(hours=hours, **log), Calendar(WeeklyHours.parse(told)))
    assert_trustworthy(figures)


@pytest.mark.parametrize("load", [0.85, 0.95])
def test_where_all_wait_in_one_queue_as_well(load: float) -> None:
    figures = backtest(one_queue(seed=26, load=load), Calendar(WeeklyHours.parse(OFFICE)))
    assert_trustworthy(figures)


def assert_trustworthy(figures: dict[str, Any]) -> None:
    for level, share in figures["coverage"].items():
        assert share == pytest.approx(int(level) / 100, abs=0.03), level
    assert figures["cold"]["90"] >= 0.75
    assert figures["ece"] < 0.035


def test_a_cold_start_is_covered_from_the_first_case_on() -> None:
    """Three teams in their first months: one alone is too few cases to tell three points from chance."""
    shares = []
    for seed in (19, 20, 21):
        figures = backtest(
            made_up_log(seed=seed, cases=600, hours=OFFICE), Calendar(WeeklyHours.parse(OFFICE)), burn=0
        )
        assert figures["cold"]["90"] >= 0.84
        shares.append(figures["coverage"]["90"])
    assert sum(shares) / 3 == pytest.approx(0.9, abs=0.03)


# The command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_the_command_prints_one_json_object(tmp_path: Path) -> None:
    lines = [
        f"{n},{hours_after(n).isoformat()},{hours_after(n + 1).isoformat()},Ann,refund,1" for n in range(60)
    ]
    result = run(str(written(tmp_path, *lines)), "--hours", "0-6:8-20", "--until", "2026-01-07", "--json")
    assert result.exit_code == 0
    figures = json.loads(result.stdout)
    assert figures["n"] == 48 - 6
    by_level = {"coverage", "refused", "median_hours", "cold"}
    single = {"n", "pinball_hours", "pinball_log", "brier", "ece", "worst_week90", "ms_median", "ms_p95"}
    assert by_level | single <= set(figures)
    assert all(set(figures[name]) == {"50", "80", "90", "95"} for name in by_level)


def test_the_command_prints_a_table_for_people(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, "1,2026-01-05,2026-01-06,Ann,refund,1")), "--burn", "0")
    assert result.exit_code == 0
    assert "coverage" in result.stdout
    assert "refund (1)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--hours", "mon:9-17"], "'mon:9-17' is not understood"),
        (["--until", "soon"], "'soon' is no time"),
        (["--zone", "Atlantis"], "'Atlantis' is no time zone"),
        (["--burn", "1"], "1"),
    ],
)
def test_the_command_refuses_what_it_cannot_use_with_exit_code_2(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    result = run(str(written(tmp_path, "1,2026-01-05,,Ann,refund,1")), *arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())


def test_the_command_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert run(str(tmp_path / "nothing.csv")).exit_code == 2


@pytest.mark.parametrize("options", [(), ("--until", "2020-01-01"), ("--burn", "nan"), ("--json",)])
def test_a_log_of_which_nothing_is_scored_is_told_in_one_sentence(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    lines = ("1,2026-01-05T10:00,2026-01-05T12:00,Ann,callback,1",)
    done = run(str(written(tmp_path, *lines)), *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "No case of log.csv is scored" in done.stderr


def test_one_case_is_one(tmp_path: Path) -> None:
    lines = [f"{hour},2026-01-05T{hour}:00,2026-01-05T{hour}:30,Ann,callback,1" for hour in (10, 11)]
    done = run(str(written(tmp_path, *lines)), "--burn", "0.5", "--until", "2026-01-06")
    assert done.stdout.startswith("1 case scored\n")
