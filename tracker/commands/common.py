"""What commands share: an open house, files and times from the command line, JSON on standard output."""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from tracker import migrating, wiring
from tracker.channels import Channels
from tracker.policy.checks import Refused
from tracker.settings import Settings, SettingsError, read
from tracker.wiring import House, build, utc_now

YEARS = range(1970, 3000)
"""Beyond them, reckoning with times would leave the calendar."""


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
    return in_reach(at, parameter).astimezone(UTC)


def in_reach(at: datetime, parameter: click.Parameter) -> datetime:
    """That time, if its year can be reckoned with."""
    if at.year not in YEARS:
        raise click.BadParameter(f"the year {at.year} is out of reach.", param=parameter)
    return at


def moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    """A time with its offset; the present when none is given."""
    return moment_or_none(context, parameter, value) or utc_now()


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on standard output.")
at_now = click.option(
    "--now", metavar="TIME", callback=moment, help="Act as if it were this time, like 2026-11-19T15:00:00Z."
)


@contextmanager
def connected(settings: Settings, *, channels: Channels | None = None) -> Iterator[House]:
    """The house by these settings, its database answering, whatever may be in it.

    Raises SettingsError with one sentence when it does not.
    """
    try:
        house = build(settings, channels=channels)
        wiring.check_answers(house.engine)
    except OSError as error:
        raise SettingsError(
            "There is no folder for the database and none can be made; check TRACKER_DATABASE_URL. "
            f"The system said: {error.strerror}: {error.filename}"
        ) from error
    except DBAPIError as error:
        raise SettingsError(
            f"That is no database to work with; check TRACKER_DATABASE_URL. It said: {error.orig}"
        ) from error
    try:
        yield house
    finally:
        house.engine.dispose()


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[House]:
    """The house by the settings of this process, its database migrated and answering.

    Raises SettingsError with one sentence when it is not.
    """
    with connected(settings or read()) as house:
        if not migrating.is_current(house.engine):
            raise SettingsError(
                "The database does not have this version's tables: run `tracker db upgrade` first."
            )
        yield house


def migrate(house: House) -> None:
    """Bring the database to this version's tables. Raises SettingsError for one that a newer version left."""
    try:
        migrating.upgrade(house.engine)
    except CommandError as error:
        raise SettingsError(
            f"The database is not one that this version can upgrade: install a newer Tracker. ({error})"
        ) from error


@contextmanager
def legible(file: Path) -> Iterator[None]:
    """Within, the file is read. Raises Refused with one sentence when it proves to be no CSV, or no gzip."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise Refused(f"{file.name} is not UTF-8 text: save it as CSV in UTF-8.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Refused(f"{file.name} is no whole gzip file: pack it again, or give the .csv.") from error
    except csv.Error as error:
        raise Refused(f"{file.name} is not CSV: {error}.") from error


def show(answer: Mapping[str, Any], as_json: bool) -> None:
    """An answer, as JSON or a line a figure."""
    if as_json:
        click.echo(json.dumps(answer))
        return
    for name, value in answer.items():
        click.echo(f"{name.replace('_', ' ')}: {value}")
