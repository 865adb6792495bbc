"""What time is it, for several processes at once? What stands in a file that one of them moves."""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

FORM = struct.Struct("<q")
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SharedClock:
    """A clock that stands still for every process that has it, until one moves it."""

    def __init__(self, file: Path, now: datetime | None = None) -> None:
        """With `now` the file is made, and the clock set."""
        if now is not None:
            file.write_bytes(FORM.pack((now - EPOCH) // MICROSECOND))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), FORM.size)

    def __call__(self) -> datetime:
        microseconds: int = FORM.unpack_from(self._shared)[0]
        return EPOCH + microseconds * MICROSECOND

    def forward(self, **by: float) -> datetime:
        """Move on; the new time."""
        FORM.pack_into(self._shared, 0, (self() + timedelta(**by) - EPOCH) // MICROSECOND)
        return self()
