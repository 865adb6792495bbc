"""A promise at two for three o'clock, and what happens if nobody keeps it."""

from sqlalchemy import select

from tests.journeys.town import Town
from tests.visitor import Visitor, pages_over
from tracker.audit import audit
from tracker.model import Commitment, Message, MessageStatus
from tracker.policy.outcomes import Verdict


def test_promised_at_two_for_three_forgotten_and_saved_by_a_colleague(town: Town) -> None:
    app = pages_over(town.house)
    ana, ben = Visitor(app.test_client()), Visitor(app.test_client())
    ana.log_in("ana@example.org")
    answer = ana.post(
        "/new",
        phone="07700 900100",
        topic="the refund for order 1042",
        kind="callback",
        exact="2026-11-19T15:00",
        exact_zone="mine",
        owner=str(town.cast.ana.id),
    )
    assert answer.status_code == 302, answer.text
    town.tick()
    assert town.all_phones() == [("14:00", "Maria", "Care")]
    assert town.phone(town.cast.maria.phone) == [
        '14:00 Care: Hi Maria, Ana will call you back by today 15:00 about "the refund for order 1042". '
        f"{town.house.settings.links.to(1)} Reply STOP to opt out. #1"
    ]

    town.forward(240)  # Ana forgets, and goes home

    assert town.all_phones() == [
        ("14:00", "Maria", "Care"),
        ("14:45", "Ana", "Due soon"),
        ("15:00", "Ana", "Due now"),
        ("15:15", "Maria", "Care"),
        ("15:15", "Sue", "Late"),
        ("16:00", "Ben", "Yours now"),
    ]
    assert town.phone(town.cast.maria.phone)[1] == (
        '15:15 Care: Hi Maria, sorry we are late with your callback about "the refund for order 1042", '
        "promised by today 15:00. A colleague steps in by 16:00. #5"
    )

    town.simulator.reply(town.cast.maria.phone, "Please ring my mobile")
    ben.log_in("ben@example.org")
    assert "Please ring my mobile" in ben.get("/commitments/1").text
    assert ben.act(1, "attempt", disposition="reached", done="1").status_code == 302
    town.forward(2 * 24 * 60, stride=60)

    assert len(town.all_phones()) == 7, "after closing nobody hears of it again, but for one question"
    assert "did we keep our promise" in town.phone(town.cast.maria.phone)[-1]
    with town.house.readers() as session:
        kept = session.get_one(Commitment, 1)
        assert kept.verdict is Verdict.LATE, "saved, but late: the first promise is always scored"
        fates = session.scalars(select(Message.status).where(Message.sent_at.is_not(None))).all()
        assert set(fates) == {MessageStatus.DELIVERED}
        assert audit(session, now=town.cast.clock.now).findings == ()


def test_a_promise_kept_in_time_reminds_once_and_texts_no_apology(town: Town) -> None:
    number = town.cast.promised()
    town.tick()
    town.forward(50)
    app = pages_over(town.house)
    ana = Visitor(app.test_client())
    ana.log_in("ana@example.org")
    ana.act(number, "attempt", disposition="reached", done="1")
    town.forward(24 * 60, stride=60)
    assert town.all_phones() == [
        ("14:00", "Maria", "Care"),
        ("14:45", "Ana", "Due soon"),
        ("15:50", "Maria", "Care"),  # whether it was kept
    ]
    with town.house.readers() as session:
        assert session.get_one(Commitment, number).verdict is Verdict.KEPT_ON_TIME


def test_a_customer_who_says_stop_gets_the_call_and_no_more_texts(town: Town) -> None:
    number = town.cast.promised()
    town.tick()
    town.simulator.reply(town.cast.maria.phone, "Stop")
    town.forward(120)
    ours = [text for text in town.simulator.phones[town.cast.maria.phone] if not text.automatic]
    assert [text.body.split(":")[0] for text in ours] == ["Care", "Stop"]
    with town.house.readers() as session:
        assert session.get_one(Commitment, number).closed_at is None
