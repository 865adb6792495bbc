"""A mail server on loopback that takes everything, and shows what it got."""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


@dataclass
class Inbox:
    """What arrived, in order. `refuse` holds addresses whose letters are refused."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    log_ins: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)


@contextmanager
def mail_server() -> Iterator[Inbox]:
    """The server, for as long as the block runs."""
    inbox = Inbox()

    class Talk(StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            for line in iter(lambda: self.rfile.readline().decode().strip(), ""):
                word = line[:4].upper()
                if word == "EHLO":
                    self.say("250-here")
                    self.say("250 AUTH PLAIN")
                elif word == "AUTH":
                    inbox.log_ins.append(b64decode(line.split()[2]).decode())
                    self.say("235 come in")
                elif word == "RCPT" and any(each in line for each in inbox.refuse):
                    self.say("550 nobody of that name")
                elif word == "DATA":
                    self.say("354 go on")
                    lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                    letter = message_from_string("".join(lines), policy=default)
                    inbox.letters.append(letter)
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 fine")

    class Server(ThreadingTCPServer):
        daemon_threads = True  # a client that never says goodbye holds up nobody

    with Server(("127.0.0.1", 0), Talk) as server:
        inbox.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield inbox
        finally:
            server.shutdown()
            thread.join()
