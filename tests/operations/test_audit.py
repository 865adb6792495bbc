"""Each broken invariant is found and named; a sound house has no findings."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.cast import TWO, Cast
from tracker import commitments
from tracker.audit import audit
from tracker.policy.outcomes import Disposition, Outcome


def kept(cast: Cast) -> int:
    """A promise made, kept and closed."""
    number = cast.promised()
    cast.tick()
    with cast.sessions.begin() as session:
        commitment = commitments.find(session, number, by=cast.ana)
        now = cast.clock.forward(5)
        commitments.log_attempt(session, commitment, by=cast.ana, disposition=Disposition.REACHED, now=now)
        commitments.close(session, commitment, by=cast.ana, outcome=Outcome.FULFILLED, now=now)
    return number


def test_a_sound_house_has_no_findings(cast: Cast) -> None:
    kept(cast)
    cast.promised()
    cast.tick(minutes=70)
    with cast.sessions() as session:
        audited = audit(session, now=cast.clock.now)
    assert (audited.checked, audited.findings) == (2, ())


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        ("one owner", "update person set active = false where email = 'ana@example.org'"),
        ("one owner", "update commitment set owner_id = (select id from person where name = 'Zoe Fox')"),
        ("one next step", "update commitment set next_step = 0 where closed_at is null"),
        ("one next step", "update commitment set next_step_at = made_at where closed_at is null"),
        ("no text after closing", "update dispatch set at = '2026-11-19 14:30:00+00' where message_id = 1"),
        ("no message stuck", "update message set status = 'pending', send_after = made_at where id = 1"),
        ("verdict from evidence", "update commitment set verdict = 'broken' where closed_at is not null"),
        (
            "no text after STOP",
            "insert into opt_out (phone, reason, at) values ('+447700900100', 'stop', '2026-11-19 13:00:00+00')",
        ),
    ],
)
def test_what_is_broken_is_found_and_named(cast: Cast, rule: str, statement: str) -> None:
    kept(cast)
    cast.promised()
    cast.tick(minutes=46)
    if cast.sessions.kw["bind"].dialect.name == "sqlite":
        statement = statement.replace("+00'", ".000000'")
    with cast.sessions.begin() as session:
        session.execute(text(statement))
    with cast.sessions() as session:
        found = audit(session, now=cast.clock.now + timedelta(minutes=10)).findings
    assert rule in {finding.rule for finding in found}
    assert {finding.rule for finding in found} <= {rule}, found
    assert cast.clock.now > TWO
