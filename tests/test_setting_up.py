"""Does `python3 -m tracker` set up a clone: by itself, once, and again when it must?

The clones here hold the real `tracker/__main__.py`, but a command that only tells where it runs, and locks
that name small packages made on the spot: no test leaves the machine.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
STARTER = ROOT / "tracker" / "__main__.py"
TELL = """
import importlib.metadata as packages
import sys

def main():
    parcels = [f"{p.name}-{p.version}" for p in packages.distributions() if "parcel" in p.name]
    print(sys.prefix, *sorted(parcels))
"""
SETTING_UP = "Setting up .venv"


class Clone:
    """A working copy with everything that setting up looks at, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.environment = self.folder / ".venv"
        self.shelf = folder / "shelf"

    def fill(self) -> None:
        """Lay everything down as somebody finds it who has just cloned it."""
        for part in (self.shelf, self.folder / "tracker" / "commands", self.folder / "tests"):
            part.mkdir(parents=True)
        shutil.copy(STARTER, self.folder / "tracker")
        (self.folder / "tracker" / "__init__.py").touch()
        (self.folder / "tracker" / "commands" / "__init__.py").write_text(TELL)
        (self.folder / "pyproject.toml").touch()
        self.lock("tracker", "parcel", "1.0")
        self.lock("tests", "parcel-of-tests", "1.0")

    def lock(self, part: str, package: str, version: str) -> None:
        """Make a package and name it in the lock file of `part`."""
        name = package.replace("-", "_")
        wheel = self.shelf / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            about = f"{name}-{version}.dist-info"
            archive.writestr(
                f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
            )
            archive.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{about}/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines = f"{package}=={version} \\\n    --hash=sha256:{digest}\n"
        (self.folder / part / "requirements.txt").write_text(lines)

    def start(
        self, *arguments: str, python: str = sys.executable, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))
        } | settings
        shelf_only = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.shelf), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.run(  # noqa: S603 an interpreter of ours
            [python, "-m", "tracker", *arguments],
            cwd=self.folder,
            env=kept | shelf_only,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """One in which nothing was started yet."""
    clone = Clone(tmp_path)
    clone.fill()
    return clone


@pytest.fixture(scope="module")
def set_up_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a clone that one start has set up, to be copied."""
    folder = tmp_path_factory.mktemp("set-up")
    clone = Clone(folder)
    clone.fill()
    assert clone.start("up").returncode == 0
    return folder


@pytest.fixture
def set_up(set_up_once: Path, tmp_path: Path) -> Clone:
    """A clone that one start has set up."""
    shutil.copytree(set_up_once, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Clone(tmp_path)


def test_the_first_start_sets_up_and_the_second_finds_all_done(clone: Clone) -> None:
    first, second = clone.start("up"), clone.start("up")
    assert first.stdout == second.stdout == f"{clone.environment} parcel-1.0\n"
    assert first.stderr.startswith(SETTING_UP)
    assert first.stderr.count("\n") == 1
    assert second.stderr == ""


def test_who_wants_no_bytecode_in_the_clone_gets_none_and_a_start_is_quick_all_the_same(
    set_up: Clone,
) -> None:
    for left in set_up.folder.rglob("__pycache__"):
        shutil.rmtree(left)
    assert set_up.start("up", PYTHONDONTWRITEBYTECODE="1").returncode == 0
    assert not list(set_up.folder.rglob("__pycache__"))
    kept = set_up.environment / "bytecode" / (set_up.folder / "tracker" / "commands").relative_to("/")
    assert list(kept.glob("__init__.*.pyc"))


def test_only_the_test_command_installs_what_tests_need(set_up: Clone) -> None:
    assert set_up.start("test").stdout == f"{set_up.environment} parcel-1.0 parcel-of-tests-1.0\n"
    assert set_up.start("up").stderr == ""


def test_a_changed_lock_is_installed_by_the_next_start(set_up: Clone) -> None:
    set_up.lock("tracker", "parcel", "1.1")
    assert set_up.start("up").stdout == f"{set_up.environment} parcel-1.1\n"


def test_what_an_interrupted_installation_left_is_built_anew(set_up: Clone) -> None:
    (set_up.environment / "tracker.stamp").unlink()  # goes first and comes last
    half = set_up.environment / "lib" / "half"
    half.mkdir()
    assert set_up.start("up").stdout == f"{set_up.environment} parcel-1.0\n"
    assert not half.exists()


def test_an_environment_whose_python_is_gone_is_built_anew(set_up: Clone) -> None:
    python = set_up.environment / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert set_up.start("up").stdout == f"{set_up.environment} parcel-1.0\n"


def test_of_two_starts_at_once_one_sets_up_and_both_run(clone: Clone) -> None:
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: clone.start("up"), range(2)))
    assert [start.stdout for start in both] == [f"{clone.environment} parcel-1.0\n"] * 2
    assert sum(SETTING_UP in start.stderr for start in both) == 1


def test_a_package_that_is_not_the_locked_one_is_refused_and_pip_tells_why(clone: Clone) -> None:
    lock = clone.folder / "tracker" / "requirements.txt"
    lock.write_text(lock.read_text().replace("sha256:", "sha256:0")[:-2] + "\n")
    refused = clone.start("up")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "DO NOT MATCH" in refused.stderr
    assert refused.stderr.endswith("The packages could not be installed; pip says why above.\n")


def test_after_a_failed_installation_nothing_is_taken_for_granted(set_up: Clone) -> None:
    lock = set_up.folder / "tracker" / "requirements.txt"
    good = lock.read_text()
    lock.write_text(good + "a-package-that-is-not-there==1.0\n")
    assert set_up.start("up").returncode == 1
    lock.write_text(good)
    again = set_up.start("up")
    assert again.stderr.startswith(SETTING_UP)
    assert again.stdout == f"{set_up.environment} parcel-1.0\n"


def test_an_environment_that_has_every_locked_package_is_used_as_it_is(set_up: Clone) -> None:
    elsewhere = set_up.folder / "elsewhere"
    set_up.environment.rename(elsewhere)
    python = str(elsewhere / "bin" / "python")
    assert set_up.start("up", python=python).stdout == f"{elsewhere} parcel-1.0\n"
    assert not set_up.environment.exists()


def test_an_old_python_gets_far_enough_to_be_told_so() -> None:
    ast.parse(STARTER.read_text(), feature_version=(3, 6))
    pretend = f"import runpy, sys; sys.version_info = (3, 10, 4); runpy.run_path({str(STARTER)!r})"
    told = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)  # noqa: S603 as above
    assert told.returncode == 1
    assert told.stderr.startswith("Tracker needs Python 3.11 or newer, and ")


@pytest.mark.parametrize("lock", ["tracker/requirements.txt", "tests/requirements.txt"])
def test_the_lock_files_name_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()


def test_the_lock_files_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"]
    assert_locked(asked, "tracker/requirements.txt")
    assert_locked(project["dependency-groups"]["test"], "tests/requirements.txt")


def test_the_two_lock_files_agree() -> None:
    runtime, tests = locked("tracker/requirements.txt"), locked("tests/requirements.txt")
    shared = runtime.keys() & tests.keys()
    assert {name: runtime[name] for name in shared} == {name: tests[name] for name in shared}


def assert_locked(asked: list[str], lock: str) -> None:
    pins = locked(lock)
    for requirement in map(Requirement, asked):
        name = requirement.name.lower()
        assert requirement.specifier.contains(pins.get(name, "0")), f"{requirement} is not in {lock}"


def locked(lock: str) -> dict[str, str]:
    lines = (line.split()[0] for line in (ROOT / lock).read_text().splitlines() if line[0].isalpha())
    return dict(pin.split("==") for pin in lines)
