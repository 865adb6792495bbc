"""Wrong states are impossible in the database itself, whoever writes to it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.cast import Cast


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("closed without an outcome", "update commitment set closed_at = due_at"),
        ("an outcome while open", "update commitment set outcome = 'fulfilled'"),
        ("a verdict while open", "update commitment set verdict = 'kept on time'"),
        ("open without a next step", "update commitment set next_step_at = null, next_step = null"),
        ("a step without its time", "update commitment set next_step_at = null"),
        ("no first due time", "update commitment set first_due_at = null"),
        ("a first due time changed alone", "update commitment set first_due_at = made_at"),
        ("a due time changed without a revision", "update commitment set due_at = made_at"),
        ("no owner", "update commitment set owner_id = null"),
        ("an owner who does not exist", "update commitment set owner_id = 4711"),
        ("an outcome nobody knows", "update commitment set outcome = 'forgotten', closed_at = due_at"),
        ("a duplicate of nothing", "update commitment set duplicate_of_id = id"),
        ("an empty topic", "update commitment set topic = ''"),
        ("a role nobody has", "update person set role = 'king'"),
        ("an agent without a team", "update person set team_id = null where role = 'agent'"),
        ("an address in capitals", "update person set email = 'ANA@example.org' where id = 1"),
        ("a pending message that never leaves", "update message set send_after = null"),
        ("a message being sent without a lease", "update message set status = 'sending', send_after = null"),
        ("a message for nobody", "update message set recipient = null"),
        ("a customer removed with their promises", "delete from customer"),
        ("a climbed step without its number", "update event set kind = 'climbed'"),
    ],
)
def test_the_database_refuses(cast: Cast, what: str, statement: str) -> None:
    cast.promised()
    with pytest.raises(IntegrityError), cast.sessions.begin() as session:
        session.execute(text(statement))
    assert what


def test_the_same_step_twice_is_refused(cast: Cast) -> None:
    cast.promised()
    cast.tick(minutes=45)
    copy = (
        "insert into event (commitment_id, at, kind, due_version, step) "
        "select commitment_id, at, kind, due_version, step from event where step is not null"
    )
    with pytest.raises(IntegrityError), cast.sessions.begin() as session:
        session.execute(text(copy))


def test_the_same_text_of_a_step_twice_is_refused(cast: Cast) -> None:
    cast.promised()
    cast.tick(minutes=45)
    copy = (
        "insert into message (commitment_id, direction, channel, recipient, kind, due_version, step, status, "
        "priority, made_at, tries) select commitment_id, direction, channel, recipient, kind, due_version, step, "
        "'suppressed', priority, made_at, tries from message where step is not null"
    )
    with pytest.raises(IntegrityError), cast.sessions.begin() as session:
        session.execute(text(copy))
