"""`tracker bench`: is the engine still fast enough?"""

import dataclasses

import click

from tracker.bench import SCALES, bench
from tracker.commands.common import as_json, show
from tracker.settings import read


@click.command("bench")
@click.option(
    "--scale",
    type=click.Choice(list(SCALES)),
    default="small",
    show_default=True,
    help="Tens of thousands of rows, or a million.",
)
@as_json
def bench_command(scale: str, as_json: bool) -> int:
    """Measure climbing and an idle look, beside raw drivers. Exit code 1 when a limit is missed.

    On SQLite in temporary files and, where TRACKER_DATABASE_URL names one, on PostgreSQL in schemas of its own, which
    are dropped at the end. Real data is neither read nor written.
    """
    url = read().database_url or ""
    postgresql = url if url.startswith("postgresql") else None
    if postgresql is None:
        click.echo("PostgreSQL is left out: TRACKER_DATABASE_URL names none.", err=True)
    found = {}
    for name, measured in bench(postgresql, SCALES[scale]):
        found[name] = measured
        if not as_json:
            verdict = "ok" if measured.holds else "MISSED"
            click.echo(
                f"{name:24}{measured.value:>10g} beside {measured.beside:<10g} {measured.unit:8}"
                f"ratio {measured.ratio:<6g} limit {measured.limit:<6g} {verdict}"
            )
    if as_json:
        show({name: dataclasses.asdict(measured) for name, measured in found.items()}, True)
    return 0 if all(each.holds for each in found.values()) else 1
