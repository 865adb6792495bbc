"""The page of the self-audit: what is wrong with the promises of one's team, at this moment."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from tests.cast import Cast
from tests.visitor import Visitor, words
from tracker.model import Commitment, Message, Person

PAGE = "/supervisor/audit"


def leave(cast: Cast, who: Person) -> None:
    with cast.sessions.begin() as session:
        session.execute(update(Person).where(Person.id == who.id).values(active=False))


def test_a_sound_house_says_so(cast: Cast, enter: Callable[[Person], Visitor]) -> None:
    cast.promised()
    said = words(enter(cast.sue).get(PAGE))
    assert "Every promise holds what the house promises." in said


def test_what_is_wrong_is_named_with_the_promise_it_concerns(
    cast: Cast, enter: Callable[[Person], Visitor]
) -> None:
    number = cast.promised()
    leave(cast, cast.ana)
    answer = enter(cast.sue).get(PAGE)
    said = words(answer)
    assert "Findings 1" in said
    assert "Nobody who works in the team answers for it" in said
    assert "Ana Ruiz owns it but has left" in said
    assert f'href="/commitments/{number}"' in answer.text


def test_a_backlog_is_said_once_and_leads_to_its_promises(
    cast: Cast, enter: Callable[[Person], Visitor]
) -> None:
    numbers = [cast.promised(topic=f"order {n}") for n in range(23)]
    with cast.sessions.begin() as session:
        session.execute(update(Message).values(send_after=cast.clock.now))
    cast.clock.forward(20)
    answer = enter(cast.sue).get(PAGE)
    said = words(answer)
    assert "Findings 1" in said
    assert "texts of Care that should have left: " in said
    assert "Also about: order 1 , order 2 , " in said
    assert "order 20 and 2 more" in said
    assert f'href="/commitments/{numbers[20]}"' in answer.text


def test_each_sees_their_own_team_an_admin_all_and_an_agent_nothing(
    cast: Cast, enter: Callable[[Person], Visitor]
) -> None:
    cast.promised(owner=cast.zoe)
    leave(cast, cast.zoe)
    assert "Findings 0" in words(enter(cast.sue).get(PAGE))
    assert "Zoe Fox owns it but has left" in words(enter(cast.ada).get(PAGE))
    assert enter(cast.ana).get(PAGE).status_code == 403


def test_a_worker_that_stands_still_is_one_finding_however_many_promises_wait_for_it(
    cast: Cast, enter: Callable[[Person], Visitor]
) -> None:
    for _ in range(3):
        cast.promised()
    with cast.sessions.begin() as session:
        session.execute(update(Commitment).values(next_step_at=cast.clock.now))
        session.execute(update(Message).values(send_after=cast.clock.now + timedelta(hours=1)))
    cast.clock.forward(20)
    said = words(enter(cast.sue).get(PAGE))
    assert "Findings 1" in said
    assert "steps of Care that should have been climbed: 3, the oldest since " in said


def test_what_a_dropped_check_lets_through_is_cut_short(
    cast: Cast, enter: Callable[[Person], Visitor], queries: Callable[[], object]
) -> None:
    with cast.sessions.begin() as session:
        for _ in range(501):
            cast.promise(session)
        session.flush()
        session.execute(update(Commitment).values(owner_id=cast.zoe.id))
    visitor = enter(cast.sue)
    with queries() as sent:  # type: ignore[attr-defined] # a context manager
        said = words(visitor.get(PAGE))
    assert "Findings 500" in said
    assert "There is more than is shown here." in said
    assert len(sent) <= 8, "however many findings there are"
