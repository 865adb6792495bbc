"""Figures: a chart, a table, CSV."""

from sqlalchemy import select

from tests.cast import Cast
from tests.visitor import Visitor, words
from tracker import commitments
from tracker.model import Person
from tracker.policy.outcomes import Disposition, Outcome


def kept(cast: Cast, owner: Person, minutes: float) -> None:
    """A promise for in an hour, seen to after so many minutes."""
    number = cast.promised(owner=owner)
    now = cast.clock.forward(minutes)
    with cast.sessions.begin() as session:
        by = session.scalars(select(Person).where(Person.id == owner.id)).one()
        commitment = commitments.find(session, number, by=by)
        commitments.log_attempt(session, commitment, by=by, disposition=Disposition.REACHED, now=now)
        commitments.close(session, commitment, by=by, outcome=Outcome.FULFILLED, now=now)


def test_an_empty_report_says_what_it_waits_for(sue: Visitor) -> None:
    assert "No promise that fell due in the last twelve weeks is closed yet." in words(
        sue.get("/reports/kept-rate")
    )


def test_the_kept_rate_counts_the_own_team_by_week(sue: Visitor, cast: Cast) -> None:
    kept(cast, cast.ana, 10)
    kept(cast, cast.ana, 70)
    kept(cast, cast.zoe, 10)
    cast.clock.forward(3 * 24 * 60)
    kept(cast, cast.ben, 20)
    cast.clock.forward(60)
    page = words(sue.get("/reports/kept-rate"))
    assert "2026-11-16 2 3 67 % 21 to 94 %" in page
    rows = sue.get("/reports/kept-rate.csv").text.splitlines()
    assert rows[0] == "label,hits,total,share,low,high"
    assert rows[-1] == "2026-11-16,2,3,0.6667,0.2077,0.9385"
    assert len(rows) == 14, "twelve weeks back is within a thirteenth"


def test_reports_are_for_those_who_steer(ana: Visitor, sue: Visitor) -> None:
    assert ana.get("/reports/kept-rate").status_code == 403
    assert sue.get("/reports/nonsense").status_code == 404
    assert sue.get("/reports/nonsense.csv").status_code == 404
