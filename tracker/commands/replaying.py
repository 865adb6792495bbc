"""`tracker replay`: a log of real cases through the real operations."""

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tracker.audit import audit
from tracker.caselog import check_ids, read_log
from tracker.channels import Channels
from tracker.channels.counting import Counting
from tracker.channels.sms import Sms
from tracker.commands import simulated
from tracker.commands.common import as_json, connected, migrate, show
from tracker.policy import checks
from tracker.replay import RULE, Replay
from tracker.settings import Settings, data_folder, read

NO_ACCOUNT = {"twilio_account_sid": None}
"""A replay texts nobody: not even a configured account is used."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Only so many cases, the earliest first.")
@click.option(
    "--zone", default="Europe/Amsterdam", show_default=True, help="Where times without an offset are."
)
@click.option(
    "--texts",
    type=click.Choice(["count", "simulator"]),
    default="count",
    show_default=True,
    help="Only count texts, or send them to the simulator through Twilio's client.",
)
@as_json
def replay(file: Path, limit: int | None, zone: str, texts: str, as_json: bool) -> int:
    """Replay a log of cases with the clock fast-forwarded, into a database of its own.

    Interrupted and started again it goes on where it was. Exit code 1 when the audit finds anything.
    """
    cases = read_log(file, zone=checks.zone(zone))
    check_ids(cases)
    cases = cases[:limit]
    settings = read()
    if settings.database_url is None:
        own = data_folder() / f"replay-{file.name.split('.')[0]}.sqlite3"
        settings = settings.model_copy(update={"database_url": f"sqlite:///{own}"})
    happenings = len(cases) + sum(case.done_at is not None for case in cases)
    with _channels(settings, texts) as channels, connected(settings, channels=channels) as house:
        migrate(house)
        going = Replay(house.sessions, channels, cases, checks.zone(zone))
        with click.progressbar(length=happenings, label=RULE, file=sys.stderr) as bar:
            replayed = going.run(bar.update)
        with house.readers.begin() as session:
            audited = audit(session, now=replayed.until)
    answer = dataclasses.asdict(replayed) | {
        "until": replayed.until.isoformat(),
        "audit": {"checked": audited.checked, "findings": [dataclasses.asdict(f) for f in audited.findings]},
    }
    show(answer, as_json)
    return 1 if audited.findings else 0


@contextmanager
def _channels(settings: Settings, texts: str) -> Iterator[Channels]:
    if texts == "count":
        yield {"sms": Counting()}
        return
    with simulated.texts(settings.model_copy(update=NO_ACCOUNT), answering=False) as pointed:
        yield {"sms": Sms(pointed)}
