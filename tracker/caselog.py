"""What happened to each case, and when? A log of cases, read from the CSV file in which another system keeps it."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
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
    """One case of a log; `done_at` is None while it is open at the end of the log."""

    opened_at: datetime
    done_at: datetime | None
    agent: str
    kind: str
    priority: str
    case_id: str = field(default="", kw_only=True)
    """No two cases of a file have the same; empty for one that comes from no file."""


def read_log(path: Path, *, zone: ZoneInfo) -> list[Case]:
    """The cases of a CSV file, gzipped or not, by opening time. Times without an offset are local to `zone`. A case
    that stands there twice, the same in everything, counts once.

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
        cases = list(_cases(reader, zone))
    except csv.Error as error:
        raise LogError(f"Line {reader.reader.line_num}: {error}; mend the quoting there.") from None
    if not cases:
        raise LogError(f"{path.name} names its columns but holds no case.")
    return sorted(cases, key=lambda case: case.opened_at)


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        plain = gzip.decompress(content) if content.startswith(GZIPPED) else content
        return plain.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LogError(f"{path.name} is not UTF-8 text: save it as CSV in UTF-8.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise LogError(f"{path.name} is no whole gzip file: pack it again, or give the .csv.") from None


def _cases(reader: "csv.DictReader[str]", zone: ZoneInfo) -> Iterator[Case]:
    """Each once."""
    seen: dict[str, tuple[Case, int]] = {}
    for row in reader:
        line = reader.line_num
        case = _case(row, zone, line)
        if case.case_id not in seen:
            seen[case.case_id] = case, line
            yield case
            continue
        known, first = seen[case.case_id]
        if case != known:
            raise LogError(
                f"Line {line}: case '{case.case_id}' says something else in line {first}: keep one of the two."
            )


def _case(row: dict[str, str | None], zone: ZoneInfo, line: int) -> Case:
    values = [row[column] for column in COLUMNS]
    if None in values or None in row:
        raise LogError(f"Line {line}: this line has more or fewer fields than the first one.")
    case_id, opened, done, agent, kind, priority = ((value or "").strip() for value in values)
    if not case_id:
        raise LogError(f"Line {line}: the case has no case_id.")
    opened_at = min(_times(opened, zone, f"Line {line}: opened_at"))
    done_at = None
    if done:
        done_at = min(
            (at for at in _times(done, zone, f"Line {line}: done_at") if at >= opened_at), default=None
        )
        if done_at is None:
            raise LogError(f"Line {line}: done at {done}, before it was opened at {opened}.")
    return Case(opened_at, done_at, agent, kind, priority, case_id=case_id)


def _times(text: str, zone: ZoneInfo, where: str) -> set[datetime]:
    """The moment; two of them for a time without an offset that the clocks show twice, or skip, on the night of their
    change."""
    try:
        at = datetime.fromisoformat(text)
        both = [at] if at.tzinfo else [at.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        return {each.astimezone(UTC) for each in both}
    except (ValueError, OverflowError):
        raise LogError(f"{where} '{text}' is no time: write it as 2026-11-19T15:00:00.") from None
