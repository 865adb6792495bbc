"""A log of cases, as people hand it in: read with care, or refused with one sentence that says what to mend."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tracker.caselog import COLUMNS, Case, LogError, check_ids, read_log

HEADER = ",".join(COLUMNS)
UTC_ZONE = ZoneInfo("UTC")


def written(folder: Path, *lines: str) -> Path:
    path = folder / "log.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return path


def at(hour: int) -> datetime:
    """That hour of the day of which these logs tell."""
    return datetime(2026, 1, 5, hour, tzinfo=UTC)


def test_a_log_is_read_plain_or_gzipped_and_sorted_by_opening(tmp_path: Path) -> None:
    lines = (
        "2,2026-01-05T11:00:00,,unknown,refund,1",
        "1,2026-01-05T10:00,2026-01-05T12:00:00Z,Ann,callback,2",
    )
    plain = written(tmp_path, *lines)
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    expected = [
        Case(at(10), at(12), "Ann", "callback", "2", case_id="1"),
        Case(at(11), None, "unknown", "refund", "1", case_id="2"),
    ]
    assert read_log(plain, zone=UTC_ZONE) == expected
    assert read_log(packed, zone=UTC_ZONE) == expected


def test_times_without_an_offset_are_local_to_the_zone_and_others_are_not(tmp_path: Path) -> None:
    path = written(tmp_path, "1,2026-01-05T10:00,2026-01-05T10:00:00+00:00,Ann,callback,1")
    (read,) = read_log(path, zone=ZoneInfo("Europe/Amsterdam"))
    assert read.opened_at == at(9)
    assert read.done_at == at(10)


@pytest.mark.parametrize(
    ("opened", "done"),
    [
        ("2026-10-25T02:45", "2026-10-25T02:15"),  # the hour comes twice
        ("2026-10-25T02:15", "2026-10-25T02:45"),
        (
            "2026-03-29T02:30",
            "2026-03-29T03:15",
        ),  # it is skipped: somebody's clock was wrong, not the whole log
        ("2026-03-29T01:45", "2026-03-29T02:15"),
    ],
)
def test_local_times_of_a_night_when_the_clocks_change_are_in_order(
    tmp_path: Path, opened: str, done: str
) -> None:
    (read,) = read_log(
        written(tmp_path, f"1,{opened},{done},Ann,callback,1"), zone=ZoneInfo("Europe/Amsterdam")
    )
    assert read.done_at is not None
    assert timedelta(minutes=0) <= read.done_at - read.opened_at <= timedelta(minutes=90)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1,yesterday,,Ann,callback,1", "Line 3: opened_at 'yesterday' is no time"),
        ("1,,2026-01-05,Ann,callback,1", "Line 3: opened_at '' is no time"),
        ("1,2026-01-05,2026-02-30,Ann,callback,1", "Line 3: done_at '2026-02-30' is no time"),
        ("1,2026-01-05T10:00,2026-01-05T09:59,Ann,callback,1", "Line 3: done at 2026-01-05T09:59, before"),
        ("1,2026-01-05,Ann,callback,1", "Line 3: this line has more or fewer fields"),
        ("1,2026-01-05,,Ann,callback,1,high", "Line 3: this line has more or fewer fields"),
        ('1,2026-01-05,,"Ann"x,callback,1', "Line 3: "),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    path = written(tmp_path, "0,2026-01-05,,Ann,callback,1", line)
    with pytest.raises(LogError) as caught:
        read_log(path, zone=UTC_ZONE)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("sign", [";", "\t"])
def test_a_spreadsheets_own_separator_and_capitals_are_understood(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "log.csv"
    header, line = (
        HEADER.title().replace(",", f" {sign}"),
        "1,2026-01-05T10:00,2026-01-05T12:00,Ann,callback,2",
    )
    path.write_text(f"{header}\r\n{line.replace(',', sign)}\r\n", encoding="utf-8-sig", newline="")
    assert read_log(path, zone=UTC_ZONE) == [Case(at(10), at(12), "Ann", "callback", "2", case_id="1")]


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for content, sentence in (
        (b"", "log.csv is empty"),
        (b"case_id,opened_at,agent\n", "Line 1: no column done_at, kind, priority"),
        (f"{HEADER},agent\n".encode(), "Line 1: no column agent, or two"),
        (HEADER.encode(), "log.csv names its columns but holds no case"),
        (b"\xff\xfe\x00", "log.csv is not UTF-8 text"),
        (b"\x1f\x8bnonsense", "log.csv is no whole gzip file"),
        (b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 30, "log.csv is no whole gzip file"),
        (gzip.compress(HEADER.encode())[:-9], "log.csv is no whole gzip file"),
    ):
        path.write_bytes(content)
        with pytest.raises(LogError) as caught:
            read_log(path, zone=UTC_ZONE)
        assert str(caught.value).startswith(sentence)


def test_a_line_that_stands_there_twice_counts_once(tmp_path: Path) -> None:
    line = "1,2026-01-05T10:00,2026-01-05T12:00,Ann,callback,2"
    read = read_log(written(tmp_path, line, "2,2026-01-05T11:00,,Ann,callback,1", line), zone=UTC_ZONE)
    assert [each.case_id for each in read] == ["1", "2"]
    check_ids(read)


def test_a_case_that_was_opened_again_is_another_and_so_is_one_without_a_name(tmp_path: Path) -> None:
    nameless = ",2026-01-05T10:00,,Ann,callback,1"
    again = "1,2026-01-06T10:00,,Ann,callback,1"
    path = written(tmp_path, "1,2026-01-05T10:00,,Ann,callback,1", nameless, nameless, again)
    assert len(read_log(path, zone=UTC_ZONE)) == 4


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (" ,2026-01-05,,Ann,callback,1", "Line 3: the case has no case_id."),
        (
            "0,2026-01-04,,Ann,callback,1",
            "Line 3: case '0' says something else in line 2: keep one of the two.",
        ),
    ],
)
def test_where_cases_are_told_apart_by_their_ids_each_needs_its_own(
    tmp_path: Path, line: str, sentence: str
) -> None:
    read = read_log(written(tmp_path, "0,2026-01-05,,Ann,callback,1", line), zone=UTC_ZONE)
    with pytest.raises(LogError) as caught:
        check_ids(read)
    assert str(caught.value) == sentence
