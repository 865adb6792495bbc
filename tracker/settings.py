"""What an operator can set, from the environment or a `.env` file; read once, by each entry point."""

import contextlib
import os
import secrets
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """Settings that cannot be run with; the message names each and says what to do."""


def _blank_is_unset(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _no_slash(value: object) -> object:
    return value.rstrip("/") if isinstance(value, str) else value


Url = Annotated[str, BeforeValidator(_no_slash)]
Optional = Annotated[str | None, BeforeValidator(_blank_is_unset)]


def data_folder() -> Path:
    """Where our own files go when nobody says otherwise: `var` of a clone, else the user's data folder."""
    if (ROOT / "pyproject.toml").exists():
        return ROOT / "var"
    return Path.home() / ".local" / "share" / "tracker"


class Settings(BaseSettings):
    """Frozen. Raises pydantic's ValidationError; use `read`, which raises SettingsError with sentences."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    database_url: Optional = Field(None, validation_alias="TRACKER_DATABASE_URL")
    secret_key: Optional = Field(None, validation_alias="TRACKER_SECRET_KEY")
    public_url: Url = Field("http://127.0.0.1:8000", validation_alias="TRACKER_PUBLIC_URL")
    """Scheme, host and perhaps a path that people and Twilio reach us at; no slash at the end."""
    twilio_account_sid: Optional = Field(None, validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: Optional = Field(None, validation_alias="TWILIO_AUTH_TOKEN")
    twilio_auth_token_old: Optional = Field(None, validation_alias="TWILIO_AUTH_TOKEN_OLD")
    twilio_messaging_service_sid: Optional = Field(None, validation_alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_from: Optional = Field(None, validation_alias="TWILIO_FROM")
    twilio_url: Url = Field("https://api.twilio.com", validation_alias="TRACKER_TWILIO_URL")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, url in (("TRACKER_PUBLIC_URL", self.public_url), ("TRACKER_TWILIO_URL", self.twilio_url)):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
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
        if 0 < len(missing) < len(account):
            raise ValueError(
                f"The Twilio account is half configured: {' and '.join(missing)} missing. "
                "Set them all to send texts, or none to use the simulator."
            )
        if self.twilio_messaging_service_sid and self.twilio_from:
            raise ValueError("Set TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM, not both.")
        return self

    @property
    def has_twilio(self) -> bool:
        """Is an account configured? If not, `up` brings the simulator."""
        return self.twilio_account_sid is not None

    @property
    def engine_url(self) -> str:
        """The database's URL, with the driver we ship for `postgres://` and `postgresql://`."""
        if self.database_url is None:
            return f"sqlite:///{data_folder() / 'tracker.sqlite3'}"
        for prefix in ("postgres://", "postgresql://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url

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


def read() -> Settings:
    """The settings of this process. Raises SettingsError with one sentence for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        sentences = [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]
        raise SettingsError(" ".join(sentences)) from error
