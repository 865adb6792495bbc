"""A time is typed as it is said: echoed on both clocks, asked about when it may mean two, never guessed."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from tests.cast import Cast
from tests.operations.past import at_random, write
from tests.visitor import Visitor, words
from tests.web.conftest import Queries
from tests.web.test_pages_log import fields
from tracker.model import Absence, Closure, Commitment, Person, Team


def echo(ana: Visitor, cast: Cast, typed: str, **changes: object) -> str:
    """What the page says while that is typed."""
    answer = ana.client.get("/new/echo", query_string=fields(cast, due_at=typed, **changes))
    said = answer.get_json()["when"]
    return " ".join(unescape(said).split())


def due(cast: Cast) -> list[datetime]:
    with cast.sessions() as session:
        return list(session.scalars(select(Commitment.due_at).order_by(Commitment.id)))


def tomorrows(ana: Visitor) -> list[str]:
    """The times of tomorrow that are one press away."""
    return re.findall(r"Tomorrow(?: morning|, end of day) (\d\d:\d\d)", words(ana.get("/new")))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("tomorrow 3pm", "2026-11-20T15:00"),
        ("in 2 hours", "2026-11-19T16:00"),
        ("half past four", "2026-11-19T16:30"),
        ("end of day", "2026-11-19T18:00"),
        ("mon 9:30am", "2026-11-23T09:30"),
        ("2026-11-20T10:00+00:00", "2026-11-20T10:00"),
    ],
)
def test_plain_words_are_understood_on_the_log_form(
    ana: Visitor, cast: Cast, typed: str, expected: str
) -> None:
    answer = ana.post("/new", **fields(cast, due_at=typed))
    assert answer.status_code == 302, words(answer)
    assert due(cast) == [datetime.fromisoformat(expected).replace(tzinfo=UTC)]


def test_her_time_is_the_customers_and_both_clocks_are_echoed(ana: Visitor, cast: Cast) -> None:
    said = echo(ana, cast, "11am her time", phone="+1 212 555 0123")
    assert "Thu 19 Nov, 11:00 in New York; 16:00 for you, in 2 h" in said


def test_her_time_is_not_guessed_while_nobody_knows_who_she_is(ana: Visitor, cast: Cast) -> None:
    assert "for you" not in echo(ana, cast, "4pm her time", phone="")
    answer = ana.post("/new", **fields(cast, due_at="4pm her time", phone=""))
    assert answer.status_code == 422


def test_what_may_mean_two_times_is_asked_about_and_not_saved(ana: Visitor, cast: Cast) -> None:
    answer = ana.post("/new", **fields(cast, due_at="fri 10"))
    assert answer.status_code == 422
    said = words(answer)
    assert "That may mean two times: choose one." in said
    assert "Fri 20 Nov, 10:00, in 20 h" in said
    assert "Fri 20 Nov, 22:00, in 32 h" in said
    assert due(cast) == []


def test_a_date_in_an_unlisted_form_is_asked_about_and_not_saved(ana: Visitor, cast: Cast) -> None:
    answer = ana.post("/new", **fields(cast, due_at="1-dec 3pm"))
    assert answer.status_code == 422
    said = words(answer)
    assert "Did you mean this time? Choose it if so." in said
    assert "Tue 1 Dec, 15:00" in said
    assert due(cast) == []
    (choice,) = re.findall(r'name="pick" value="([^"]+)" formnovalidate><b>Tue 1 Dec, 15:00', answer.text)
    ana.post("/new", **fields(cast, due_at=choice))
    assert due(cast) == [datetime(2026, 12, 1, 15, tzinfo=UTC)]


def test_one_press_on_a_choice_fills_it_in_also_without_a_script(ana: Visitor, cast: Cast) -> None:
    page = ana.post("/new", **fields(cast, due_at="fri 10", pick="tomorrow 10:00"))
    assert page.status_code == 200
    assert 'value="tomorrow 10:00"' in page.text
    assert due(cast) == []
    ana.post("/new", **fields(cast, due_at="tomorrow 10:00"))
    assert due(cast) == [datetime(2026, 11, 20, 10, tzinfo=UTC)]


def test_every_quick_time_means_the_moment_that_it_shows(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).zone = "Asia/Kathmandu"
        session.get_one(Team, cast.care.id).hours = "0-4:8:30-12,0-4:13-17:30"
    page = ana.get("/new").text.split("Times that are one press away")[1]
    picks = re.findall(r'name="pick" value="([^"]+)" formnovalidate><b>[^<]+</b> <span>([^<]+)</span>', page)
    assert len(picks) >= 6
    for typed, shown in picks:
        said = echo(ana, cast, unescape(typed), phone="")
        assert "echo-ask" not in said
        assert f"{shown[-5:]}, in " in said


def test_what_is_chosen_is_not_asked_about_again_by_those_who_work_day_and_night(
    ana: Visitor, cast: Cast
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = "0-6:0-24"
    cast.clock.forward(18 * 60)  # eight in the morning: ten, eleven and twelve are to come twice
    offered = [ana.get("/new").text, *(echo(ana, cast, each) for each in ("half past ten", "tomorrow 11:00"))]
    picks = [unescape(each) for page in offered for each in re.findall(r'name="pick" value="([^"]+)"', page)]
    assert {"2026-11-20 10:30", "22:30", "2026-11-21 11:00", "2026-11-21 12:00"} < set(picks)
    assert [each for each in picks if "echo-ask" in echo(ana, cast, each)] == []


def test_quick_times_go_by_the_hours_of_the_team(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = "0-3:9-12,0-3:13-16:30,5:10-14"
    page = words(ana.get("/new"))
    assert "End of day 16:30" in page
    assert "Saturday morning 12:00" in page
    assert "Saturday, end of day 14:00" in page
    assert "Thu 19 Nov, 16:30" in echo(ana, cast, "end of day")
    assert "Sat 21 Nov, 14:00" in echo(ana, cast, "end of day saturday")
    assert "Mon 23 Nov, 09:00" in echo(ana, cast, "first thing monday")


@pytest.mark.parametrize(("hours", "asked"), [("0-6:9-17", False), ("0-4:9-17", True)])
def test_the_end_of_a_day_on_which_the_team_works_is_no_question(
    ana: Visitor, cast: Cast, hours: str, asked: bool
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = hours
    cast.clock.forward(2 * 24 * 60 - 4 * 60)
    said = echo(ana, cast, "end of day")
    assert ("echo-ask" in said) is asked
    assert "Sat 21 Nov, 17:00" in said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("end of day", "Fri 20 Nov, 07:00"),
        ("end of tomorrow", "Sat 21 Nov, 07:00"),
        ("monday first thing", "Mon 23 Nov, 22:00"),
    ],
)
def test_who_works_for_a_team_across_the_ocean_means_its_end_of_day(
    ana: Visitor, cast: Cast, typed: str, meant: str
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).zone = "Asia/Manila"
        care = session.get_one(Team, cast.care.id)
        care.zone, care.hours = "America/New_York", "0-4:9-18"
    said = echo(ana, cast, typed, phone="")
    assert "echo-ask" not in said
    assert meant in said
    cast.clock.forward(7 * 60)  # five in the morning in Manila: it is still the same working day
    assert meant in echo(ana, cast, typed, phone="")


def test_no_quick_time_is_one_at_which_the_team_is_closed(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = "0-4:9-15,0-4:15:45-17"
    page = words(ana.get("/new"))
    assert [each in page for each in ("In 30 min", "In 1 h", "In 2 h")] == [True, True, True], (
        "at 15:00 they go"
    )
    cast.clock.forward(30)
    page = words(ana.get("/new"))
    assert [each in page for each in ("In 30 min", "In 1 h", "In 2 h")] == [True, False, True]


def test_the_end_of_the_day_is_not_the_lunch_break(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = "0-4:9-12,0-4:13-17"
    cast.clock.forward(20 * 60)
    assert "End of day 17:00" in words(ana.get("/new"))


@pytest.mark.parametrize(
    ("hours", "typed", "meant", "offered"),
    [
        ("0-4:8-13", "end of day tomorrow", "13:00", ["12:00", "13:00"]),
        ("0-4:8-12", "after lunch tomorrow", "12:00", ["12:00"]),
        ("0-4:13-21", "end of day tomorrow", "21:00", ["21:00"]),
        ("0-4:13-21", "first thing tomorrow", "13:00", ["21:00"]),
        ("0-4:13-21", "tomorrow at 8", "20:00", ["21:00"]),
        ("0-4:9-20,0-4:12-17", "end of day tomorrow", "20:00", ["12:00", "20:00"]),
        ("0-4:22-6", "first thing tomorrow", "22:00", ["23:59"]),
        ("0-4:23:59-5", "first thing tomorrow", "23:59", ["23:59"]),
    ],
)
def test_mornings_afternoons_and_nights_have_days_of_their_own(
    ana: Visitor, cast: Cast, hours: str, typed: str, meant: str, offered: list[str]
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Team, cast.care.id).hours = hours
    assert f"Fri 20 Nov, {meant}, in" in echo(ana, cast, typed)
    assert tomorrows(ana) == offered


def test_no_quick_time_falls_into_a_closure(ana: Visitor, cast: Cast) -> None:
    tomorrow = cast.clock.now.replace(hour=0) + timedelta(days=1)
    with cast.sessions.begin() as session:
        for start, end in ((11, 13), (15, 20)):
            span = {
                "starts_at": tomorrow + timedelta(hours=start),
                "ends_at": tomorrow + timedelta(hours=end),
            }
            session.add(Closure(team_id=cast.care.id, reason="inventory", **span))
    assert tomorrows(ana) == ["15:00"]


def test_what_can_not_be_is_said(ana: Visitor, cast: Cast) -> None:
    assert "does not exist in London" in echo(ana, cast, "28 Mar 2027 01:30")
    assert "more than a year away" in echo(ana, cast, "2028-01-01T10:00+00:00")
    assert "has passed" in echo(ana, cast, "1pm")


def test_words_and_a_date_at_once_are_not_chosen_between(ana: Visitor, cast: Cast) -> None:
    answer = ana.post("/new", **fields(cast, due_at="in 2 hours", exact="2026-11-20T10:00"))
    assert "not both" in words(answer)
    assert due(cast) == []


def test_in_spanish_the_words_are_spanish(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).language = "es"
    assert ana.post("/new", **fields(cast, due_at="mañana a las 10:30")).status_code == 302
    assert due(cast) == [datetime(2026, 11, 20, 10, 30, tzinfo=UTC)]
    page = ana.get("/new").text
    for part in page.split('name="pick" value="')[1:]:
        assert ana.post("/new", **fields(cast, due_at=unescape(part.split('"')[0]))).status_code == 302


def test_a_new_time_is_typed_in_words_too(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    said = ana.client.get(f"/commitments/{number}/echo", query_string={"due_at": "tomorrow 3pm"}).get_json()
    assert "Fri 20 Nov, 15:00, in 25 h" in said["when"]
    assert ana.act(number, "revise", due_at="tomorrow 3pm", reason="asked").status_code == 302
    assert due(cast) == [datetime(2026, 11, 20, 15, tzinfo=UTC)]
    asked = ana.act(number, "revise", due_at="fri 10", reason="asked")
    assert asked.status_code == 422
    assert "Fri 20 Nov, 22:00" in words(asked)
    picked = ana.act(number, "revise", due_at="fri 10", reason="asked", pick="tomorrow 10:00")
    assert 'value="tomorrow 10:00"' in picked.text
    assert 'value="asked"' in picked.text


def test_nobody_sees_another_teams_promise_through_its_echo(ana: Visitor, cast: Cast) -> None:
    number = cast.promised(owner=cast.zoe)
    assert ana.get(f"/commitments/{number}/echo?due_at=5pm").status_code == 404


def test_a_time_when_nobody_works_is_refused_with_a_better_one_to_press(ana: Visitor, cast: Cast) -> None:
    answer = ana.post("/new", **fields(cast, due_at="sunday 11am", confirmed="2026-11-22T11:00+00:00"))
    assert answer.status_code == 422
    assert "The team is closed then." in words(answer)
    assert "Better: Mon 23 Nov, 09:" in words(answer)
    assert due(cast) == []


def test_a_doubtful_time_is_promised_only_when_that_very_time_is_meant(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        session.add(
            Absence(
                person_id=cast.ana.id,
                starts_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
                ends_at=datetime(2026, 11, 20, 18, tzinfo=UTC),
            )
        )
    asked = ana.post("/new", **fields(cast, due_at="tomorrow 10:30"))
    assert asked.status_code == 422
    assert "Ana Ruiz is not at work then" in words(asked)
    assert "Promise it all the same" in words(asked)
    other = ana.post("/new", **fields(cast, due_at="tomorrow 10:30", confirmed="2026-11-20T15:00+00:00"))
    assert other.status_code == 422
    meant = ana.post("/new", **fields(cast, due_at="tomorrow 10:30", confirmed="2026-11-20T10:30+00:00"))
    assert meant.status_code == 302
    assert due(cast) == [datetime(2026, 11, 20, 10, 30, tzinfo=UTC)]


def test_the_odds_stand_beside_the_time_with_times_that_would_be_kept(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        owner = session.get_one(Person, cast.ana.id)
        past = at_random([owner], 400, seed=5, until=cast.clock.now - timedelta(minutes=1))
        write(session, session.merge(cast.maria), past)
    said = echo(ana, cast, "in 2 hours")
    assert re.search(r'<meter [^>]*value="\d+"', said)
    assert re.search(r"<b>\d+ %</b> <span>(very likely|likely|may well|unlikely)", said)
    assert "of your last" in said
    assert "kept with 90 %" in said
    assert "<meter" not in echo(ana, cast, "")
    assert "kept with 90 %" in echo(ana, cast, "")


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "16:00 is full, 16:30 is free."), ("es", "Las 16:00 están llenas; a las 16:30 hay sitio.")],
)
def test_a_full_half_hour_is_named_with_the_next_free_one(
    ana: Visitor, cast: Cast, language: str, said: str
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).language = language
    for minute in range(100, 115):
        cast.promised(owner=cast.ben, minutes=minute)
    assert said not in echo(ana, cast, "16:00", phone="")
    cast.promised(owner=cast.ben, minutes=120)  # two agents keep sixteen in two hours
    assert said in echo(ana, cast, "16:00", phone="")
    assert said in words(ana.post("/new", **fields(cast, due_at="15:50", topic=""))), "without a script"
    answer = echo(ana, cast, "16:10", phone="")
    assert "16:10" in answer
    assert said[-9:] not in answer


def test_a_promise_that_is_moved_does_not_fill_the_half_hour_it_stands_in(ana: Visitor, cast: Cast) -> None:
    numbers = [cast.promised(minutes=minutes) for minutes in range(105, 121)]
    address = f"/commitments/{numbers[0]}/echo?due_at=15:55"
    assert "is full" not in ana.get(address).get_json()["when"]
    cast.promised(owner=cast.ben, minutes=90)
    assert "16:00 is full, 16:30 is free." in ana.get(address).get_json()["when"]


def test_promises_for_the_end_of_the_day_fill_its_last_half_hour(ana: Visitor, cast: Cast) -> None:
    for _ in range(32):
        cast.promised(owner=cast.ben, minutes=240)
    said = "18:00 is full, 09:30 tomorrow is free."
    assert said in echo(ana, cast, "end of day", phone="")
    assert said in echo(ana, cast, "17:40", phone="")


def test_no_time_is_offered_at_which_the_team_is_closed(ana: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        owner = session.get_one(Person, cast.ana.id)
        past = at_random([owner], 400, seed=5, until=cast.clock.now - timedelta(minutes=1))
        write(session, session.merge(cast.maria), past)
    offered = []
    for _ in range(16):
        cast.clock.forward(30)
        offered += re.findall(r"(\d\d:\d\d)</b> <span[^>]*>kept with", echo(ana, cast, ""))
    assert len(offered) > 16
    assert [each for each in offered if not "09:00" <= each <= "18:00"] == []


def test_no_time_is_offered_at_which_the_customer_sleeps_or_the_owner_is_off(
    ana: Visitor, cast: Cast
) -> None:
    with cast.sessions.begin() as session:
        owner = session.get_one(Person, cast.ana.id)
        owner.shifts = "0-4:9-16"
        past = at_random([owner], 400, seed=5, until=cast.clock.now - timedelta(minutes=1))
        write(session, session.merge(cast.maria), past)
    offered = []
    for _ in range(16):
        cast.clock.forward(30)
        said = echo(ana, cast, "", phone="+1 212 555 0123")
        offered += re.findall(r"(\d\d:\d\d)</b> <span[^>]*>kept with", said)
    assert len(offered) > 16
    assert [each for each in offered if not "13:00" <= each <= "16:00"] == []


def test_no_time_is_offered_of_an_owner_who_is_away_until_further_notice(ana: Visitor, cast: Cast) -> None:
    assert "kept with" in echo(ana, cast, "")
    with cast.sessions.begin() as session:
        session.add(Absence(person_id=cast.ana.id, starts_at=cast.clock.now - timedelta(hours=1)))
    assert "kept with" not in echo(ana, cast, "")


def test_the_echo_is_a_handful_of_queries_whatever_the_number_of_promises(
    ana: Visitor, cast: Cast, queries: Queries
) -> None:
    asked = []
    for more in (3, 60):
        for each in range(more):
            cast.promised(minutes=20 + 11 * each)
        with queries() as sent:
            echo(ana, cast, "in 2 hours", phone="07700900100")
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 8
    with cast.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Commitment)) == 63
