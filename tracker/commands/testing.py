"""Is everything green? The command `test`.

The cheap questions come first: style, form, doors between the rooms, types, and whether PostgreSQL and a
browser can be had at all. The suite is run only when all of them are answered well.

The lock files that the command installs from are remade with:

    uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \\
        pyproject.toml -o tracker/requirements.txt
    uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \\
        --group test -c tracker/requirements.txt -o tests/requirements.txt
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path

import click

CLONE = Path(__file__).resolve().parent.parent.parent

CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "lint-imports": ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
    "mypy": ["-m", "mypy"],
    "PostgreSQL, Chromium": ["-m", "tests.rig"],
}
WHOLE_SUITE = [f"--numprocesses={min(4, (os.cpu_count() or 1) + 1)}", "--dist=worksteal"]
"""One process more than processors: browsers and servers make a test wait now and then."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, metavar="[PYTEST ARGUMENTS]")
@click.option("--chaos", is_flag=True, help="Add the long form of the crash tests, which prints a table.")
def test(arguments: tuple[str, ...], chaos: bool) -> int:
    """Run everything that must be green; with arguments only pytest, which gets them."""
    return run(arguments, chaos=chaos)


def run(arguments: Sequence[str], *, chaos: bool = False) -> int:
    """Ask everything that must be green; with arguments run pytest alone, which gets them.

    `chaos` adds the long form of the crash tests, which the suite otherwise leaves out. Answers 0 if
    all is well, else 1, or what pytest answers; 2 where there are no tests, because this is not a clone.
    """
    if not (CLONE / "tests" / "conftest.py").exists():
        print("The tests are not part of an installed Tracker. Run them from a clone.", file=sys.stderr)
        return 2
    with chdir(CLONE):
        if not arguments:
            with ThreadPoolExecutor() as side_by_side:
                answers = side_by_side.map(passes, CHECKS, CHECKS.values())
                failed = [name for name, passed in zip(CHECKS, answers, strict=True) if not passed]
            if failed:
                print(f"The tests were not run, because something is wrong above: {', '.join(failed)}.")
                return 1
        return suite([*(arguments or WHOLE_SUITE), *(["-m", ""] if chaos else [])])


def passes(name: str, command: Sequence[str]) -> bool:
    """Run one check, and print its line at once with what it said below it if it failed."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 the commands above, in our own interpreter
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    took = time.monotonic() - began
    said = (
        f"{name:<22}{took:5.1f} s"
        if done.returncode == 0
        else f"{name:<22}{took:5.1f} s  failed:\n{done.stdout}"
    )
    print(said, flush=True)
    return done.returncode == 0


def suite(arguments: Sequence[str]) -> int:
    """Run pytest."""
    import pytest  # an installed Tracker has none

    return int(pytest.main(list(arguments)))
