"""stub"""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class QuietHours:
    start: time
    end: time


DEFAULT_QUIET = QuietHours(time(21), time(8))


def quiet_until(at: datetime, zone: str, hours: QuietHours) -> datetime | None:
    return None


from enum import StrEnum


class Word(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"


def keyword(body: str) -> Word | None:
    return {"stop": Word.STOP, "start": Word.START, "help": Word.HELP}.get(body.strip().lower())


def sounds_like_stop(body: str) -> bool:
    return False
