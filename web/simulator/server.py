"""How does the simulator come to listen, and stop listening?

Werkzeug's threaded server rather than waitress: it hands the raw socket down to the application, so that
resets and cut answers really happen on the wire, and it closes every connection after one request, so that
a refused line refuses the very next one. It is not made for the public; neither is the simulator, which
binds 127.0.0.1 only.
"""

import contextlib
import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from web.simulator.app import create_app
from web.simulator.core import Simulator
from web.simulator.faults import Fault, On
from web.simulator.settings import SimulatorSettings
from web.simulator.webhooks import Post, post_over_http

_HOST = "127.0.0.1"
_POLL_SECONDS = 0.05
_REOPEN_TRIES = 100

_log = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The journal has it already."""

    def connection_dropped(self, *_: object, **__: object) -> None:
        """Do not wait for another request on a line that a fault has cut."""
        self.close_connection = True


class SimulatorServer(Simulator):
    """A simulator that listens on 127.0.0.1. Use it in a with statement, or call start() and stop().

    port: 0 takes a free one. live: things happen by themselves as the clock goes, in a thread; otherwise only
    advance() and drain() let anything happen. The rest is as for Simulator.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        *,
        clock: Callable[[], datetime],
        port: int = 0,
        live: bool = False,
        post: Post = post_over_http,
        journal_path: Path | None = None,
    ) -> None:
        super().__init__(settings, clock=clock, live=live, post=post, journal_path=journal_path)
        self._app = create_app(self)
        self._port = port
        self._line = threading.RLock()
        self._wsgi: BaseWSGIServer | None = None
        self._listener: threading.Thread | None = None
        self._reopening: threading.Timer | None = None
        self._stopping = threading.Event()
        self._worker = threading.Thread(target=self._work, name="simulator-agenda", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end. Only after start()."""
        return f"http://{_HOST}:{self._port}"

    def start(self) -> Self:
        """Begin to listen. Raises OSError if the port is taken."""
        self._listen()
        if self._is_live:
            self._worker.start()
        return self

    def stop(self) -> None:
        """Stop listening; what has not happened yet never will. A second call does nothing."""
        self._stopping.set()
        if self._reopening:
            self._reopening.cancel()
        self._hang_up()
        self.forget()
        if self._worker.is_alive():
            self._worker.join()
        self.journal.close()

    def order(self, fault: Fault) -> None:
        """From now on the fault strikes where it applies. A refused line is refused for a time, not a
        number of
        times: a connection that is refused never reaches us to be counted."""
        if fault.place is not On.LINE:
            super().order(fault)
            return
        self._hang_up()
        self._reopening = threading.Timer(2 if fault.seconds is None else fault.seconds, self._listen)
        self._reopening.daemon = True
        self._reopening.start()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Within the with statement every connection is refused."""
        self._hang_up()
        try:
            yield
        finally:
            self._listen()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        with self._line:
            if self._stopping.is_set() or self._wsgi:
                return
            with self._bind() as listening:
                self._wsgi = make_server(
                    _HOST, 0, self._app, threaded=True, request_handler=_Handler, fd=listening.fileno()
                )
            self._port = self._wsgi.port
            self._listener = threading.Thread(
                target=self._wsgi.serve_forever, args=(_POLL_SECONDS,), name="simulator-line", daemon=True
            )
            self._listener.start()

    def _bind(self) -> socket.socket:
        reopening = self._listener is not None
        for _ in range(_REOPEN_TRIES if reopening else 1):
            try:
                return socket.create_server((_HOST, self._port), backlog=128)
            except OSError as error:
                if not reopening or error.errno != errno.EADDRINUSE:
                    raise
            time.sleep(_POLL_SECONDS)  # an outgoing connection may have borrowed the port for a moment
        raise OSError(errno.EADDRINUSE, f"Port {self._port} was taken while the line was refused")

    def _hang_up(self) -> None:
        with self._line:
            if self._wsgi and self._listener:
                self._wsgi.shutdown()
                self._listener.join()
            self._wsgi = None

    def _work(self) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            try:
                self.advance()
            except Exception:  # one text that goes wrong must not stop all the others
                _log.exception("Something that was to happen in the simulator failed")
