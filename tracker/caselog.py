"""What happened to each case, and when? A log of cases, read from the CSV file in which another system keeps it."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tracker.policy.checks import Refused

COLUMNS = ("case_id", "opened_at", "done_at", "agent", "kind", "priority")
SEPARATORS = ",;\t"  # spreadsheets write what their country is used to
GZIPPED = b"\x1f\x8b"


class LogError(Refused):
    """The file is no log of cases; the sentence names the line and says what to mend."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a log; `done_at` is None while it is open at the end of the log, and where it was withdrawn."""

    opened_at: datetime
    done_at: datetime | None
    agent: str
    kind: str
    priority: str
    case_id: str = field(default="", kw_only=True)
    withdrawn_at: datetime | None = field(default=None, kw_only=True)
    """When it ended without being done, of which a file says nothing."""
    line: int = field(default=0, kw_only=True, compare=False)
    """Where it stands in its file."""


def read_log(path: Path, *, zone: ZoneInfo) -> list[Case]:
    """The cases of a CSV file, gzipped or not, by opening time. Times without an offset are local to `zone`. A line
    that stands there twice counts once; a case with another line is one that was opened again.

    Raises LogError, and OSError if the file cannot be read.
    """
    text = _text(path)
    if not text.strip():
        raise LogError(f"{path.name} is empty.")
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        wrong = [column for column in COLUMNS if reader.fieldnames.count(column) != 1]
        if wrong:
            wanted = ", ".join(COLUMNS)
            raise LogError(
                f"Line 1: no column {', '.join(wrong)}, or two; the first line must name {wanted}."
            )
        cases = [_case(row, zone, reader.line_num) for row in reader]
    except csv.Error as error:
        raise LogError(f"Line {reader.reader.line_num}: {error}; mend the quoting there.") from None
    if not cases:
        raise LogError(f"{path.name} names its columns but holds no case.")
    once = {case if case.case_id else case.line: case for case in cases}
    return sorted(once.values(), key=lambda case: case.opened_at)


def check_ids(cases: Iterable[Case]) -> None:
    """Raises LogError unless each of these cases has a case_id of its own."""
    seen: dict[str, int] = {}
    for case in sorted(cases, key=lambda case: case.line):
        if not case.case_id:
            raise LogError(f"Line {case.line}: the case has no case_id.")
        first = seen.setdefault(case.case_id, case.line)
        if first != case.line:
            raise LogError(
                f"Line {case.line}: case '{case.case_id}' says something else in line {first}: keep one of the two."
            )


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        plain = gzip.decompress(content) if content.startswith(GZIPPED) else content
        return plain.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LogError(f"{path.name} is not UTF-8 text: save it as CSV in UTF-8.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise LogError(f"{path.name} is no whole gzip file: pack it again, or give the .csv.") from None


def _case(row: dict[str, str | None], zone: ZoneInfo, line: int) -> Case:
    values = [row[column] for column in COLUMNS]
    if None in values or None in row:
        raise LogError(f"Line {line}: this line has more or fewer fields than the first one.")
    case_id, opened, done, agent, kind, priority = ((value or "").strip() for value in values)
    opened_at = min(_times(opened, zone, f"Line {line}: opened_at"))
    done_at = None
    if done:
        done_at = min(
            (at for at in _times(done, zone, f"Line {line}: done_at") if at >= opened_at), default=None
        )
        if done_at is None:
            raise LogError(f"Line {line}: done at {done}, before it was opened at {opened}.")
    return Case(opened_at, done_at, agent, kind, priority, case_id=case_id, line=line)


def _times(text: str, zone: ZoneInfo, where: str) -> set[datetime]:
    """The moment; two of them for a time without an offset that the clocks show twice, or skip, on the night of their
    change."""
    try:
        at = datetime.fromisoformat(text)
        both = [at] if at.tzinfo else [at.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        return {each.astimezone(UTC) for each in both}
    except (ValueError, OverflowError):
        raise LogError(f"{where} '{text}' is no time: write it as 2026-11-19T15:00:00.") from None
