"""What did the simulator see and do, in order?

Append-only, so that a test can count doubles after the fact; with a path, every line is also in a file the
moment it is written, and outlives a simulator that is killed.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Entry(StrEnum):
    """request: one came in. created: a message exists, in either direction. answered: what left as the
    answer.
    webhook: one of ours was called, with what came back."""

    REQUEST = "request"
    CREATED = "created"
    ANSWERED = "answered"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Line:
    """number counts from 1 without gaps."""

    number: int
    at: datetime
    entry: Entry
    facts: dict[str, object]

    def as_json(self) -> dict[str, object]:
        """The line as it stands in the file."""
        return {"number": self.number, "at": self.at.isoformat(), "entry": self.entry.value, **self.facts}


class Journal:
    """Safe to use from several threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._lines: list[Line] = []
        self._file = path.open("a", encoding="utf-8") if path else None

    def write(self, entry: Entry, at: datetime, **facts: object) -> None:
        """Add a line. The facts must be fit for JSON."""
        with self._lock:
            line = Line(len(self._lines) + 1, at, entry, facts)
            self._lines.append(line)
            if self._file:
                self._file.write(json.dumps(line.as_json()) + "\n")
                self._file.flush()

    def of(self, entry: Entry) -> list[Line]:
        """The lines of one kind."""
        return [line for line in self if line.entry is entry]

    def since(self, number: int) -> list[Line]:
        """The lines after the one with this number."""
        with self._lock:
            return self._lines[number:]

    def close(self) -> None:
        """Close the file. A request still under way may write on; its lines stay in memory."""
        with self._lock:
            if self._file:
                self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[Line]:
        return iter(self.since(0))

    def __len__(self) -> int:
        return len(self._lines)
