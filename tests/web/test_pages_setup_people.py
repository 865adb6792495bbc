"""What an administrator changes about a person, and what everybody changes about themselves."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.cast import PASSWORD, Cast
from tests.visitor import Visitor, words
from tracker.model import Commitment, Person, Role


def row(cast: Cast, person: Person) -> Person:
    """That person as they are now."""
    with cast.sessions() as session:
        return session.get_one(Person, person.id)


def owners(cast: Cast) -> list[int]:
    """Who owns the promises, in the order they were made."""
    with cast.sessions() as session:
        return list(session.scalars(select(Commitment.owner_id).order_by(Commitment.id)))


def details(cast: Cast, **changes: object) -> dict[str, object]:
    """Ana's form, but for the changes."""
    return {
        "name": "Ana Ruiz",
        "email": "ana@example.org",
        "role": "agent",
        "team": cast.care.id,
        "phone": "+447700900001",
        "zone": "Europe/London",
        "language": "en",
        "shifts": "",
        **changes,
    }


def test_wherever_a_zone_can_be_given_every_zone_is_offered(ada: Visitor, cast: Cast) -> None:
    for path in (f"/setup/people/{cast.ana.id}", "/me", "/new", "/setup", f"/setup/teams/{cast.care.id}"):
        page = ada.get(path).text
        assert 'list="zones"' in page, path
        assert '<option value="America/Argentina/Buenos_Aires"><option' in page, path


def test_everything_about_a_person_can_be_set(ada: Visitor, cast: Cast) -> None:
    path = f"/setup/people/{cast.ana.id}"
    given = details(
        cast,
        name="Ana Vega",
        email="VEGA@example.org",
        role="supervisor",
        phone="07700 900009",
        zone="Europe/Madrid",
        language="es",
        shifts="Mon-Wed 9 - 13",
    )
    assert ada.post(path, **given).status_code == 302
    now = row(cast, cast.ana)
    assert (now.name, now.email, now.role) == ("Ana Vega", "vega@example.org", Role.SUPERVISOR)
    assert (now.phone, now.zone, now.language, now.shifts) == (
        "+447700900009",
        "Europe/Madrid",
        "es",
        "0-2:9-13",
    )
    ada.post(path, **{**given, "phone": "", "shifts": ""})
    assert (row(cast, cast.ana).phone, row(cast, cast.ana).shifts) == (None, None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "The name is missing"),
        ({"email": "ben@example.org"}, "belongs to somebody already"),
        ({"email": "ana"}, "is not an e-mail address"),
        ({"role": "king"}, "Choose one of these"),
        ({"team": ""}, "works in a team"),
        ({"team": 99}, "There is no such team"),
        ({"phone": "1"}, "is not a phone number"),
        ({"zone": "Nowhere"}, "There is no time zone"),
        ({"language": "xx"}, "Choose one of these languages"),
        ({"shifts": "mornings"}, "'mornings' is not understood"),
    ],
)
def test_what_cannot_be_gets_one_sentence_and_changes_nothing(
    ada: Visitor, cast: Cast, changes: dict[str, object], sentence: str
) -> None:
    answer = ada.post(f"/setup/people/{cast.ana.id}", **details(cast, zone="Europe/Rome") | changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert answer.text.count('role="alert"') == 1
    assert row(cast, cast.ana).zone == "Europe/London"


def test_who_leaves_hands_over_and_can_come_back(
    ada: Visitor, ana: Visitor, visitor: Visitor, cast: Cast
) -> None:
    cast.promised()
    cast.promised(minutes=90, topic="the invoice")
    path = f"/setup/people/{cast.ana.id}"
    assert "Their 2 open promises go to colleagues" in words(ada.get(path))
    page = words(ada.get(ada.post(f"{path}/leave").location))
    assert "2 promises that are due meanwhile were handed over, and the customers told: Ben Ito (2)." in page
    assert "works here no longer" in page
    assert owners(cast) == [cast.ben.id, cast.ben.id]
    assert ana.get("/").status_code == 302
    assert "Ana Ruiz" in words(ada.get("/people"))
    assert "Ana Ruiz" not in words(ada.get("/new"))
    ada.post(f"{path}/return")
    assert row(cast, cast.ana).active
    assert ana.get("/").status_code == 302  # the old log-in stays ended
    visitor.log_in(cast.ana.email)
    assert visitor.get("/").status_code == 200


def test_nobody_leaves_whose_promises_nobody_could_keep(ada: Visitor, cast: Cast) -> None:
    cast.promised(owner=cast.zoe)
    answer = ada.post(f"/setup/people/{cast.zoe.id}/leave")
    assert answer.status_code == 422
    assert "Open promises of Zoe Fox for which nobody else of Sales is ever on duty: 1." in words(answer)
    assert owners(cast) == [cast.zoe.id]
    assert row(cast, cast.zoe).active


def test_who_changes_teams_leaves_their_promises_with_the_old_one(ada: Visitor, cast: Cast) -> None:
    cast.promised()
    ada.post(f"/setup/people/{cast.ana.id}", **details(cast, team=cast.sales.id))
    assert owners(cast) == [cast.ben.id]
    assert row(cast, cast.ana).team_id == cast.sales.id
    assert row(cast, cast.ana).active


def test_other_shifts_move_what_is_due_outside_them(ada: Visitor, cast: Cast) -> None:
    cast.promised(minutes=60)
    cast.promised(minutes=60 * 24 * 4)
    answer = ada.post(f"/setup/people/{cast.ana.id}", **details(cast, shifts="0-2:9-18"))
    assert owners(cast) == [cast.ben.id, cast.ana.id]
    assert "Ben Ito (1)" in words(ada.get(answer.location))


def test_the_last_administrator_stays_one(ada: Visitor, cast: Cast) -> None:
    path = f"/setup/people/{cast.ada.id}"
    assert "You cannot end your own work here" in words(ada.post(f"{path}/leave"))
    given = details(cast, name="Ada Lund", email="ada@example.org", phone="")
    assert "is the only administrator" in words(ada.post(path, **given))
    assert row(cast, cast.ada).role is Role.ADMIN
    ada.post(f"/setup/people/{cast.sue.id}", **details(cast, email="sue@example.org", role="admin"))
    assert ada.post(path, **given).status_code == 302
    assert row(cast, cast.ada).role is Role.AGENT
    assert ada.get("/setup").status_code == 403


def test_somebody_who_never_was_is_not_found(ada: Visitor) -> None:
    assert ada.get("/setup/people/99").status_code == 404
    assert ada.post("/setup/people/99/leave").status_code == 404


def test_everybody_changes_their_own_password(
    ana: Visitor, enter: Callable[[Person], Visitor], cast: Cast
) -> None:
    elsewhere = enter(cast.ana)
    wrong = ana.post("/me/password", old="not it at all", password="a longer one")
    assert (wrong.status_code, "That is not your present password." in words(wrong)) == (422, True)
    short = ana.post("/me/password", old=PASSWORD, password="short")
    assert (short.status_code, "at least 10 characters" in words(short)) == (422, True)
    assert "not it at all" not in wrong.text
    answer = ana.post("/me/password", old=PASSWORD, password="a longer one")
    assert "your other log-ins have ended" in words(ana.get(answer.location))
    assert elsewhere.get("/").status_code == 302


def test_everybody_chooses_their_own_zone_and_language(ana: Visitor, cast: Cast) -> None:
    for typed, field in (
        ({"zone": "Moon", "language": "en"}, "zone"),
        ({"zone": "UTC", "language": "xx"}, "lang"),
    ):
        answer = ana.post("/me", **typed)
        assert (answer.status_code, field in words(answer)) == (422, True)
    assert row(cast, cast.ana).zone == "Europe/London"
    ana.post("/me", zone="Asia/Tokyo", language="es")
    assert (row(cast, cast.ana).zone, row(cast, cast.ana).language) == ("Asia/Tokyo", "es")


def test_settings_of_ones_own_need_a_log_in(visitor: Visitor) -> None:
    assert visitor.get("/me").status_code == 302
