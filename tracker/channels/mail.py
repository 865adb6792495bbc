"""Mail to colleagues, through a server of the operator's."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

TIMEOUT = 20.0
"""Seconds for each answer of the server."""
PORTS = {"smtp": 587, "smtps": 465}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailError(Exception):
    """The server cannot be used; the message says why, and holds no password."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: the same in plain words and in HTML."""

    to: str
    subject: str
    text: str
    html: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server: `smtp://user:password@host:port` (STARTTLS where it is offered) or `smtps://` (TLS from the
    start), and the address that mail comes from."""

    url: str
    sender: str

    @contextmanager
    def opened(self) -> Iterator["Line"]:
        """A connection, logged in where the URL names a user. Raises MailError."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        try:
            with self._connected(parts.scheme, host, port) as server:
                if parts.scheme == "smtp":
                    _secure(server, must=parts.username is not None and host not in LOOPBACK)
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                yield Line(server, self.sender)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"The mail server {host}:{port} cannot be used: {_told(error)}.") from error

    def _connected(self, scheme: str, host: str, port: int) -> smtplib.SMTP:
        ours = self.sender.rpartition("@")[2]  # else the machine's own name is looked up, which may take long
        if scheme == "smtps":
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, local_hostname=ours, timeout=TIMEOUT, context=secure)
        return smtplib.SMTP(host, port, local_hostname=ours, timeout=TIMEOUT)


def _secure(server: smtplib.SMTP, *, must: bool) -> None:
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif must:
        raise MailError("The mail server offers no encryption: no password is sent to it.")


def _told(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException():
            return f"it answered {error.smtp_code}"
        case _:
            return type(error).__name__


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection."""

    server: smtplib.SMTP
    sender: str

    def send(self, letter: Letter) -> None:
        """Hand one letter over. Raises MailError when the server refuses it."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, letter.to, letter.subject
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        try:
            self.server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise MailError(f"The mail server refused a letter: {_told(error)}.") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise MailError("The mail server refused the address of a letter.") from error
