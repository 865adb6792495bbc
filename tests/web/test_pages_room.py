"""The supervisor's live board: what goes wrong, and the one act that helps."""

import re

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.operations.test_reviewing import missed
from tests.visitor import Visitor, words
from tracker.escalation import climb
from tracker.model import Absence, Commitment, Message, MessageStatus, Person, Sender


def change(cast: Cast, number: int, **values: object) -> None:
    """Set columns of a promise, as a job would have."""
    with cast.sessions.begin() as session:
        for name, value in values.items():
            setattr(session.get_one(Commitment, number), name, value)


def picked(cast: Cast, *numbers: int) -> list[str]:
    """What ticking them sends."""
    with cast.sessions() as session:
        return [f"{number}:{session.get_one(Commitment, number).version}" for number in numbers]


def owner_of(cast: Cast, number: int) -> str:
    with cast.sessions() as session:
        return session.get_one(Commitment, number).owner.name


def test_a_quiet_board_says_so(sue: Visitor) -> None:
    assert "Nothing goes wrong right now." in words(sue.get("/supervisor"))


def test_each_promise_stands_in_the_worst_part_it_belongs_to_with_what_helps(
    sue: Visitor, cast: Cast
) -> None:
    cast.promised(minutes=10, topic="told of already")
    too_late = cast.promised(minutes=30, topic="only just late")
    risky = cast.promised(minutes=90, topic="at risk")
    cast.promised(minutes=95, topic="in good time")
    cast.promised(minutes=10, topic="zoe's", owner=cast.zoe)
    for _ in range(6):
        climb(cast.sessions, now=cast.clock.forward(6))
    change(cast, too_late, at_risk_at=cast.clock.now, chance=0.01)
    change(cast, risky, at_risk_at=cast.clock.now, chance=0.3)
    page = words(sue.get("/supervisor"))
    escalated, late, risk = (
        page.index(each) for each in ("told of already", "only just late", "At risk: can still")
    )
    assert escalated < page.index("Hand over to Ben Ito") < late < page.index("Call Maria") < risk
    assert page.index("Agree a new time") > risk
    assert re.findall(r"(\d+) % likely", page) == ["30"]
    assert "in good time" not in page
    assert "zoe's" not in page


def test_what_its_owner_will_not_be_there_for_goes_to_who_will(sue: Visitor, cast: Cast) -> None:
    cast.promised(minutes=90)
    with cast.sessions.begin() as session:
        session.add(Absence(person_id=cast.ana.id, starts_at=cast.clock.now))
    page = words(sue.get("/supervisor"))
    assert "Owner not at work when it is due 1" in page
    assert "Hand over to Ben Ito" in page


def test_one_press_hands_it_over(sue: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=10)
    with cast.sessions.begin() as session:
        session.add(Absence(person_id=cast.ana.id, starts_at=cast.clock.now))
    cast.clock.forward(20)
    page = sue.get("/supervisor").text
    sent = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("chosen", "to")}
    answer = sue.post("/supervisor/act", act="hand over", **{k: v[1] for k, v in sent.items() if v})
    assert answer.location == "/supervisor"
    assert owner_of(cast, number) == "Ben Ito"
    assert "Done for 1." in words(sue.get("/supervisor"))


def test_many_are_handed_over_at_once_and_what_changed_meanwhile_is_left_and_said(
    sue: Visitor, cast: Cast
) -> None:
    numbers = [cast.promised(minutes=10) for _ in range(3)]
    chosen = picked(cast, *numbers)
    sue.act(numbers[1], "revise", due_at="2026-11-19T18:00+00:00", reason="x")
    sue.post("/supervisor/act", act="hand over", to=cast.ben.id, chosen=chosen)
    assert [owner_of(cast, each) for each in numbers] == ["Ben Ito", "Ana Ruiz", "Ben Ito"]
    page = words(sue.get("/supervisor"))
    assert "Done for 2." in page
    assert f"{numbers[1]}: Somebody else changed this promise" in page


def test_the_owners_of_many_are_told(sue: Visitor, cast: Cast) -> None:
    numbers = [cast.promised(minutes=minutes) for minutes in (10, 300)]
    cast.tick(minutes=1)
    cast.clock.forward(15)
    sue.post("/supervisor/act", act="tell", chosen=picked(cast, *numbers))
    with cast.sessions() as session:
        waiting = select(Message.kind).where(Message.status == MessageStatus.PENDING).order_by(Message.id)
        assert session.scalars(waiting).all() == ["due", "reminder"]
    assert "Ana Ruiz was told of it again" in words(sue.get(f"/commitments/{numbers[0]}"))


def test_who_has_no_phone_cannot_be_told(sue: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=10)
    with cast.sessions.begin() as session:
        session.get_one(Person, cast.ana.id).phone = None
    sue.post("/supervisor/act", act="tell", chosen=picked(cast, number))
    assert "Ana Ruiz has no phone" in words(sue.get("/supervisor"))


@pytest.mark.parametrize(
    ("sent", "sentence"), [({"act": "tell"}, "Nothing was chosen"), ({"act": "again"}, "tick")]
)
def test_nothing_chosen_says_so(sue: Visitor, sent: dict[str, str], sentence: str) -> None:
    sue.post("/supervisor/act", **sent)
    assert sentence in words(sue.get("/supervisor"))
    assert sue.post("/supervisor/act", act="dance").status_code == 422


def test_a_text_that_failed_asks_for_a_call_until_somebody_has_tried(sue: Visitor, cast: Cast) -> None:
    number = cast.promised()
    with cast.sessions.begin() as session:
        text = session.scalars(select(Message)).one()
        text.status, text.send_after = MessageStatus.FAILED, None
    page = words(sue.get("/supervisor"))
    assert "failed the refund for order 1042 to Maria Lopez" in page
    assert "Call Maria" in page
    sue.act(number, "attempt", disposition="voicemail")
    assert "Texts gone wrong 1" not in words(sue.get("/supervisor"))


@pytest.mark.parametrize(
    ("decision", "status"), [("again", MessageStatus.PENDING), ("leave", MessageStatus.FAILED)]
)
def test_of_an_unknown_text_a_person_decides(
    sue: Visitor, cast: Cast, decision: str, status: MessageStatus
) -> None:
    ours, theirs = cast.promised(), cast.promised(owner=cast.zoe)
    with cast.sessions.begin() as session:
        for text in session.scalars(select(Message)):
            text.status, text.send_after = MessageStatus.UNKNOWN, None
        first = session.scalars(select(Message.id).where(Message.commitment_id != theirs)).one()
        other = session.scalars(select(Message.id).where(Message.commitment_id == theirs).limit(1)).one()
    page = sue.get("/supervisor").text
    assert "Send again" in page
    assert f"/texts/{other}" not in page
    address = f"/commitments/{ours}/texts/{first}"
    assert f'action="{address}"' in page
    assert sue.post(address, decision=decision, back="supervisor").location == "/supervisor"
    with cast.sessions() as session:
        assert session.get_one(Message, first).status is status


def test_many_unknown_texts_of_the_own_team_are_sent_again(sue: Visitor, cast: Cast) -> None:
    ours = [cast.promised() for _ in range(3)]
    cast.promised(owner=cast.zoe)
    with cast.sessions.begin() as session:
        for text in session.scalars(select(Message)):
            text.status, text.send_after = MessageStatus.UNKNOWN, None
        about = {
            row.commitment_id: row.id for row in session.scalars(select(Message).order_by(Message.id.desc()))
        }
    sent = [str(about[number]) for number in about if number not in ours[2:]]
    sue.post("/supervisor/act", act="again", text=sent)
    with cast.sessions() as session:
        again = select(Message.commitment_id).where(Message.status == MessageStatus.PENDING)
        assert {*session.scalars(again)} == {*ours[:2]}
    assert "There is no text number" in words(sue.get("/supervisor"))


def test_a_pause_of_sending_is_said_with_its_reason(sue: Visitor, cast: Cast) -> None:
    with cast.sessions.begin() as session:
        at = cast.clock.now
        session.add(Sender(address="+15005550006", paused_at=at, paused_until=at, error_code=20003))
    assert "No text has left since 14:00: the provider answers with error 20003" in words(
        sue.get("/supervisor")
    )


def test_the_board_is_asked_for_again_only_when_it_has_changed(sue: Visitor, cast: Cast) -> None:
    number = cast.promised(minutes=10)
    cast.clock.forward(20)
    first = sue.get("/supervisor/board", X_Fragment="1")
    tag = first.headers["ETag"]
    assert "<html" not in first.text
    assert sue.get("/supervisor/board", If_None_Match=tag).status_code == 304
    sue.act(number, "attempt", done="y")
    assert sue.get("/supervisor/board", If_None_Match=tag).status_code == 200


def test_an_administrator_chooses_the_team(ada: Visitor, sue: Visitor, cast: Cast) -> None:
    cast.promised(minutes=10, owner=cast.zoe, topic="zoe's")
    cast.clock.forward(20)
    assert "zoe's" not in words(ada.get("/supervisor"))
    assert "zoe's" in words(ada.get(f"/supervisor?team={cast.sales.id}"))
    assert ada.get("/supervisor?team=99").status_code == 404
    assert sue.get(f"/supervisor?team={cast.sales.id}").status_code == 404


def test_the_board_leads_to_what_waits_for_review(sue: Visitor, cast: Cast) -> None:
    missed(cast)
    page = sue.get("/supervisor")
    assert "1 To review" in words(page)
    assert 'href="/supervisor/reviews"' in page.text


def test_agents_cannot_steer(ana: Visitor, cast: Cast) -> None:
    number = cast.promised()
    assert ana.get("/supervisor").status_code == 403
    assert ana.get("/supervisor/board").status_code == 403
    sent = ana.post("/supervisor/act", act="hand over", to=cast.ben.id, chosen=picked(cast, number))
    assert sent.status_code == 403
    assert owner_of(cast, number) == "Ana Ruiz"


def test_a_supervisor_cannot_act_on_another_team(sue: Visitor, cast: Cast) -> None:
    theirs = cast.promised(owner=cast.zoe)
    sue.post("/supervisor/act", act="hand over", to=cast.ben.id, chosen=picked(cast, theirs))
    assert owner_of(cast, theirs) == "Zoe Fox"
    assert "There is no promise number" in words(sue.get("/supervisor"))


def test_the_wall_counts_and_names_nobody(ana: Visitor, cast: Cast) -> None:
    cast.promised(minutes=10)
    for minutes in (30, 40):
        cast.promised(minutes=minutes)
    risky = cast.promised(minutes=200)
    cast.promised(minutes=30, owner=cast.zoe)
    done = cast.promised(minutes=25)
    cast.clock.forward(20)
    change(cast, risky, at_risk_at=cast.clock.now)
    ana.act(done, "attempt", done="y")
    page = words(ana.get("/wall"))
    assert "Care 14:20 late 1 at risk 1 due this hour 2 kept today 1" in page
    assert "Maria" not in page
    tag = ana.get("/wall/numbers").headers["ETag"]
    assert ana.get("/wall/numbers", If_None_Match=tag).status_code == 304
    cast.clock.forward(15)
    assert "late 2" in words(ana.get("/wall/numbers", If_None_Match=tag))


def test_the_wall_of_an_administrator_is_everybodys_or_one_teams(ada: Visitor, cast: Cast) -> None:
    cast.promised(minutes=30)
    cast.promised(minutes=30, owner=cast.zoe)
    assert "due this hour 2" in words(ada.get("/wall"))
    assert "due this hour 1" in words(ada.get(f"/wall?team={cast.sales.id}"))
    assert ada.get("/wall?team=99").status_code == 404
