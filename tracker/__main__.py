"""How does `python3 -m tracker` run in a clone where nothing is installed yet?

It makes `.venv` in the clone, installs exactly what the lock files name, and starts again inside it. Later
starts only compare a stamp. `.venv` belongs to this module: without a valid stamp it is built from nothing.
Standard library only, in the syntax of Python 3.6: an old Python must get far enough to be told its age.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 for those who start it with an older one
    sys.exit(
        "Tracker needs Python 3.11 or newer, and {} is Python {}.{}. With a newer one on this machine:\n"
        "    python3.11 -m tracker".format(sys.executable, *sys.version_info)
    )

import fcntl
import hashlib
import importlib.metadata
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
PROJECT = CLONE / "pyproject.toml"
ENVIRONMENT = CLONE / ".venv"
BASE_PYTHON: str = sys._base_executable  # type: ignore[attr-defined]  # the one outside, should we be in a venv
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "tracker.stamp"
BYTECODE = ENVIRONMENT / "bytecode"
RUNTIME_LOCK = CLONE / "tracker" / "requirements.txt"
TEST_LOCK = CLONE / "tests" / "requirements.txt"


def start(arguments: list[str]) -> None:
    """Run the command here if all it needs is here; otherwise in `.venv`, which is made or mended first."""
    locks = [RUNTIME_LOCK, TEST_LOCK] if arguments[:1] == ["test"] else [RUNTIME_LOCK]
    if is_ready(locks):
        from tracker.commands import main

        sys.exit(main())
    if not is_prepared(locks):
        prepare(locks)
    os.execve(PYTHON, [str(PYTHON), "-m", "tracker", *arguments], with_bytecode(os.environ))  # noqa: S606 our own interpreter, no shell


def with_bytecode(environment: Mapping[str, str]) -> dict[str, str]:
    """Where Python may leave no compiled files beside the sources, it leaves them in `.venv`: to compile everything
    anew made every start, and every process of a test run, take three times as long."""
    if not environment.get("PYTHONDONTWRITEBYTECODE"):
        return dict(environment)
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONPYCACHEPREFIX": str(BYTECODE), **kept}


def is_ready(locks: list[Path]) -> bool:
    """Whether this very interpreter has what the command needs."""
    if not PROJECT.exists():
        return True  # not a clone but an installed package: its installer saw to that
    if os.path.realpath(sys.prefix) == str(ENVIRONMENT):
        return is_prepared(locks)
    return all(map(is_installed_here, locks))


def is_installed_here(lock: Path) -> bool:
    """Whether every locked version is installed here; lines for certain platforms only are passed over."""
    pins = [
        line.split()[0] for line in lock.read_text().splitlines() if line[:1].isalnum() and ";" not in line
    ]
    try:
        return all(importlib.metadata.version(pin.split("==")[0]) == pin.split("==")[1] for pin in pins)
    except importlib.metadata.PackageNotFoundError:
        return False


def is_prepared(locks: list[Path]) -> bool:
    """Whether `.venv` is whole and holds what these locks name."""
    return is_whole() and {stamp_of(lock) for lock in locks} <= set(STAMP.read_text().split())


def is_whole() -> bool:
    """Whether `.venv` can be built upon: its interpreter is still there and no installation broke off."""
    return PYTHON.exists() and STAMP.exists()


def stamp_of(lock: Path) -> str:
    """The word for "this lock is installed"; it covers the interpreter, which an upgrade may replace."""
    return hashlib.sha256(lock.read_bytes() + os.path.realpath(PYTHON).encode()).hexdigest()


def prepare(locks: list[Path]) -> None:
    """Make or mend `.venv`. The stamp goes first and comes last, so what breaks off is seen and redone."""
    with one_at_a_time() as held:
        if is_prepared(locks):
            return  # by the one who held the lock before
        began = time.monotonic()
        print("Setting up .venv (once, about half a minute) … ", end="", file=sys.stderr, flush=True)
        build_anew = not is_whole()
        STAMP.unlink(missing_ok=True)
        if build_anew:
            made = call([BASE_PYTHON, "-m", "venv", "--clear", "--without-pip", str(ENVIRONMENT)], held)
            if made.returncode != 0:
                sys.exit(f"failed.\n{made.stdout}\n.venv could not be made; Python says why above.")
        installed = install(locks, held)
        if installed.returncode != 0:
            sys.exit(f"failed.\n{installed.stdout}\nThe packages could not be installed; pip says why above.")
        STAMP.write_text("\n".join(map(stamp_of, locks)))
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


@contextmanager
def one_at_a_time() -> Iterator[int]:
    """Hold the lock on a file of the clone; the system lets go of it when its last holder ends."""
    try:
        held = os.open(PROJECT, os.O_RDWR)  # for writing, which locks over a network ask for
    except PermissionError:
        sys.exit(f"The set-up needs to write to {CLONE}, and may not.")
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another start that is setting up .venv …", file=sys.stderr, flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield held
    finally:
        os.close(held)


def install(locks: list[Path], held: int) -> "subprocess.CompletedProcess[str]":
    """What the first pip says that serves `.venv`: one from outside, which is there at once, or one put inside.

    Neither alone will do: Debian's Python has none to put inside unless python3-venv is installed. Each is asked to
    install at once, and only one that fails whether it can serve at all: to ask every time takes a second.
    """
    files = [argument for lock in locks for argument in ("-r", str(lock))]
    # Compiling every module takes as long as fetching them all, and most are never imported.
    what = ["install", "--require-hashes", "--no-deps", "--no-compile", *files]
    candidates = [[BASE_PYTHON, "-m", "pip"], [str(PYTHON), "-m", "pip"], ["pip3"], ["pip"]]
    for candidate in candidates:
        pip = [*candidate, "--python", str(PYTHON)]
        installed = call([*pip, *what], held)
        if installed.returncode == 0 or call([*pip, "--version"], held).returncode == 0:
            return installed
    if call([str(PYTHON), "-m", "ensurepip"], held).returncode == 0:
        return call([str(PYTHON), "-m", "pip", *what], held)
    sys.exit(
        "failed.\nThere is no pip 22.3 or newer on this machine. Install one and start again "
        "(Debian and Ubuntu: apt-get install python3-pip)."
    )


def call(command: list[str], held: int) -> subprocess.CompletedProcess[str]:
    """Run a command with its output kept; a program that is not there answers 127, as in a shell.

    The command holds the lock too: were this process killed, the next start would wait for the command's end.
    """
    try:
        return subprocess.run(  # noqa: S603 only commands spelled out in this file
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, pass_fds=[held]
        )
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, stdout=str(error))


if __name__ == "__main__":
    try:
        start(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
