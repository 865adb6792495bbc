"""Two administrators press their buttons within the same millisecond: exactly one is taken, the other is told."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from tests.at_once import overtaken
from tests.cast import Cast
from tests.visitor import Visitor, hidden, words
from tracker.model import Absence, Person, Role, Team
from tracker.policy.ladder import DEFAULT
from web.setup import ladders

Enter = Callable[[Person], Visitor]
ANA = {"name": "Ana Ruiz", "email": "ana@example.org", "role": "agent", "zone": "UTC", "language": "en"}
TEXT = "{team}, {given_name}: {topic} {will}"


def ladder(first: str) -> Mapping[str, list[str]]:
    """The usual ladder, but for when it begins."""
    rows = ladders.rows_of(DEFAULT)
    columns = {name: [getattr(row, name) for row in rows] for name in ladders.FIELDS}
    return {**columns, "amount": [first, *columns["amount"][1:]]}


@pytest.mark.parametrize(
    ("at", "one", "other"),
    [
        (
            "teams/{care}/describe",
            {"name": "Mine", "zone": "UTC", "region": "GB", "language": "en"},
            {"name": "Ours", "zone": "UTC", "region": "GB", "language": "en"},
        ),
        ("teams/{care}/hours", {"hours": "0-4:9-12"}, {"hours": "0-4:8-17"}),
        ("teams/{care}/promises", {"tries": "2"}, {"tries": "4"}),
        ("teams/{care}/ladder", ladder("20"), ladder("45")),
        ("teams/{care}/texts/en/promised", {"template": TEXT}, {"template": f"{TEXT}!"}),
        ("people/{ana}", ANA | {"phone": "07700 900008"}, ANA | {"phone": "07700 900009"}),
    ],
)
def test_of_two_who_save_the_same_form_at_once_one_is_told(
    engine: Engine, enter: Enter, cast: Cast, at: str, one: Mapping[str, object], other: Mapping[str, object]
) -> None:
    path = "/setup/" + at.format(care=cast.care.id, ana=cast.ana.id)
    mine, theirs = enter(cast.ada), enter(cast.ada)
    page = mine.get(f"/setup/teams/{cast.care.id}" if mine.get(path).status_code == 405 else path).text
    form = page[page.index(f'action="{path}"') :]
    given = {"seen": hidden(form, "seen"), **({"team": cast.care.id} if "people" in at else {})}
    taken, refused = overtaken(
        engine, lambda: mine.post(path, **given, **one), lambda: theirs.post(path, **given, **other)
    )
    assert (taken.status_code, refused.status_code) == (302, 409)
    assert "Somebody else changed th" in words(refused)


def test_the_last_two_administrators_cannot_end_one_another_at_once(
    engine: Engine, enter: Enter, cast: Cast
) -> None:
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.sue.id).role = Role.ADMIN
    ada, sue = enter(cast.ada), enter(cast.sue)
    taken, refused = overtaken(
        engine,
        lambda: ada.post(f"/setup/people/{cast.sue.id}/leave"),
        lambda: sue.post(f"/setup/people/{cast.ada.id}/leave"),
    )
    assert (taken.status_code, refused.status_code) == (302, 422)
    assert "Ada Lund is the only administrator" in words(refused)


def test_of_two_who_mark_somebody_away_at_once_one_is_told_and_may_insist(
    engine: Engine, enter: Enter, cast: Cast
) -> None:
    sue, ada = enter(cast.sue), enter(cast.ada)
    path = f"/people/{cast.ana.id}/away"
    form = sue.get("/people").text.split(f'action="{path}"')[1]
    taken, refused = overtaken(
        engine,
        lambda: sue.post(path, until="2026-11-19T17:00", seen=hidden(form, "seen")),
        lambda: ada.post(path, until="2026-11-20T17:00", seen=hidden(form, "seen")),
    )
    assert (taken.status_code, refused.status_code) == (302, 409)
    assert "saved is now: away until 17:00. Save again to use yours instead." in words(refused)
    assert absences(cast) == [datetime(2026, 11, 19, 17, tzinfo=UTC)]
    form = refused.text.split(f'action="{path}"')[1]
    again = {"until": "2026-11-20T17:00", "seen": hidden(form, "seen")}
    assert f'value="{again["until"]}"' in form, "what was typed is still there"
    assert ada.post(path, **again).status_code == 302
    assert absences(cast) == [datetime(2026, 11, 20, 17, tzinfo=UTC)]


@pytest.mark.parametrize("until", ["", "2026-11-20T17:00"])
def test_who_is_marked_away_twice_alike_is_away_once(enter: Enter, cast: Cast, until: str) -> None:
    sue, ada = enter(cast.sue), enter(cast.ada)
    path = f"/people/{cast.ana.id}/away"
    typed = {"until": until, "seen": hidden(sue.get("/people").text, "seen")}
    for each in (sue, ada):
        assert each.post(path, **typed).status_code == 302
        cast.clock.forward(1)
    assert len(absences(cast)) == 1


def absences(cast: Cast) -> list[datetime | None]:
    """Until when Ana is away, for each absence that is written down."""
    with cast.sessions() as session:
        return list(session.scalars(select(Absence.ends_at).where(Absence.person_id == cast.ana.id)))


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/setup", {"name": "Returns", "zone": "UTC", "region": "GB", "language": "en"}),
        ("/people", {"name": "Kim Oh", "email": "kim@example.org", "role": "admin"}),
    ],
)
def test_what_two_add_at_once_is_there_once_and_nothing_breaks(
    engine: Engine, enter: Enter, cast: Cast, path: str, typed: dict[str, str]
) -> None:
    mine, theirs = enter(cast.ada), enter(cast.ada)
    taken, refused = overtaken(engine, lambda: mine.post(path, **typed), lambda: theirs.post(path, **typed))
    assert taken.status_code == 302
    assert refused.status_code == {"postgresql": 409, "sqlite": 422}[engine.dialect.name]
    kind = Team if path == "/setup" else Person
    with cast.sessions() as session:
        assert session.scalars(select(kind).where(kind.name == typed["name"])).one()
