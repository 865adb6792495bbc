"""Commitments come in as CSV and go out again: nothing is guessed, doubled, lost or brought back to life."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload, sessionmaker

from tests.cast import TWO, Cast
from tests.commands.sheet import HEADER, MARIA, commitments, written
from tracker import commitments as operations
from tracker import migrating
from tracker.audit import audit
from tracker.exchange import COLUMNS, EXPORTED, Imported, Problem, give_out, harmless, plain, take_in
from tracker.model import Commitment, Customer, Event, Message, Person, Team
from tracker.policy.checks import Refused
from tracker.policy.outcomes import Disposition, Outcome
from tracker.wiring import make_engine, make_sessions


def imported(cast: Cast, file: str, *, now: datetime = TWO) -> Imported:
    with cast.sessions.begin() as session:
        return take_in(session, io.StringIO(file, newline=""), now=now)


def one(cast: Cast) -> Commitment:
    whole = joinedload(Commitment.customer), joinedload(Commitment.owner), joinedload(Commitment.team)
    with cast.sessions() as session:
        return session.scalars(select(Commitment).options(*whole)).one()


def number(cast: Cast, of: type[Commitment] | type[Customer] | type[Message] | type[Event]) -> int:
    with cast.sessions() as session:
        return session.scalar(select(func.count()).select_from(of)) or 0


def exported(sessions: sessionmaker[Session], **span: datetime) -> list[dict[str, str]]:
    with sessions() as session:
        return list(give_out(session, since=span.get("since"), until=span.get("until")))


def refused(cast: Cast, **changes: str) -> str:
    """Why the one row with these changes was not taken."""
    answer = imported(cast, commitments(changes))
    assert (answer.made, answer.skipped, number(cast, Commitment)) == (0, 0, 0)
    (problem,) = answer.errors
    assert problem.line == 2
    assert number(cast, Customer) == 1, "nor is anything else of that row"
    return problem.sentence


def test_a_row_becomes_a_commitment_that_was_made_when_it_says(cast: Cast) -> None:
    assert imported(cast, commitments({})) == Imported(1, 0, ())
    made = one(cast)
    assert made.customer.id == cast.maria.id, "the number is known, however it is written"
    assert (made.owner.name, made.team.name, made.kind) == ("Ana Ruiz", "Care", "callback")
    assert made.topic == "the refund for order 1042"
    assert made.made_at == datetime(2026, 11, 19, 13, 30, tzinfo=UTC)
    assert made.due_at == made.first_due_at == datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    assert made.external_ref == "A-1"


def test_nobody_is_texted_of_it_but_from_here_on_its_ladder_climbs(cast: Cast) -> None:
    imported(cast, commitments({}))
    assert (number(cast, Message), number(cast, Event)) == (0, 1)
    cast.tick(minutes=105)
    assert cast.texts() == ["reminder to Ana"]
    with cast.sessions() as session:
        assert audit(session, now=cast.clock.now).findings == ()


def test_a_new_customer_is_added_with_the_name_given(cast: Cast) -> None:
    imported(cast, commitments({"customer_name": " José  Núñez ", "customer_phone": "+34612345678"}))
    customer = one(cast).customer
    assert (customer.name, customer.given_name, customer.phone) == ("José Núñez", "José", "+34612345678")
    assert customer.made_at == datetime(2026, 11, 19, 13, 30, tzinfo=UTC)


def test_without_a_kind_it_is_a_callback_and_without_made_at_it_was_made_now(cast: Cast) -> None:
    assert imported(cast, commitments({"kind": "", "made_at": " "})).made == 1
    assert (one(cast).kind, one(cast).made_at) == ("callback", TWO)


@pytest.mark.parametrize(
    "due_at",
    [
        "2026-11-19T16:00:00Z",
        "2026-11-19t16:00:00z",
        "2026-11-19T11:00:00-05:00",
        "2026-11-19 16:00:00+00:00",
        "2026-11-19T16:00:00.000+00:00",
        " 2026-11-19T16:00 ",
        "2026-11-19 16:00",
    ],
)
def test_a_time_has_an_offset_or_is_the_teams_own(cast: Cast, due_at: str) -> None:
    imported(cast, commitments({"due_at": due_at}))
    assert one(cast).due_at == datetime(2026, 11, 19, 16, 0, tzinfo=UTC)


def test_the_teams_own_time_follows_its_clocks_through_the_year(cast: Cast) -> None:
    summer = commitments({"due_at": "2027-06-01T12:00", "made_at": ""})
    assert imported(cast, summer).made == 1
    assert one(cast).due_at == datetime(2027, 6, 1, 11, 0, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused(cast: Cast) -> None:
    sentence = refused(cast, due_at="2027-03-28T01:30", made_at="")
    assert sentence == (
        "due_at is 2027-03-28T01:30, which does not exist in Europe/London: the clocks go forward over it."
    )
    assert imported(cast, commitments({"due_at": "2027-03-28T01:30Z", "made_at": ""})).made == 1


def test_of_a_time_that_exists_twice_the_first_is_promised(cast: Cast) -> None:
    imported(cast, commitments({"due_at": "2027-10-31T01:30", "made_at": ""}))
    assert one(cast).due_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


NO_TIMES = (
    "soon",
    "2026-11-20",
    "20261120",
    "19/11/2026 16:00",
    "16:00",
    "2026-11-31T16:00",
    "2026-11-19T25:00",
)
BEYOND = ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00", "9999-12-31T23:59:59-14:00")


def test_what_is_no_time_is_refused(cast: Cast) -> None:
    for time in NO_TIMES:
        assert refused(cast, due_at=time).startswith(f"due_at is {time!r}: write 2026-11-19T15:00:00-05:00")
        assert refused(cast, made_at=time).startswith(f"made_at is {time!r}: write 2026-11-19T15:00:00-05:00")
    assert refused(cast, due_at="").startswith("due_at is '': write")
    for time in BEYOND:
        assert refused(cast, made_at=time)
        assert refused(cast, due_at=time)


REFUSED: tuple[tuple[dict[str, str], str], ...] = (
    ({"team": "Circus"}, "There is no team called 'Circus'."),
    ({"team": ""}, "There is no team called ''."),
    ({"owner_email": "ghost@example.org"}, "Nobody here has the address 'ghost@example.org'."),
    ({"owner_email": "zoe@example.org"}, "Zoe Fox is not in Care: choose an owner of that team."),
    ({"owner_email": "ada@example.org"}, "Ada Lund is not in Care: choose an owner of that team."),
    ({"customer_phone": "12"}, "'12' is not a phone number: give it with area code, or as +14155550123."),
    ({"customer_phone": ""}, "The phone number is missing: give it with area code, or as +14155550123."),
    ({"customer_phone": "+447700900199", "customer_name": ""}, "The customer's name is missing: write at least "
     "a word."),
    ({"topic": " "}, "The topic is missing: write at least a word."),
    ({"topic": "x" * 201}, "The topic has 201 characters; 200 is the most."),
    ({"kind": "sonnet"}, "There is no kind 'sonnet': choose one of callback, answer, refund, "
     "replacement, visit, other."),
    ({"external_ref": "x" * 121}, "external_ref has 121 characters; 120 is the most."),
    ({"due_at": "2026-11-19T14:00:00Z"}, "due_at has passed: agree on a new time with the customer first."),
    ({"due_at": "2026-11-19T13:00:00Z"}, "due_at has passed: agree on a new time with the customer first."),
    ({"due_at": "2027-12-19T14:00:00Z"}, "The due time is more than a year away: promise something nearer."),
    ({"made_at": "2026-11-19T14:00:01Z"}, "made_at lies ahead: a promise cannot have been made in the future."),
    ({"made_at": "2026-11-19T17:00:00Z"}, "made_at lies ahead: a promise cannot have been made in the future."),
)  # fmt: skip


def test_a_row_that_cannot_be_is_left_out_whole_and_says_why(cast: Cast) -> None:
    for changes, sentence in REFUSED:
        assert refused(cast, **changes) == sentence


def test_an_owner_who_has_left_is_refused(cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).active = False
    assert refused(cast) == "Nobody here has the address 'ana@example.org'."


def test_the_rows_beside_a_bad_one_stand_and_it_is_named_by_the_line_it_begins_on(cast: Cast) -> None:
    long_topic = 'the "blue" one,\nand\r\nthe green one'
    file = commitments(
        {"external_ref": "1", "topic": long_topic},
        {"external_ref": "2", "topic": long_topic, "team": "Circus"},
        {"external_ref": "3"},
        {"external_ref": "4", "customer_phone": "12"},
    ).replace("\n07700", "\n\n\n07700")
    answer = imported(cast, file + "\n\nonly,three,fields\n")
    assert (answer.made, answer.skipped) == (2, 0)
    assert [problem.line for problem in answer.errors] == [5, 9, 12]
    assert answer.errors[2].sentence.startswith("The row has 3 fields and the header 9")
    with cast.sessions() as session:
        topics = session.scalars(select(Commitment.topic).order_by(Commitment.id)).all()
    assert topics == ['the "blue" one, and the green one', MARIA["topic"]]


@pytest.mark.parametrize("ref", ["A-1", ""])
def test_taken_in_twice_it_is_made_once(cast: Cast, ref: str) -> None:
    file = commitments({"external_ref": ref}, {"external_ref": ref and "A-2", "topic": "another"})
    assert imported(cast, file) == Imported(2, 0, ())
    assert imported(cast, file) == Imported(0, 2, ())
    assert imported(cast, file, now=TWO + timedelta(days=9)) == Imported(0, 2, ()), "also when it is long due"
    assert number(cast, Commitment) == 2


@pytest.mark.parametrize("ref", ["A-1", ""])
def test_twice_in_one_file_it_is_made_once(cast: Cast, ref: str) -> None:
    row = {"external_ref": ref}
    assert imported(cast, commitments(row, row)) == Imported(1, 1, ())


def test_the_longest_reference_is_known_again(cast: Cast) -> None:
    file = commitments({"external_ref": "x" * 120})
    assert (imported(cast, file).made, imported(cast, file).skipped) == (1, 1)


def test_a_reference_is_its_teams_own(cast: Cast) -> None:
    other = {"team": "Sales", "owner_email": "zoe@example.org"}
    assert imported(cast, commitments({}, other)) == Imported(2, 0, ())


def test_two_who_take_in_the_same_at_once_make_it_once(cast: Cast) -> None:
    """The one who comes second waits for the first, and then finds what it made."""
    file = commitments({"customer_phone": "+447700900199"})
    second: list[Imported] = []
    with cast.sessions() as session:
        take_in(session, io.StringIO(file), now=TWO)
        thread = Thread(target=lambda: second.append(imported(cast, file)))
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        session.commit()
    thread.join(20)
    assert second == [Imported(0, 1, ())]
    assert (number(cast, Commitment), number(cast, Customer)) == (1, 2)


def test_a_file_without_one_of_the_columns_is_refused(cast: Cast) -> None:
    for missing in COLUMNS:
        header = tuple(name for name in HEADER if name != missing)
        with pytest.raises(Refused, match=f"The header lacks {missing}, or has it twice"):
            imported(cast, written(header, [{name: MARIA[name] for name in header}]))
    assert number(cast, Commitment) == 0


def test_a_header_with_a_column_twice_is_refused(cast: Cast) -> None:
    doubled = commitments({}).replace("external_ref", "external_ref,due_at").replace("A-1", "A-1,tomorrow")
    with pytest.raises(Refused, match="due_at, or has it twice"):
        imported(cast, doubled)


def test_what_has_no_header_is_refused_with_the_columns_it_needs(cast: Cast) -> None:
    for file in ("", "\n", "a letter, that is no table"):
        with pytest.raises(Refused, match="customer_name, customer_phone, topic"):
            imported(cast, file)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_may_put_something_else_between_the_fields(cast: Cast, delimiter: str) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(
        [[name.upper() for name in HEADER], [{**MARIA, "topic": "boots, size 42"}[name] for name in HEADER]]
    )
    assert imported(cast, file.getvalue()) == Imported(1, 0, ())
    assert one(cast).topic == "boots, size 42"


def test_columns_come_in_any_order_and_others_are_passed_over(cast: Cast) -> None:
    header = ("colour", *reversed(HEADER))
    assert imported(cast, written(header, [{**MARIA, "colour": "blue"}])).made == 1
    assert imported(cast, ",".join(HEADER) + "\n") == Imported(0, 0, ())


def test_nul_bytes_and_quotes_left_open_are_no_csv_and_nothing_of_the_file_is_taken(cast: Cast) -> None:
    good = commitments({"external_ref": "1"}, {"external_ref": "2"})
    with pytest.raises(Refused, match="NUL"):
        imported(cast, good + good.splitlines()[1].replace("refund", "ref\0und"))
    with pytest.raises(csv.Error):
        imported(cast, good + '"' + good)
    assert number(cast, Commitment) == 0


def test_a_promise_that_was_closed_elsewhere_is_not_brought_back_to_life(cast: Cast) -> None:
    file = written(
        (*HEADER, "outcome", "verdict"), [{**MARIA, "outcome": "fulfilled", "verdict": "kept on time"}]
    )
    answer = imported(cast, file)
    assert answer == Imported(
        0, 0, (Problem(2, "It is closed (fulfilled): only open promises are taken in."),)
    )


def test_what_goes_out_has_every_column_and_how_it_ended(cast: Cast) -> None:
    imported(cast, commitments({}))
    with cast.sessions.begin() as session:
        commitment = operations.find(session, one(cast).id, by=cast.ana)
        cast.clock.forward(30)
        now = cast.clock.now
        operations.log_attempt(session, commitment, by=cast.ana, disposition=Disposition.REACHED, now=now)
        operations.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=now)
    (row,) = exported(cast.sessions)
    assert tuple(row) == EXPORTED == (*COLUMNS, "outcome", "verdict")
    phone = {"customer_phone": "+447700900100"}
    assert row == {**MARIA, **phone, "outcome": "fulfilled", "verdict": "kept on time"}


def test_a_span_begins_with_its_since_and_ends_before_its_until(cast: Cast) -> None:
    for hour in (9, 10, 11):
        imported(cast, commitments({"external_ref": hour, "made_at": f"2026-11-19T{hour:02}:00:00Z"}))

    def refs(**span: datetime) -> list[str]:
        return [row["external_ref"] for row in exported(cast.sessions, **span)]

    ten, eleven = (datetime(2026, 11, 19, hour, tzinfo=UTC) for hour in (10, 11))
    assert refs() == ["9", "10", "11"]
    assert refs(since=ten) == ["10", "11"]
    assert refs(until=ten) == ["9"]
    assert refs(since=ten, until=eleven) == ["10"]


def test_out_and_into_another_database_gives_the_same_commitments(cast: Cast, tmp_path: Path) -> None:
    odd = {
        "customer_name": "=cmd|' /C calc'!A0",
        "customer_phone": "+34612345678",
        "topic": '\'@SUM(1+1), "quoted" → 42',
        "external_ref": "-1+1",
        "due_at": "2026-12-24T18:00",
        "made_at": "2026-11-19T13:59:59.5Z",
    }
    imported(cast, commitments({}, odd, {"external_ref": "", "topic": "no reference"}))
    out = exported(cast.sessions)
    engine = make_engine(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    migrating.upgrade(engine)
    there = Cast.enter(make_sessions(engine))
    file = written(EXPORTED, [dict(row) for row in out])
    assert imported(there, file) == Imported(3, 0, ())
    assert exported(there.sessions) == out
    assert imported(there, file) == Imported(0, 3, ())
    assert imported(cast, file) == Imported(0, 3, ()), "nor does it double what it came from"
    engine.dispose()


def test_no_cell_that_goes_out_is_a_formula_to_a_spreadsheet(cast: Cast) -> None:
    formula = "=HYPERLINK(1)"
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).name = "@care"
        session.execute(text("update person set email = '+ana@example.org' where email = 'ana@example.org'"))
    odd = {
        "customer_name": formula,
        "customer_phone": "+34612345678",
        "topic": formula,
        "external_ref": formula,
    }
    assert imported(cast, commitments({**odd, "team": "@care", "owner_email": "+ana@example.org"})).made == 1
    (row,) = exported(cast.sessions)
    assert row["topic"] == row["customer_name"] == row["external_ref"] == f"'{formula}"
    assert (row["team"], row["owner_email"]) == ("'@care", "'+ana@example.org")
    cells = {name: cell for name, cell in row.items() if name != "customer_phone"}
    assert not [cell for cell in cells.values() if cell[:1] in tuple("=+-@")]


@given(st.text(alphabet="'=+-@＝a ", max_size=6))
def test_what_is_made_harmless_is_plain_again_as_it_was(words: str) -> None:
    assert plain(harmless(words)) == words
    assert not harmless(words).startswith(("=", "+", "-", "@", "＝"))
