"""What can be typed: `tracker COMMAND`. Exit code 0: done; 1: the answer is no; 2: asked wrongly."""

import gc
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click
from sqlalchemy.exc import OperationalError

from tracker.policy.checks import Refused
from tracker.settings import SettingsError

COMMANDS = {
    "up": "serving:up",
    "test": "testing:test",
    "web": "serving:web",
    "worker": "serving:worker",
    "tick": "serving:tick",
    "db": "administration:db",
    "person": "administration:person",
    "team": "administration:team",
    "import": "exchange:import_",
    "export": "exchange:export",
    "replay": "replaying:replay",
    "backtest": "backtest:backtest",
    "advise": "advise:advise",
    "when": "when:when",
    "audit": "checking:audit_command",
    "bench": "bench:bench_command",
    "doctor": "checking:doctor",
}
"""Where each is written. A start loads only the one that was typed: all of them take over a second."""


class Commands(click.Group):
    """Those of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 the signature is click's
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 the signature is click's
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        gc.disable()  # what is imported stays; looking for garbage in it took a fifth of a start
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), name)
        gc.freeze()
        gc.enable()
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def tracker() -> None:
    """Tracker: a promise to a customer is a record that cannot be forgotten."""


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
