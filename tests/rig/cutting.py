"""How is a connection to PostgreSQL lost at the worst moment: when the server has committed and we have not heard it?

A stand-in for the server's socket passes everything on. Told to, it lets one more COMMIT reach the server, waits for
the answer, keeps it, and cuts the line.
"""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""As libpq sends it: a simple query of eleven bytes."""
SOCKET = ".s.PGSQL.5432"


class Cutter:
    """The stand-in. `folder` is what a client takes for the server's."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self._server = server
        self._to_cut = 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / SOCKET))
        self._listening.listen()
        threading.Thread(target=self._listen, daemon=True).start()

    def cut_at_commit(self, nth: int) -> None:
        """From now on the nth COMMIT (from 1) is the last that goes through on its line, and is not answered."""
        self._to_cut = nth

    def close(self) -> None:
        """No more lines."""
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server / SOCKET))
                threading.Thread(target=self._ask, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        """Question by question: a client waits for the answer to each before it asks again."""
        answering = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
        answering.start()
        with suppress(OSError):
            while said := client.recv(65536):
                if said == COMMIT and self._is_the_one():
                    client.shutdown(socket.SHUT_RDWR)  # whatever is answered comes too late
                    server.sendall(said)
                    break
                server.sendall(said)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)  # the server ends the line when it has done what it was asked
        answering.join()
        client.close()
        server.close()

    def _is_the_one(self) -> bool:
        self._to_cut -= 1
        return self._to_cut == 0


def _pass_on(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while said := server.recv(65536):
            with suppress(OSError):  # a client that has gone hears nothing, the server is heard out
                client.sendall(said)


@contextmanager
def cutting(server: Path) -> Iterator[Cutter]:
    """A stand-in for the server whose socket is in that folder."""
    with tempfile.TemporaryDirectory(prefix="cut-") as folder:  # short: a socket's path has little room
        cutter = Cutter(Path(folder), server)
        yield cutter
        cutter.close()
