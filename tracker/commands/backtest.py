"""tracker backtest: would the advice have been right on this log?"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from tracker import past, people
from tracker.backtest import backtest as figures_of
from tracker.caselog import Case, read_log
from tracker.commands.common import opened
from tracker.duty import team_calendar
from tracker.policy.calendars import ALWAYS, Calendar, HoursError, WeeklyHours
from tracker.policy.calendars.days import zone_named


class HoursType(click.ParamType[WeeklyHours]):
    """Hours of a week, such as 0-4:9-21,5:10-17."""

    name = "spec"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> WeeklyHours:
        try:
            return value if isinstance(value, WeeklyHours) else WeeklyHours.parse(value)
        except HoursError as error:
            self.fail(str(error), param, ctx)


class ZoneType(click.ParamType[ZoneInfo]):
    """A time zone, such as Europe/Amsterdam."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        try:
            return value if isinstance(value, ZoneInfo) else zone_named(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class TimeType(click.ParamType[datetime]):
    """A date or time; local to --zone without an offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no time: write it as 2026-11-19 or 2026-11-19T15:00:00.", param, ctx)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--team", "team_name", help="Instead of a FILE: the promises of this team, in its hours.")
@click.option(
    "--hours",
    type=HoursType(),
    help="Working hours, as 0-4:9-21,5:10-17 (0 = Monday); default: always.",
)
@click.option(
    "--zone",
    type=ZoneType(),
    help="Zone of the hours and of times without an offset; default: UTC, or the team's.",
)
@click.option("--until", type=TimeType(), help="Score cases opened before; default: not the last tenth.")
@click.option(
    "--burn", type=click.FloatRange(0, 1, max_open=True), default=0.1, help="First share not scored."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def backtest(
    file: Path | None,
    team_name: str | None,
    hours: WeeklyHours | None,
    zone: ZoneInfo | None,
    until: datetime | None,
    burn: float,
    as_json: bool,
) -> None:
    """Replay a log of cases, or a team's own promises, strictly forward and score the advice.

    FILE is a CSV file, gzipped or not, with the columns case_id, opened_at, done_at, agent, kind, priority;
    done_at is empty for a case that is still open.
    """
    if file is not None and team_name is None:
        name, calendar = file.name, Calendar(hours or ALWAYS, zone.key if zone else "UTC")
        cases = read_log(file, zone=zone or ZoneInfo("UTC"))
    elif team_name is not None and file is None:
        if hours is not None:
            raise click.UsageError("--hours are for a FILE: of a team its own hours count.")
        name = team_name
        cases, calendar = _of_team(team_name)
    else:
        raise click.UsageError("Give a FILE or a --team, one of the two.")
    if until is not None and until.tzinfo is None:
        until = until.replace(tzinfo=zone or ZoneInfo(calendar.zone))
    with click.progressbar(
        length=len(cases),
        label="Replaying",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
        update_min_steps=100,
    ) as bar:
        figures = figures_of(cases, calendar, until=until, burn=burn, step=lambda: bar.update(1))
    if not figures["n"]:
        raise click.UsageError(
            f"No case of {name} is scored: left out are the first share (--burn) and what was opened from "
            "--until on, else in the last tenth. Give a longer log, a smaller --burn or a later --until."
        )
    click.echo(json.dumps(figures, indent=2) if as_json else _table(figures))


def _of_team(name: str) -> tuple[list[Case], Calendar]:
    with opened() as house, house.readers.begin() as session:
        team = people.team_called(session, name)
        cases = past.cases(session, team.id)
        if not cases:
            raise click.UsageError(f"{team.name} has not promised anything yet.")
        return cases, team_calendar(session, team)


def _table(figures: dict[str, Any]) -> str:
    by_level = ("coverage", "cold", "median_hours", "refused", "undecided")
    single = ("pinball_hours", "pinball_log", "brier", "ece", "worst_week90", "ms_median", "ms_p95")
    return "\n".join(
        [
            "1 case scored" if figures["n"] == 1 else f"{figures['n']} cases scored",
            "",
            _row("", {level: f"{level} %" for level in figures["coverage"]}),
            *(_row(name, figures[name]) for name in by_level),
            "",
            *(_row(name, {"": figures[name]}) for name in single),
            "",
            "coverage by kind",
            *(
                f"{_row('', group['coverage'])}  {kind} ({group['n']})"
                for kind, group in figures["groups"].items()
            ),
        ]
    )


def _row(name: str, values: dict[str, Any]) -> str:
    return f"{name:14}" + "".join(f"{_shown(value):>10}" for value in values.values())


def _shown(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:g}"
