"""What an operator can set, from the environment or a `.env` file; read once, by each entry point."""

import contextlib
import os
import re
import secrets
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from tracker.policy import checks
from tracker.policy.consent import Scope
from tracker.policy.links import Links

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """Settings that cannot be run with; the message names each and says what to do."""


def _database(url: str) -> str:
    """The URL with the driver we ship. What is wrong is not repeated: it may hold a password."""
    with contextlib.suppress(ArgumentError, ValueError):
        parsed = make_url(re.sub("^postgres:", "postgresql:", url))
        if parsed.drivername in ("postgresql", "postgresql+psycopg"):
            return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (
            None,
            "",
            ":memory:",
        ):
            return url
    raise ValueError(
        "TRACKER_DATABASE_URL must name a SQLite file, as sqlite:////path/to/tracker.sqlite3, or a PostgreSQL "
        "database, as postgresql://user:password@host/name."
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without a match, a port that is no number
        return False


def _scope(given: object) -> Scope:
    word = str(given).strip().lower()
    if word in list(Scope):
        return Scope(word)
    raise ValueError(f"TRACKER_OPT_OUT_SCOPE is {word[:40]!r}: give everywhere or sender.")


def _pace(given: object) -> int:
    text = str(given).strip()
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 6000:
        return int(text)
    raise ValueError(f"TRACKER_TEXTS_A_MINUTE is {text[:40]!r}: give a whole number from 1 to 6000.")


Pace = Annotated[int, BeforeValidator(_pace)]


DatabaseUrl = Annotated[str, AfterValidator(_database)]
Address = Annotated[str, AfterValidator(lambda url: url.rstrip("/"))]


def _mail_server(url: str) -> str:
    """Not repeated when it is wrong: it may hold a password."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0:
            return url
    except ValueError:  # brackets without a match, a port that is no number
        pass
    raise ValueError(
        "TRACKER_SMTP_URL must be like smtp://user:password@mail.example.com:587, or smtps:// for TLS from the "
        "start."
    )


def _mail_address(text: str) -> str:
    try:
        return checks.email(text)
    except checks.Refused as problem:
        raise ValueError(f"TRACKER_MAIL_FROM: {problem}") from problem


MailServer = Annotated[str, AfterValidator(_mail_server)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]


def data_folder() -> Path:
    """Where our own files go when nobody says otherwise: `var` of a clone, else the user's data folder."""
    if (ROOT / "pyproject.toml").exists():
        return ROOT / "var"
    return Path.home() / ".local" / "share" / "tracker"


class Settings(BaseSettings):
    """Frozen. Raises pydantic's ValidationError; use `read`, which raises SettingsError with sentences."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    database_url: DatabaseUrl | None = Field(None, validation_alias="TRACKER_DATABASE_URL")
    secret_key: str | None = Field(None, validation_alias="TRACKER_SECRET_KEY")
    public_url: Address = Field("http://127.0.0.1:8000", validation_alias="TRACKER_PUBLIC_URL")
    """Scheme, host and perhaps a path that people and Twilio reach us at; no slash at the end."""
    twilio_account_sid: str | None = Field(None, validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: str | None = Field(None, validation_alias="TWILIO_AUTH_TOKEN")
    twilio_auth_token_old: str | None = Field(None, validation_alias="TWILIO_AUTH_TOKEN_OLD")
    twilio_messaging_service_sid: str | None = Field(None, validation_alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_from: str | None = Field(None, validation_alias="TWILIO_FROM")
    opt_out_scope: Annotated[Scope, BeforeValidator(_scope)] = Field(
        Scope.EVERYWHERE, validation_alias="TRACKER_OPT_OUT_SCOPE"
    )
    """For which texts a STOP holds that is said from now on."""
    texts_a_minute: Pace = Field(60, validation_alias="TRACKER_TEXTS_A_MINUTE")
    """What one sender is given at most, all workers together; the default suits one long-code number."""
    twilio_url: Address = Field("https://api.twilio.com", validation_alias="TRACKER_TWILIO_URL")

    smtp_url: MailServer | None = Field(None, validation_alias="TRACKER_SMTP_URL")
    """The server that mail to colleagues leaves through."""
    mail_from: MailAddress | None = Field(None, validation_alias="TRACKER_MAIL_FROM")

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if not isinstance(value, str) or value.strip()}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, url in (("TRACKER_PUBLIC_URL", self.public_url), ("TRACKER_TWILIO_URL", self.twilio_url)):
            if not _is_address(url):
                raise ValueError(
                    f"{name} is {url!r}: give scheme and host, like https://tracker.example.com."
                )
        account = {
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM": self.twilio_messaging_service_sid
            or self.twilio_from,
        }
        missing = [name for name, value in account.items() if value is None]
        begun = len(missing) < len(account) or self.twilio_auth_token_old is not None
        if begun and missing:
            raise ValueError(
                f"The Twilio account is half configured: set {', and '.join(missing)} too, or none of it "
                "to use the simulator."
            )
        if self.twilio_messaging_service_sid and self.twilio_from:
            raise ValueError("Set TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM, not both.")
        if (self.smtp_url is None) != (self.mail_from is None):
            lacking = "TRACKER_SMTP_URL" if self.smtp_url is None else "TRACKER_MAIL_FROM"
            raise ValueError(f"Mail is half configured: set {lacking} too, or neither of the two.")
        return self

    @property
    def has_twilio(self) -> bool:
        """Is an account configured? If not, `up` brings the simulator."""
        return self.twilio_account_sid is not None

    @property
    def engine_url(self) -> str:
        """The database's URL: a SQLite file among our own when none is set."""
        return self.database_url or f"sqlite:///{data_folder() / 'tracker.sqlite3'}"

    @cached_property
    def signing_key(self) -> str:
        """What sessions and links are signed with; made once and kept beside the data if not set."""
        if self.secret_key is not None:
            return self.secret_key
        file = data_folder() / "secret-key"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=file.parent) as fresh:  # readable by its owner alone
                fresh.write(secrets.token_urlsafe(32))
                fresh.flush()
                with contextlib.suppress(FileExistsError):  # another process was first: its key is the one
                    os.link(fresh.name, file)
        return file.read_text()

    @cached_property
    def links(self) -> Links:
        """Makes and reads the addresses of customers' pages. Every process must have the same key."""
        return Links(self.public_url, self.signing_key)


def read() -> Settings:
    """The settings of this process. Raises SettingsError with one sentence for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        sentences = [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]
        raise SettingsError(" ".join(sentences)) from error
    except UnicodeDecodeError as error:
        raise SettingsError("The file .env is not UTF-8 text: save it as that.") from error
