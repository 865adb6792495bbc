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
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn, Self

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


def work(house: House, passes: int = 1) -> None:
    """Every job of a worker in turn, so many times."""
    for _ in range(passes):
        for job in jobs.SECONDS:
            job(house)


class Nursery:
    """The line to a nursery; leaving the `with` ends it and all its children."""

    def __init__(self, settings: Mapping[str, str], clock: Path, log: Path) -> None:
        self._log = log.open("w")
        self._process = subprocess.Popen(  # noqa: S603 our own module
            [sys.executable, "-m", "tests.chaos.nursery", json.dumps(settings), str(clock)],
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

    def practise(self) -> None:
        """Let the nursery itself run a pass: what it has learned by it, every child knows from birth."""
        self._ask({"practise": True})

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
        return int(self._ask({"death": asdict(death) if death else None, **order})["child"])

    def _ask(self, order: Mapping[str, Any]) -> dict[str, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer


class Mother:
    """The nursery's own side: forks, waits and kills."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._app = create_app(house)
        self.children: set[int] = set()

    def obey(self, order: Mapping[str, Any]) -> dict[str, int]:
        """One order; the answer to it."""
        if "practise" in order:
            work(self._house)
            self._house.engine.dispose()
            return {}
        if "wait" in order:
            return {"status": self._gone(order["wait"])}
        if "kill" in order:
            alive = os.waitid(os.P_PID, order["kill"], os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
            os.kill(order["kill"], signal.SIGKILL)
            self._gone(order["kill"])
            return {"alive": alive}
        return {"child": self._bear(order)}

    def _gone(self, child: int) -> int:
        _, status = os.waitpid(child, 0)
        self.children.discard(child)
        return status

    def _bear(self, order: Mapping[str, Any]) -> int:
        hears, says = os.pipe()
        child = os.fork()
        if child == 0:
            self._live(order, says)
        os.close(says)
        os.read(hears, 1)  # returns when it is ready, or dead
        os.close(hears)
        self.children.add(child)
        return child

    def _live(self, order: Mapping[str, Any], says: int) -> NoReturn:
        try:
            Reaper(Death(**order["death"]) if order["death"] else None).watch(self._house.engine)
            if "port" in order:
                line = socket.create_server(("127.0.0.1", order["port"]), reuse_port=True)
                server = create_server(self._app, sockets=[line], threads=THREADS)
                os.close(says)
                server.run()
            os.close(says)
            work(self._house, order["passes"])
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)


def main() -> None:
    """Obey until nobody is there to give orders; then nobody of ours is left behind."""
    settings, clock = sys.argv[1:]
    mother = Mother(house_of(json.loads(settings), SharedClock(Path(clock))))
    for line in sys.stdin:
        print(json.dumps(mother.obey(json.loads(line))), flush=True)
    for child in list(mother.children):
        mother.obey({"kill": child})


if __name__ == "__main__":
    main()
