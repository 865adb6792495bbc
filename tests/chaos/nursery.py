"""Where do processes come from that die by the hundred? From one that has everything imported, and forks.

`python -m tests.chaos.nursery` reads an order a line and answers each with a line. It has one thread, so what it
forks is whole. `Nursery` is the other end of that line.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from waitress.server import create_server

import jobs
from tests.chaos.clock import SharedClock
from tests.chaos.deaths import Death, Reaper
from tracker.channels.sms import Sms
from tracker.settings import Settings
from tracker.wiring import House, build
from web.app import create_app

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 0.3
"""Seconds that a worker waits for the provider here."""
THREADS = 4


def house_of(settings: Mapping[str, str], clock: SharedClock) -> House:
    """The house by those settings, its channel less patient than in production, its clock ours."""
    read = Settings(_env_file=None, **settings)  # type: ignore[arg-type]  # named by their aliases
    return build(read, channels={"sms": Sms(read, timeout=PATIENCE)}, clock=clock)


def work(house: House, passes: int, ready: Callable[[], None]) -> None:
    """Every job of a worker in turn, so many times."""
    ready()
    for _ in range(passes):
        for job in jobs.SECONDS:
            job(house)


def serve(house: House, port: int, ready: Callable[[], None]) -> None:
    """Pages, until somebody kills us."""
    line = socket.create_server(("127.0.0.1", port), reuse_port=True)
    server = create_server(create_app(house), sockets=[line], threads=THREADS)
    ready()
    server.run()


class Nursery:
    """The line to a nursery; leaving the `with` ends it and all its children."""

    def __init__(self, settings: Mapping[str, str], clock: Path, log: Path) -> None:
        self._settings, self._clock = settings, clock
        self._log = log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._log.close()

    def worker(self, *, passes: int = 1, death: Death | None = None) -> int:
        """A worker that runs so many passes unless it dies before; its process id."""
        return self._born(passes=passes, death=death)

    def web(self, port: int, *, death: Death | None = None) -> int:
        """A web process that listens on that port by now; its process id."""
        return self._born(port=port, death=death)

    def died(self, child: int) -> bool:
        """Wait for the child's end: was it killed? Raises AssertionError when it failed by itself."""
        status = self._ask({"wait": child})["status"]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or status == 0, f"a process failed: see {self._log.name}"
        return killed

    def kill(self, child: int) -> bool:
        """SIGKILL; False when it had come to its end before."""
        return bool(self._ask({"kill": child})["alive"])

    def _born(self, death: Death | None, **order: Any) -> int:
        whole = {
            "settings": self._settings,
            "clock": str(self._clock),
            "death": asdict(death) if death else None,
        }
        return int(self._ask({**whole, **order})["child"])

    def _ask(self, order: Mapping[str, Any]) -> dict[str, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class Birth:
    """The nursery's own side: forks, and waits."""

    children: set[int]

    def obey(self, order: dict[str, Any]) -> dict[str, int]:
        """One order; the answer to it."""
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            self.children.discard(order["wait"])
            return {"status": status}
        if "kill" in order:
            alive = os.waitpid(order["kill"], os.WNOHANG) == (0, 0)
            if alive:
                os.kill(order["kill"], signal.SIGKILL)
                os.waitpid(order["kill"], 0)
            self.children.discard(order["kill"])
            return {"alive": alive}
        hears, says = os.pipe()
        child = os.fork()
        if child == 0:
            _live(order, says)
        os.close(says)
        os.read(hears, 1)  # returns when it is ready, or dead
        os.close(hears)
        self.children.add(child)
        return {"child": child}


def _live(order: dict[str, Any], says: int) -> None:
    """The life of a child: never returns."""
    try:
        house = house_of(order["settings"], SharedClock(Path(order["clock"])))
        Reaper(Death(**order["death"]) if order["death"] else None).watch(house.engine)
        if "port" in order:
            serve(house, order["port"], lambda: os.close(says))
        else:
            work(house, order["passes"], lambda: os.close(says))
        house.engine.dispose()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Obey until nobody is there to give orders; then nobody of ours is left behind."""
    birth = Birth(set())
    for line in sys.stdin:
        print(json.dumps(birth.obey(json.loads(line))), flush=True)
    for child in birth.children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
