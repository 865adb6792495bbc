"""Figures: a sentence, a chart, a table, CSV, and the promises behind each number."""

import re
from datetime import timedelta

import pytest

from tests.cast import Cast
from tests.visitor import Visitor, words
from tracker import commitments
from tracker.model import Event, EventKind, Feedback, Person, Revision
from tracker.policy.outcomes import Disposition, Outcome
from tracker.reports import REPORTS


def kept(cast: Cast, owner: Person, minutes: float, **changes: object) -> int:
    """A promise for in an hour, seen to after so many minutes."""
    number = cast.promised(owner=owner, **changes)
    now = cast.clock.forward(minutes)
    with cast.sessions.begin() as session:
        by = session.get_one(Person, owner.id)
        commitment = commitments.find(session, number, by=by)
        commitments.log_attempt(session, commitment, by=by, disposition=Disposition.REACHED, now=now)
        commitments.close(session, commitment, by=by, outcome=Outcome.FULFILLED, now=now)
    return number


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_a_page_and_a_csv_empty_and_full(sue: Visitor, cast: Cast, name: str) -> None:
    assert "Nothing to count in this time yet." in words(sue.get(f"/reports/{name}"))
    kept(cast, cast.ana, 10)
    moved = kept(cast, cast.ana, 70)
    with cast.sessions.begin() as session:
        now = cast.clock.now
        before = now - timedelta(minutes=30)
        session.add(Feedback(commitment_id=moved, at=now, kept=False, score=2))
        session.add(Event(commitment_id=moved, at=before, kind=EventKind.WARNED, due_version=1, facts={}))
        session.add(
            Revision(
                commitment_id=moved, made_at=before, was_due_at=before, due_at=now, reason="x", due_version=2
            )
        )
    cast.tick(5)
    page = sue.get(f"/reports/{name}")
    assert page.status_code == 200
    assert sue.get(f"/reports/{name}.csv").text.startswith("key,label,")
    numbers = re.findall(r'href="(/reports/[^"]*/promises[^"]*)">(\d+)</a>', page.text)
    assert numbers
    for href, count in numbers:
        behind = sue.get(href.replace("&amp;", "&"))
        lines = re.findall(r'<th scope="row"><a href="/commitments/', behind.text)
        about = re.search(r"(\d+) counted, about (\d+) promise", words(behind))
        assert f'<span class="count">{count}</span>' in behind.text, href
        assert (count, str(len(lines))) == ((about[1], about[2]) if about else (count, count)), href


def test_the_kept_rate_says_how_many_and_counts_the_own_team_by_day(sue: Visitor, cast: Cast) -> None:
    kept(cast, cast.ana, 10)
    kept(cast, cast.ana, 70)
    kept(cast, cast.zoe, 10)
    cast.clock.forward(3 * 24 * 60)
    kept(cast, cast.ben, 20)
    assert "Promises kept: 2 of 3 (67 %)." in words(sue.get("/reports/kept-rate"))
    rows = sue.get("/reports/kept-rate.csv").text.splitlines()
    assert rows[0] == "key,label,kept,counted,share,low,high,limit_low,limit_high"
    assert len(rows) == 1 + 28, "four weeks of days, those without a promise too"
    assert "2026-11-19,Thu 19 Nov,1,2,0.5000,0.0945,0.9055,," in rows


def test_a_long_time_is_told_in_weeks_from_monday(sue: Visitor, cast: Cast) -> None:
    kept(cast, cast.ana, 10)
    rows = sue.get("/reports/kept-rate.csv?since=2026-09-01&until=2026-11-22").text.splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == [
        "2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05",
        "2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16",
    ]  # fmt: skip


def test_a_number_leads_to_the_promises_it_counted(sue: Visitor, cast: Cast) -> None:
    good = kept(cast, cast.ana, 10)
    bad = kept(cast, cast.ana, 70, topic="the late one")
    page = sue.get("/reports/kept-rate").text
    address = re.search(r'href="(/reports/kept-rate/promises\?row=2026-11-19[^"]*column=kept[^"]*)">1<', page)
    assert address
    behind = sue.get(address[1].replace("&amp;", "&"))
    assert f"/commitments/{good}" in behind.text
    assert f'"/commitments/{bad}"' not in behind.text
    assert "Maria Lopez" in words(behind)
    assert "Kept on time" in words(behind)
    everything = sue.get("/reports/kept-rate/promises?column=counted")
    assert f'"/commitments/{bad}"' in everything.text


def test_few_are_shown_but_not_ranked(sue: Visitor, cast: Cast) -> None:
    for owner, times in ((cast.ana, 20), (cast.ben, 2)):
        for _ in range(times):
            kept(cast, owner, 1)
    page = words(sue.get("/reports/by-agent"))
    assert "Ben Ito not ranked" in page
    assert "Ana Ruiz not ranked" not in page
    assert page.index("Ana Ruiz 20") < page.index("Ben Ito not ranked")
    assert "Too few promises yet to compare" in page


def test_nobody_sees_the_figures_of_another_team(sue: Visitor, ada: Visitor, cast: Cast) -> None:
    theirs = kept(cast, cast.zoe, 10)
    behind = sue.get(f"/reports/by-team/promises?row=Sales&column=counted&team={cast.sales.id}")
    assert behind.status_code == 404
    assert f"/commitments/{theirs}" in ada.get("/reports/by-team/promises?row=Sales&column=counted").text
    assert "Promises kept: 1 of 1" in words(ada.get(f"/reports/kept-rate?team={cast.sales.id}"))
    assert "Nothing to count" in words(ada.get(f"/reports/kept-rate?team={cast.care.id}"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("since=yesterday", "Give days like 2026-11-19."),
        ("since=2026-11-20&until=2026-11-19", "The first day lies after the last"),
        ("since=1990-01-01&until=2026-11-19", "more than five years"),
    ],
)
def test_days_that_cannot_be_get_a_sentence(sue: Visitor, asked: str, sentence: str) -> None:
    answer = sue.get(f"/reports/kept-rate?{asked}")
    assert answer.status_code == 422
    assert sentence in words(answer)


def test_reports_are_for_those_who_steer(ana: Visitor, sue: Visitor) -> None:
    assert ana.get("/reports/kept-rate").status_code == 403
    assert ana.get("/reports/kept-rate/promises").status_code == 403
    assert sue.get("/reports").location == "/reports/kept-rate"
    for address in (
        "/reports/nonsense",
        "/reports/nonsense.csv",
        "/reports/kept-rate/promises?column=nonsense",
    ):
        assert sue.get(address).status_code == 404


def test_a_day_beyond_the_last_is_counted_until_its_midnight_where_the_viewer_is(
    sue: Visitor, cast: Cast
) -> None:
    cast.clock.now += timedelta(hours=9)  # 23:00, due at midnight exactly: of the next day
    kept(cast, cast.ana, 10)
    assert sue.get("/reports/kept-rate.csv?since=2026-11-19&until=2026-11-19").text.count(",1,1,") == 0
    assert sue.get("/reports/kept-rate.csv?since=2026-11-20&until=2026-11-20").text.count(",1,1,") == 1
