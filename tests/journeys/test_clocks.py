"""The clock is not a line: nights in which it is set forward and back, jumps of an hour, three days of sleep."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.chaos.score import audited
from tests.journeys.town import Town
from tests.visitor import Visitor, pages_over, words
from tracker import people
from tracker.escalation import climb
from tracker.model import Commitment, Customer, Event, EventKind, Message, MessageStatus, Person, Team

NIGHTS = [
    ("Europe/London", "2027-03-28", -60),
    ("Europe/London", "2027-10-31", 60),
    ("America/New_York", "2027-03-14", -60),
    ("America/New_York", "2027-11-07", 60),
    ("Australia/Lord_Howe", "2027-10-03", -30),
    ("Australia/Lord_Howe", "2027-04-04", 30),
]
"""Zone, the day that begins with the change, and by how many minutes that night is longer."""
nights = pytest.mark.parametrize(  # what clocks do is no matter of the database: the nights take turns
    ("zone", "day", "longer", "engine"),
    [(*night, ("sqlite", "postgresql")[n % 2]) for n, night in enumerate(NIGHTS)],
    indirect=["engine"],
)


def move_to(town: Town, zone: str, local: str) -> None:
    """Everybody lives and works in that zone, at all hours, and it is then."""
    # In UTC, for a sum of a local time and a span is a sum of what clocks show.
    town.cast.clock.now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    with town.cast.sessions.begin() as session:
        for row in (*session.scalars(select(Team)), *session.scalars(select(Person))):
            row.zone = zone
        for team in session.scalars(select(Team)):
            team.hours = "0-6:0-24"
        session.get_one(Customer, town.cast.maria.id).zone = zone


def climbed(town: Town) -> list[tuple[int | None, datetime]]:
    with town.cast.sessions() as session:
        events = session.scalars(
            select(Event).where(Event.kind == EventKind.CLIMBED).order_by(Event.id)
        ).all()
        return [(event.step, event.at) for event in events]


Rows = TypeVar("Rows", Event, Message)


def all_of(town: Town, rows: type[Rows]) -> Sequence[Rows]:
    with town.cast.sessions() as session:
        return session.scalars(select(rows)).all()


def bodies(town: Town) -> list[str]:
    """Every text that we sent, as it arrived."""
    return [text.body for texts in town.simulator.phones.values() for text in texts if not text.automatic]


def texts_by_phone(town: Town) -> Counter[str]:
    return Counter({number: len(texts) for number, texts in town.simulator.phones.items()})


def evening_before(day: str) -> str:
    return (datetime.fromisoformat(day) - timedelta(days=1)).date().isoformat()


@nights
def test_in_a_night_of_change_the_ladder_keeps_to_minutes_that_pass(
    town: Town, zone: str, day: str, longer: int
) -> None:
    move_to(town, zone, f"{day}T00:20")
    town.cast.promised(minutes=85)  # 01:45, if the clock did not change
    due_at = town.cast.clock.now + timedelta(minutes=85)
    town.forward(180, stride=5)
    assert climbed(town) == [
        (step, due_at + timedelta(minutes=minutes)) for step, minutes in enumerate((-15, 0, 15, 15, 60))
    ]
    with town.cast.sessions() as session:
        following = session.get_one(Commitment, 1).next_step_at
        assert following == due_at + timedelta(hours=24)
        assert audited(session, town.cast.clock.now) == []


@nights
def test_what_quiet_hours_hold_back_comes_at_eight_on_the_clock_of_that_morning(
    town: Town, zone: str, day: str, longer: int
) -> None:
    move_to(town, zone, f"{evening_before(day)}T20:50")
    began = town.cast.clock.now
    town.cast.promised(minutes=10)
    town.forward(14 * 60, stride=10)
    apologies = [text for text in town.simulator.phones[town.cast.maria.phone] if "sorry" in text.body]
    (apology,) = apologies
    local = apology.at.astimezone(ZoneInfo(zone))
    assert (local.date().isoformat(), local.hour, local.minute) == (day, 8, 0)
    assert apology.at - began == timedelta(hours=11, minutes=10 + longer)


@nights
def test_a_time_that_is_typed_or_pressed_the_evening_before_is_what_the_clock_will_show(
    town: Town, zone: str, day: str, longer: int
) -> None:
    move_to(town, zone, f"{evening_before(day)}T16:00")
    ana = Visitor(pages_over(town.house).test_client())
    ana.log_in("ana@example.org")
    page = ana.get("/new")
    assert "Tomorrow morning 12:00" in words(page)
    skipped = longer < 0
    typed = {
        "10:30": True,
        "00:30": True,
        "02:15" if zone.startswith("A") else "01:15": not skipped,
    }
    for clock, exists in typed.items():
        meant = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone))
        answer = ana.post(
            "/new", phone="07700 900100", topic=clock, kind="callback", exact=f"{day}T{clock}",
            exact_zone="mine", owner=str(town.cast.ana.id), confirmed=meant.isoformat(),
        )  # fmt: skip
        assert answer.status_code == (302 if exists else 422), words(answer)
        assert ("does not exist" in words(answer)) is not exists
    with town.cast.sessions() as session:
        promises = session.scalars(select(Commitment)).all()
        shown = {each.topic: each.due_at.astimezone(ZoneInfo(zone)) for each in promises}
    assert {topic: f"{at:%H:%M}" for topic, at in shown.items()} == {
        clock: clock for clock, exists in typed.items() if exists
    }
    assert all(at.fold == 0 for at in shown.values()), "of a time that comes twice the first is meant"


def test_a_clock_that_jumps_an_hour_forward_and_back_climbs_each_step_and_sends_each_text_once(
    town: Town,
) -> None:
    for minutes in (20, 40, 60, 80):
        town.cast.promised(minutes=minutes)
    town.forward(10)
    for jump in (60, -60, 60, -60):
        town.cast.clock.forward(jump)
        town.tick()
    town.forward(170)
    steps = Counter(
        (event.commitment_id, event.step) for event in all_of(town, Event) if event.kind is EventKind.CLIMBED
    )
    assert steps == {(number, step): 1 for number in range(1, 5) for step in range(5)}
    arrived = Counter(bodies(town))
    assert set(arrived.values()) == {1}, "each text has its own reference"
    with town.cast.sessions() as session:
        assert audited(session, town.cast.clock.now) == []


def test_two_workers_whose_clocks_are_an_hour_apart_climb_each_step_once(town: Town) -> None:
    number = town.cast.promised()
    for _ in range(40):
        town.forward(5, stride=5)
        climb(town.house.sessions, now=town.cast.clock.now + timedelta(hours=1))
    assert [step for step, _ in climbed(town)] == list(range(5))
    with town.cast.sessions() as session:
        assert session.get_one(Commitment, number).next_step == 5
        assert audited(session, town.cast.clock.now) == []


def test_after_three_days_of_sleep_each_step_is_taken_once_and_nobody_is_flooded(town: Town) -> None:
    customers = []
    with town.cast.sessions.begin() as session:
        care = session.get_one(Team, town.cast.care.id)
        for each in range(40):
            phone = f"+4477009{each + 200:05}"
            customers.append(
                people.find_or_add_customer(
                    session, phone=phone, name=f"Customer {each}", team=care, now=town.cast.clock.now
                )
            )
    for customer in customers:
        town.cast.promised(customer=customer, minutes=60)
    town.tick()  # that they are promised, they hear; then the only worker falls asleep until Sunday
    before = texts_by_phone(town)
    town.cast.clock.forward(3 * 24 * 60)
    town.tick()
    town.forward(55, stride=5)
    steps = Counter(
        (event.commitment_id, event.step) for event in all_of(town, Event) if event.step is not None
    )
    assert steps == {(number, step): 1 for number in range(1, 41) for step in range(6)}, "and one a day, once"
    since = texts_by_phone(town) - before
    assert all(since[customer.phone] <= 1 for customer in customers), "one apology"
    for person in (town.cast.ana, town.cast.ben, town.cast.sue):
        assert since[person.phone or ""] <= 10, "one text says it for many promises"
    reminders = [each for each in all_of(town, Message) if each.kind == "reminder"]
    assert {each.status for each in reminders} == {MessageStatus.SUPPRESSED}
    with town.cast.sessions() as session:
        assert audited(session, town.cast.clock.now) == []


def test_after_an_hour_of_sleep_nobody_is_reminded_of_a_time_that_has_come(town: Town) -> None:
    town.cast.promised(minutes=60)
    town.tick()
    town.cast.clock.forward(65)
    town.tick()
    (reminder,) = [each for each in all_of(town, Message) if each.kind == "reminder"]
    assert (reminder.status, reminder.reason) == (MessageStatus.SUPPRESSED, "too late to be useful")
    assert [text.split()[1:3] for text in town.phone(town.cast.ana)] == [["Due", "now:"]]
