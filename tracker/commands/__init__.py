"""What can be typed: `tracker COMMAND`. Exit code 0: done; 1: the answer is no; 2: asked wrongly."""

import logging
import os
import sys
from collections.abc import Sequence

import click
from sqlalchemy.exc import OperationalError

from tracker.commands.administration import db, person, team
from tracker.commands.advise import advise
from tracker.commands.backtest import backtest
from tracker.commands.bench import bench_command
from tracker.commands.checking import audit_command, doctor
from tracker.commands.exchange import export, import_
from tracker.commands.replaying import replay
from tracker.commands.serving import tick, up, web, worker
from tracker.commands.testing import test
from tracker.commands.when import when
from tracker.policy.checks import Refused
from tracker.settings import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def tracker() -> None:
    """Tracker: a promise to a customer is a record that cannot be forgotten."""


COMMANDS = (
    up, test, web, worker, tick, db, person, team, import_, export, replay, backtest, advise, when,
    audit_command, bench_command, doctor,
)  # fmt: skip
for command in COMMANDS:
    tracker.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. What was asked wrongly is one sentence on standard error, never a trace."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue of one is no news
    try:
        answer = tracker.main(args=arguments, prog_name="tracker", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except BrokenPipeError:  # whoever reads our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Refused, SettingsError) as error:
        click.echo(str(error), err=True)
        return 2
    except OSError as error:
        click.echo(f"The system refused: {error}.", err=True)
        return 2
    except OperationalError as error:
        click.echo(f"The database gave up, and what was not finished is undone: {error.orig}", err=True)
        return 2
    return answer if isinstance(answer, int) else 0
