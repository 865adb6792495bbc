"""What an administrator sets up about a team."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cast import Cast
from tests.visitor import Visitor, hidden, words
from tracker.languages import PAGES
from tracker.model import Closure, Commitment, LadderRow, Person, Team
from tracker.policy.calendars import WeeklyHours
from tracker.policy.ladder import DEFAULT, to_json
from web.setup import hours, ladders


def team(cast: Cast) -> Team:
    """Care as it is now."""
    with cast.sessions() as session:
        return session.get_one(Team, cast.care.id)


def ladder_form(page: str, **changes: object) -> dict[str, object]:
    """The ladder's form as a browser would send it: three steps, the second to the customer."""
    return {
        "seen": hidden(page[page.index('/ladder"') :], "seen"),
        "amount": ["30", "10", "1"],
        "unit": ["min", "min", "d"],
        "side": ["before", "after", "after"],
        "effect": ["remind owner", "text customer", "tell supervisors"],
        "every": ["", "", "2"],
        "every_unit": ["h", "h", "d"],
        "times": ["", "", ""],
        "clock": ["working", "", ""],
        **changes,
    }


def test_teams_are_listed_with_their_hours_and_how_many_work_there(ada: Visitor) -> None:
    page = words(ada.get("/setup"))
    assert "Care Monday to Friday 09:00\N{EN DASH}18:00. Europe/London, English 3 people" in page
    assert "Sales Monday to Friday 09:00\N{EN DASH}18:00. Europe/London, English 1 person" in page


def test_only_administrators_set_up(ana: Visitor, sue: Visitor, ada: Visitor, cast: Cast) -> None:
    addresses = (
        "/setup",
        f"/setup/teams/{cast.care.id}",
        f"/setup/teams/{cast.care.id}/texts",
        f"/setup/teams/{cast.care.id}/texts/en/promised",
        f"/setup/people/{cast.ana.id}",
        "/setup/import",
    )
    for address in addresses:
        assert (ana.get(address).status_code, sue.get(address).status_code) == (403, 403), address
        assert ada.get(address).status_code == 200, address
    for act in ("describe", "hours", "closures", "promises", "ladder", "texts/en/promised"):
        assert sue.post(f"/setup/teams/{cast.care.id}/{act}").status_code == 403, act
    for act in ("", "/leave", "/return"):
        assert sue.post(f"/setup/people/{cast.ana.id}{act}").status_code == 403, act
    assert "Set up" in words(ada.get("/"))
    assert "Set up" not in words(sue.get("/"))


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("en", "Mon-Fri 9:00-18:00, Sat 10-14", "0-4:9-18,5:10-14"),
        ("en", "monday to friday 9 – 12; 13:30-17, Sun: 10-14", "0-4:9-12,0-4:13:30-17,6:10-14"),
        ("es", "lun-vie 9-14, 16-19, sáb. 10-14", "0-4:9-14,0-4:16-19,5:10-14"),
        ("es", "miércoles a jueves 9-14", "2-3:9-14"),
        ("es", "Fri 22-6", "4:22-6"),
        ("en", "0-4:9-12, 0-4:13-17", "0-4:9-12,0-4:13-17"),
    ],
)
def test_hours_are_typed_as_a_person_says_them_and_shown_so(
    ada: Visitor, cast: Cast, language: str, typed: str, meant: str
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ada.id).language = language
    page = f"/setup/teams/{cast.care.id}"
    assert ada.post(f"{page}/hours", hours=typed, country="").status_code == 302
    assert WeeklyHours.parse(team(cast).hours) == WeeklyHours.parse(meant)
    [shown] = re.findall(r'name="hours"[^>]*value="([^"]*)"', ada.get(page).text)
    assert shown[0].isalpha(), "days by their names"
    ada.post(f"{page}/hours", hours=shown, country="")
    assert WeeklyHours.parse(team(cast).hours) == WeeklyHours.parse(meant)


@pytest.mark.parametrize(
    "act", ["describe", "hours", "closures", "closures/1/remove", "promises", "ladder", "texts/en/promised"]
)
def test_a_form_without_its_token_changes_nothing(ada: Visitor, cast: Cast, act: str, app: Flask) -> None:
    answer = ada.client.post(f"/setup/teams/{cast.care.id}/{act}", data={"name": "X", "hours": "0:1-2"})
    assert answer.status_code == 400
    assert (team(cast).name, team(cast).hours) == ("Care", "0-4:9-18")


def test_a_team_that_is_not_there_is_not_found(ada: Visitor) -> None:
    for address in ("/setup/teams/99", "/setup/teams/99/texts", "/setup/teams/99/texts/en/promised"):
        assert ada.get(address).status_code == 404, address
    assert ada.post("/setup/teams/99/describe", name="X").status_code == 404


def test_a_new_team_leads_to_its_page(ada: Visitor) -> None:
    answer = ada.post("/setup", name="Returns", zone="Europe/Madrid", region="es", language="es")
    assert "Returns" in words(ada.get(answer.location))
    refused = ada.post("/setup", name="Returns", zone="Europe/Madrid", region="es", language="es")
    assert refused.status_code == 422
    assert "There is a team called Returns already" in words(refused)


def test_name_zone_country_and_language_are_corrected(ada: Visitor, cast: Cast) -> None:
    ada.post(
        f"/setup/teams/{cast.care.id}/describe", name="Help", zone="Europe/Paris", region="fr", language="fr"
    )
    now = team(cast)
    assert (now.name, now.zone, now.region, now.language) == ("Help", "Europe/Paris", "FR", "fr")


def test_hours_are_echoed_in_words(ada: Visitor, cast: Cast) -> None:
    answer = ada.post(f"/setup/teams/{cast.care.id}/hours", hours="0-4:9-12, 0-4:13-17,5:10-14", country="")
    assert "Monday to Friday 13:00\N{EN DASH}17:00; Saturday 10:00\N{EN DASH}14:00." in words(
        ada.get(answer.location)
    )
    assert team(cast).hours == "0-4:9-12,0-4:13-17,5:10-14"
    assert ada.post("/setup/hours", hours="5-6:22-6").text == "Saturday and Sunday 22:00\N{EN DASH}06:00."
    assert "is not understood" in ada.post("/setup/hours", hours="<b>").text
    assert "<b>" not in ada.post("/setup/hours", hours="<b>").text


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "Never."),
        ("0-6:0-24", "Day and night, all week."),
        ("0:0-24", "Monday 00:00\N{EN DASH}24:00."),
        ("2:9:30-12", "Wednesday 09:30\N{EN DASH}12:00."),
    ],
)
def test_hours_in_words(spec: str, said: str, app: Flask) -> None:
    with app.test_request_context():
        assert hours.in_words(WeeklyHours.parse(spec)) == said


def test_public_holidays_are_chosen_and_shown(ada: Visitor, cast: Cast) -> None:
    ada.post(f"/setup/teams/{cast.care.id}/hours", hours="0-4:9-18", country="GB", part="sct")
    assert team(cast).holidays == "GB-SCT"
    page = words(ada.get(f"/setup/teams/{cast.care.id}"))
    assert "Next: Mon 30 Nov Saint Andrew's Day" in page
    ada.post(f"/setup/teams/{cast.care.id}/hours", hours="0-4:9-18", country="", part="")
    assert team(cast).holidays is None


def test_closures_are_added_and_taken_away(ada: Visitor, cast: Cast) -> None:
    path = f"/setup/teams/{cast.care.id}/closures"
    for _ in range(2):  # a second time it is there already
        ada.post(path, starts_at="2026-12-24T12:00", ends_at="2026-12-27T00:00", reason="Christmas")
    page = words(ada.get(f"/setup/teams/{cast.care.id}"))
    assert "Christmas Thu 24 Dec, 12:00 \N{EN DASH} Sun 27 Dec, 00:00" in page
    with cast.sessions() as session:
        number = session.scalars(select(Closure.id)).one()
    assert ada.post(f"/setup/teams/{cast.sales.id}/closures/{number}/remove").status_code == 404
    assert ada.post(f"{path}/{number}/remove").status_code == 302
    assert ada.post(f"{path}/{number}/remove").status_code == 404
    assert "No closure lies ahead." in words(ada.get(f"/setup/teams/{cast.care.id}"))


@pytest.mark.parametrize(
    ("act", "typed", "sentence"),
    [
        ("describe", {"name": "", "zone": "UTC", "region": "GB", "language": "en"}, "name is missing"),
        ("describe", {"name": "Sales", "zone": "UTC", "region": "GB", "language": "en"}, "Sales already"),
        ("describe", {"name": "A", "zone": "Nowhere", "region": "GB", "language": "en"}, "no time zone"),
        ("describe", {"name": "A", "zone": "UTC", "region": "QQ", "language": "en"}, "no country"),
        ("describe", {"name": "A", "zone": "UTC", "region": "GB", "language": "xx"}, "one of these lang"),
        ("hours", {"hours": "all day"}, "'all day' is not understood"),
        ("hours", {"hours": ""}, "A team works at some time"),
        ("hours", {"hours": "0:9-18," * 80 + "0:9-18"}, "400 is the most"),
        ("hours", {"hours": "0:9-18", "country": "QQ"}, "No public holidays are known for QQ"),
        ("hours", {"hours": "0:9-18", "country": "DE", "part": "XX"}, "No public holidays are known for XX"),
        ("hours", {"hours": "0:9-18", "part": "NY"}, "Choose the country of that part too"),
        ("closures", {"starts_at": "", "ends_at": "", "reason": "x"}, "Give the date and the time"),
        (
            "closures",
            {"starts_at": "2026-12-24T12:00", "ends_at": "2026-12-24T11:00", "reason": "x"},
            "It ends before it has begun",
        ),
        (
            "closures",
            {"starts_at": "2026-11-01T12:00", "ends_at": "2026-11-02T11:00", "reason": "x"},
            "That time is over already",
        ),
        (
            "closures",
            {"starts_at": "2026-12-24T12:00", "ends_at": "2026-12-25T11:00", "reason": ""},
            "The reason is missing",
        ),
        ("promises", {"kinds": "x" * 41, "tries": "3"}, "40 is the most"),
        ("promises", {"kinds": ",".join(map(str, range(21))), "tries": "3"}, "20 is the most"),
        ("promises", {"kinds": "", "tries": "0"}, "a number of tries from 1 to 20"),
        ("promises", {"kinds": "", "tries": "many"}, "a number of tries from 1 to 20"),
        ("promises", {"kinds": "", "tries": "3", "sender": "MGxyz"}, "the name of a messaging service"),
    ],
)
def test_what_cannot_be_gets_one_sentence_and_changes_nothing(
    ada: Visitor, cast: Cast, act: str, typed: dict[str, str], sentence: str
) -> None:
    before = vars(team(cast)).copy()
    answer = ada.post(f"/setup/teams/{cast.care.id}/{act}", **typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert answer.text.count('role="alert"') == 1
    after = vars(team(cast)).copy()
    assert {**before, "_sa_instance_state": 0} == {**after, "_sa_instance_state": 0}
    with cast.sessions() as session:
        assert session.scalars(select(Closure)).all() == []


def test_kinds_tries_and_sender(ada: Visitor, cast: Cast) -> None:
    path = f"/setup/teams/{cast.care.id}/promises"
    ada.post(path, kinds="Loan car, callback, loan  car,second opinion", tries="5", sender="020 7946 0018")
    now = team(cast)
    assert (now.kinds, now.tries, now.sender) == (["loan car", "second opinion"], 5, "+442079460018")
    assert "Loan car" in words(ada.get(f"/new?owner={cast.ana.id}"))
    ada.post(path, kinds="", tries="3", sender="MG" + "0a" * 16)
    assert team(cast).sender == "MG" + "0a" * 16
    ada.post(path, kinds="", tries="3", sender="")
    assert team(cast).sender is None


def test_a_changed_ladder_is_a_new_row_and_promises_keep_theirs(ada: Visitor, cast: Cast) -> None:
    number = cast.promised()
    page = ada.get(f"/setup/teams/{cast.care.id}").text
    answer = ada.post(f"/setup/teams/{cast.care.id}/ladder", **ladder_form(page))
    assert answer.status_code == 302
    with cast.sessions() as session:
        care = session.get_one(Team, cast.care.id)
        old = session.get_one(Commitment, number).ladder_id
        assert care.ladder_id != old
        assert session.get_one(LadderRow, old).steps == to_json(DEFAULT)
        assert care.ladder.steps == [
            {"offset": -1800, "effect": "remind owner", "working": True},
            {"offset": 600, "effect": "text customer"},
            {"offset": 86400, "effect": "tell supervisors", "every": 172800},
        ]
    drawn = words(ada.get(f"/setup/teams/{cast.care.id}"))
    assert (
        "30 min before remind the owner (working time) When it is due 10 min after text the customer" in drawn
    )
    assert "1 d after tell the supervisors, every 2 d until closed" in drawn


def test_a_step_that_repeats_once_is_said_as_what_it_is(ada: Visitor, cast: Cast) -> None:
    page = ada.get(f"/setup/teams/{cast.care.id}").text
    once = ladder_form(page, every=["1", "", "2"], times=["1", "", ""])
    assert ada.post(f"/setup/teams/{cast.care.id}/ladder", **once).status_code == 302
    drawn = words(ada.get(f"/setup/teams/{cast.care.id}"))
    assert "30 min before remind the owner (working time) When" in drawn


def test_a_ladder_that_did_not_change_stays_the_same_row(ada: Visitor, cast: Cast) -> None:
    page = ada.get(f"/setup/teams/{cast.care.id}").text
    rows = ladders.rows_of(DEFAULT)
    same = {name: [getattr(row, name) for row in rows] for name in ladders.FIELDS}
    ada.post(f"/setup/teams/{cast.care.id}/ladder", seen=hidden(page, "seen"), **same)
    assert team(cast).ladder_id == cast.care.ladder_id


@pytest.mark.parametrize("language", PAGES)
def test_no_line_of_the_drawing_runs_out_of_it(ada: Visitor, cast: Cast, language: str) -> None:
    ada.post("/language", language=language)
    drawn = re.findall(r'class="line-what[^>]*>([^<]+)<', ada.get(f"/setup/teams/{cast.care.id}").text)
    assert len(drawn) >= len(DEFAULT)
    assert max(map(len, drawn)) <= 42, "letters of 7 units in 300"


@pytest.mark.parametrize(
    ("at", "typed", "theirs"),
    [
        ("teams/{team}/describe", {"zone": "UTC", "region": "GB", "language": "en", "name": "Ours"}, "Mine"),
        ("teams/{team}/hours", {"hours": "0-4:8-17"}, "Mon-Fri 09:00-12:00"),
        ("teams/{team}/promises", {"tries": "4", "kinds": "loan car"}, "2"),
        (
            "people/{ana}",
            {"name": "Ana Ru", "email": "ana@example.org", "role": "agent", "zone": "UTC"},
            "Ana R",
        ),
    ],
)
def test_two_administrators_do_not_overwrite_one_another_unseen(
    ada: Visitor, cast: Cast, at: str, typed: dict[str, str], theirs: str
) -> None:
    path = "/setup/" + at.format(team=cast.care.id, ana=cast.ana.id)
    page = path if "people" in path else path.rpartition("/")[0]
    typed = typed | ({"team": str(cast.care.id), "language": "en"} if "people" in path else {})
    first = next(name for name in ("hours", "tries", "name") if name in typed)

    def seen(shown: str) -> str:
        form = shown[shown.index(f'action="{path}"') :]
        return hidden(form, "seen")

    mine = seen(ada.get(page).text)
    assert ada.post(path, **typed | {first: theirs}, seen=mine).status_code == 302
    late = ada.post(path, **typed, seen=mine)
    assert late.status_code == 409
    assert "Somebody else changed this meanwhile; saved is now: " in words(late)
    assert theirs in words(late)
    assert f'value="{typed[first]}"' in late.text
    assert ada.post(path, **typed, seen=seen(late.text)).status_code == 302


def test_two_administrators_do_not_overwrite_one_anothers_ladder(ada: Visitor, cast: Cast) -> None:
    page = ada.get(f"/setup/teams/{cast.care.id}").text
    path = f"/setup/teams/{cast.care.id}/ladder"
    ada.post(path, **ladder_form(page))
    theirs = team(cast).ladder_id
    late = ada.post(path, **ladder_form(page, amount=["45", "10", "1"]))
    assert late.status_code == 409
    assert "Somebody else changed this ladder meanwhile" in words(late)
    assert 'value="45"' in late.text
    assert team(cast).ladder_id == theirs
    assert ada.post(path, **ladder_form(late.text, amount=["45", "10", "1"])).status_code == 302
    assert team(cast).ladder_id != theirs


def test_a_ladder_can_be_drawn_before_it_is_saved(ada: Visitor, cast: Cast) -> None:
    page = ada.get(f"/setup/teams/{cast.care.id}").text
    answer = ada.post(f"/setup/teams/{cast.care.id}/ladder", **ladder_form(page, show="y"))
    assert answer.status_code == 200
    assert "30 min before remind the owner" in words(answer)
    assert team(cast).ladder_id == cast.care.ladder_id


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": ["30", "ten", "1"]}, "Give whole numbers"),
        ({"effect": ["remind owner", "sing", "tell supervisors"]}, "Give whole numbers"),
        ({"unit": ["min", "weeks", "d"]}, "Give whole numbers"),
        ({"amount": ["1", "99999999999", "1"]}, "Give whole numbers"),
        ({"amount": ["", "", ""]}, "A ladder ends with exactly one step that repeats"),
        ({"every": ["", "", ""]}, "A ladder ends with exactly one step that repeats"),
        ({"side": ["before", "before", "after"]}, "A customer is texted at or after the due time"),
        ({"amount": ["30", "10", "999"]}, "at most a year from the due time"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_gets_one_sentence(
    ada: Visitor, cast: Cast, changes: dict[str, list[str]], sentence: str
) -> None:
    page = ada.get(f"/setup/teams/{cast.care.id}").text
    answer = ada.post(f"/setup/teams/{cast.care.id}/ladder", **ladder_form(page, **changes))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert answer.text.count('role="alert"') == 1
    assert team(cast).ladder_id == cast.care.ladder_id
