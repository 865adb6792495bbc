"""A team's load on a page: what is promised against capacity, half hour by half hour."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.visitor import Visitor, words
from tracker.model import Person, Team

PAGE = "/supervisor/load"


def lines(page: str) -> dict[str, str]:
    """What the table says of each half hour; of one that is there today and tomorrow what it says of tomorrow."""
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', page, re.DOTALL)
    return {start: " ".join(unescape(re.sub(r"<[^>]+>", " ", rest)).split()) for start, rest in rows}


def today(page: str) -> dict[str, str]:
    return lines(page.split('id="day2"')[0])


def test_the_half_hours_of_a_team_show_what_is_promised_against_capacity(sue: Visitor, cast: Cast) -> None:
    for minutes in (10, 15, 20, 25, 30):
        cast.promised(minutes=minutes)
    for minutes in (31, 45, 60):
        cast.promised(minutes=minutes, owner=cast.ben)
    for minutes in range(121, 133):
        cast.promised(minutes=minutes)
    cast.promised(minutes=60 * 20)
    cast.promised(minutes=120, owner=cast.zoe)
    page = sue.get(PAGE)
    said = words(page)
    assert "Care: full until 16:30" in said
    assert "by the clock of London" in said
    assert today(page.text) == {
        "14:30": "5 4 1 over",
        "15:00": "3 4 full",
        "15:30": "0 4 full",
        "16:00": "0 4 full",
        "16:30": "12 4 full",
        "17:00–18:00": "0 4 4 and more",
    }
    tomorrow = lines(page.text.split('id="day2"')[1])
    assert list(tomorrow.items())[:3] == [
        ("09:30", "0 4 16"),
        ("10:00", "1 4 19"),
        ("10:30–18:00", "0 4 23 and more"),
    ]
    assert page.text.count('<path class="chart-out"') == 5 + 1, "each full one, and the legend"


def test_each_number_leads_to_its_promises(sue: Visitor, cast: Cast) -> None:
    cast.promised(minutes=10, topic="late since")
    cast.promised(minutes=120, topic="soon due")
    cast.promised(minutes=240, topic="by the end of the day")
    cast.promised(minutes=110, topic="zoe's", owner=cast.zoe)
    cast.clock.forward(105)
    page = sue.get(PAGE).text
    assert today(page)["16:00"] == "2 2 full", "what is overdue too, and of the half hour only what is left"
    assert today(page)["18:00"] == "1 4 15"
    (now, evening) = map(unescape, re.findall(r'<td><a href="([^"]+)">', page))
    assert "By 16:00: 2 promised, capacity 2" in words(sue.get(now))
    assert ["late since" in sue.get(each).text for each in (now, evening)] == [True, False]
    assert ["soon due" in sue.get(each).text for each in (now, evening)] == [True, False]
    assert ["by the end of" in sue.get(each).text for each in (now, evening)] == [False, True]
    assert "zoe's" not in sue.get(now).text
    cast.clock.forward(30)
    gone = sue.client.get(now, follow_redirects=True)
    assert "That half hour is over: this is the load from now on." in words(gone)
    assert today(gone.text)["16:30"].startswith("2 ")
    assert sue.get(f"{PAGE}/promises?at=soon").status_code == 404


def test_who_is_away_is_no_capacity(sue: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ben.id).shifts = "3:9-15"
    assert today(sue.get(PAGE).text) == {
        "14:30–15:00": "0 4 4 and more",
        "15:30–18:00": "0 2 10 and more",
    }


def test_an_administrator_chooses_the_team_and_nobody_else_sees_another(
    ada: Visitor, sue: Visitor, ana: Visitor, cast: Cast
) -> None:
    cast.promised(minutes=120, owner=cast.zoe)
    assert today(ada.get(PAGE).text) == {"14:30–18:00": "0 4 4 and more"}
    assert today(ada.get(f"{PAGE}?team={cast.sales.id}").text)["16:00"] == "1 2 7"
    at = "2026-11-19T15:30:00%2B00:00"
    for address in (f"{PAGE}?team={cast.sales.id}", f"{PAGE}/promises?team={cast.sales.id}&at={at}"):
        assert ada.get(address).status_code == 200
        assert sue.get(address).status_code == 404
        assert ana.get(address).status_code == 403
    assert ada.get(f"{PAGE}?team=99").status_code == 404


@pytest.mark.parametrize("lacking", ["hours", "people"])
def test_a_team_in_which_nobody_works_is_told_what_a_forecast_needs(
    ada: Visitor, sue: Visitor, cast: Cast, lacking: str
) -> None:
    with cast.sessions.begin() as session:
        if lacking == "hours":
            session.get_one(Team, cast.care.id).hours = ""
        else:
            for person in session.scalars(select(Person).where(Person.team_id == cast.care.id)):
                person.shifts = ""
    assert "A forecast needs the hours of the team" in words(sue.get(PAGE))
    assert "/setup" not in sue.get(PAGE).text
    assert f"/setup/teams/{cast.care.id}" in ada.get(PAGE).text
    cast.promised(minutes=120)
    assert today(sue.get(PAGE).text) == {"16:00": "1 0 nobody there"}, (
        "what is promised is shown all the same"
    )


def test_where_clocks_go_back_at_night_the_hour_that_is_there_twice_is_told_apart(
    ada: Visitor, cast: Cast
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = "0-6:0-24"
    cast.clock.now = datetime(2026, 10, 24, 21, 40, tzinfo=UTC)
    for half_past_one in (170, 230):
        cast.promised(minutes=half_past_one)
    page = ada.get(PAGE).text
    assert list(today(page)) == ["23:00", "23:30–24:00"], "of the first only a part is left"
    night = list(lines(page.split('id="day2"')[1]))
    assert night == ["00:30–01:00 BST", "01:30 BST", "01:00 GMT", "01:30 GMT", "02:00–24:00"]


def test_a_night_shift_has_its_evening_today_and_its_morning_tomorrow(sue: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = "0-6:22-24,0-6:0-2"
    page = sue.get(PAGE).text
    assert list(today(page)) == ["22:30–24:00"]
    tomorrow = list(lines(page.split('id="day2"')[1]))
    assert tomorrow == ["00:30–02:00", "22:30–24:00"]


def test_the_supervisors_page_leads_there_and_back(sue: Visitor, ada: Visitor, cast: Cast) -> None:
    assert f'href="{PAGE}?team={cast.care.id}"' in sue.get("/supervisor").text
    assert f'href="/supervisor?team={cast.care.id}"' in sue.get(PAGE).text


def test_the_page_says_until_when_all_is_full(sue: Visitor, cast: Cast) -> None:
    assert "Care: every half hour has room" in words(sue.get(PAGE))
    for _ in range(32):
        cast.promised(minutes=60 * 4)
    assert "Care: full until 18:00" in words(sue.get(PAGE))
    for _ in range(40):
        cast.promised(minutes=60 * 24)
    assert "Care: full until 14:00 tomorrow" in words(sue.get(PAGE))
    for _ in range(32):
        cast.promised(minutes=60 * 28)
    assert "Care: full until the end of tomorrow" in words(sue.get(PAGE))
