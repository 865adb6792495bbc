"""`tracker import` and `tracker export`: commitments as CSV."""

import codecs
import csv
import dataclasses
import gzip
import sys
from datetime import datetime
from pathlib import Path

import click

from tracker.commands.common import as_json, legible, moment_or_none, opened, show
from tracker.exchange import EXPORTED, give_out, take_in


@click.group("import")
def import_() -> None:
    """Take in what was kept elsewhere."""


@import_.command("commitments")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would happen; write nothing.")
@as_json
def import_commitments(file: Path, dry_run: bool, as_json: bool) -> int:
    """Make a commitment of each row of FILE (.csv or .csv.gz); importing twice makes nothing twice.

    Exit code 1 when rows were refused: each is named by its line, the others stand.
    """
    opener = gzip.open if file.suffix == ".gz" else open
    with (
        opened() as house,
        legible(file),
        house.sessions() as session,
        opener(file, "rt", encoding="utf-8-sig", newline="") as lines,
    ):
        imported = take_in(session, lines, now=house.clock())
        if not dry_run:
            session.commit()
    answer = {
        "made": imported.made,
        "skipped": imported.skipped,
        "errors": [dataclasses.asdict(problem) for problem in imported.errors],
    }
    if as_json:
        show(answer, True)
    else:
        click.echo(f"made: {imported.made}\nskipped: {imported.skipped}\nerrors: {len(imported.errors)}")
        for problem in imported.errors:
            click.echo(f"line {problem.line}: {problem.sentence}")
    return 1 if imported.errors else 0


@click.group()
def export() -> None:
    """Give out what is kept here."""


@export.command("commitments")
@click.option("--since", callback=moment_or_none, metavar="TIME", help="Made at or after this time.")
@click.option("--until", callback=moment_or_none, metavar="TIME", help="Made before this time.")
def export_commitments(since: datetime | None, until: datetime | None) -> None:
    """Write commitments as CSV to standard output, with their verdicts."""
    with opened() as house, house.readers.begin() as session:
        there = codecs.getwriter("utf-8")(sys.stdout.buffer)  # as an import reads it, whatever the locale
        writer = csv.DictWriter(there, EXPORTED, lineterminator="\n")
        writer.writeheader()
        writer.writerows(give_out(session, since=since, until=until))
