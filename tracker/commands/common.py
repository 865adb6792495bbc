"""What commands share: an open house, times from the command line, JSON on standard output."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from tracker import migrating, wiring
from tracker.settings import Settings, SettingsError, read
from tracker.wiring import House, build, utc_now


def moment_or_none(_: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    """A time with its offset, RFC 3339; None when none is given."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        sentence = f"{value!r} is not a time with an offset, like 2026-11-19T15:00:00-05:00."
        raise click.BadParameter(sentence, param=parameter)
    return at


def moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    """A time with its offset; the present when none is given."""
    return moment_or_none(context, parameter, value) or utc_now()


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
at_now = click.option(
    "--now", metavar="TIME", callback=moment, help="Act as if it were this time, like 2026-11-19T15:00:00Z."
)


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[House]:
    """The house by the settings of this process, its database migrated and answering.

    Raises SettingsError with one sentence when it is not.
    """
    house = build(settings or read())
    try:
        wiring.check_answers(house.engine)
        if not migrating.is_current(house.engine):
            raise SettingsError(
                "The database does not have this version's tables: run `tracker db upgrade` first."
            )
        yield house
    finally:
        house.engine.dispose()


def show(answer: Mapping[str, Any], as_json: bool) -> None:
    """An answer, as JSON or a line a figure."""
    if as_json:
        click.echo(json.dumps(answer))
        return
    for name, value in answer.items():
        click.echo(f"{name.replace('_', ' ')}: {value}")
