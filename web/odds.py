"""How likely is a promise to be kept while it is typed, what speaks against it, and which time would be better?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from tracker import advising
from tracker.duty import outside_quiet_hours
from tracker.model import Commitment, Person
from tracker.policy.load import Fact, OutOfHours, mind_hours
from web.forms import WhenForm
from web.i18n import _
from web.spoken import spoken
from web.when import Pick, Setting, in_words, rounded, works_at

SHOWN = (80, 90, 95)
"""Per cent: for each the earliest time that is kept with that chance."""
STILL_MEANT = timedelta(minutes=15)
""""In three hours" is another minute when the form is sent: what was confirmed then is meant all the same."""


@dataclass(frozen=True, slots=True)
class Deal:
    """Who would answer for which kind of promise; `moving`: the promise that would get another time."""

    owner: Person
    kind: str
    moving: Commitment | None = None


@dataclass(frozen=True, slots=True)
class Odds:
    """What the page says beside a time."""

    chance: float | None
    """0 to 1; None while no time is chosen, and where the past says nothing."""
    why: str
    earliest: Sequence[tuple[int, Pick]]
    """Per cent, and the time that is kept with it; times that are the same stand once, with the higher chance."""
    facts: Sequence[str] = ()
    """What makes that time foolish whatever its odds."""
    better: Pick | None = None
    crowded: str = ""
    confirm: str = ""
    """What a tick beside the facts sends to say that this very time is meant; empty where none would do."""

    @property
    def percent(self) -> int:
        """The chance, for people."""
        return round((self.chance or 0) * 100)

    @property
    def word(self) -> str:
        """The chance in words."""
        if self.percent >= 90:
            return _("very likely kept")
        if self.percent >= 75:
            return _("likely kept")
        return _("may well be late") if self.percent >= 50 else _("unlikely to be kept")


def odds(session: Session, deal: Deal, setting: Setting, at: datetime | None, viewer: Person) -> Odds | None:
    """The odds of that time; without one, only what would be kept. None for somebody who belongs to no team."""
    team, watch = deal.owner.team, setting.watch
    if team is None:
        return None
    told = advising.advise(
        session,
        team=team,
        owner=deal.owner,
        kind=deal.kind,
        now=watch.now,
        due_at=at,
        reader=viewer,
        hours=setting.hours,
        moving=deal.moving,
    )
    by_time = {
        offered: percent
        for percent in SHOWN
        if (time := told.earliest.get(percent)) and (offered := _offered(time, deal, setting))
    }
    earliest = [(percent, _pick(time, setting)) for time, percent in by_time.items()]
    if at is None:
        return Odds(None, spoken(told.why), earliest)
    floor = advising.floor(session, team=team, owner=deal.owner, now=watch.now, crew=setting.crew)
    facts = _facts(floor, deal, setting, at)
    better = next((fact.better for fact in facts if fact.better), None)
    return Odds(
        told.kept,
        spoken(told.why),
        earliest,
        facts=[spoken(fact.sentence) for fact in facts],
        better=_pick(better, setting) if better else None,
        crowded=spoken(floor.crowded(at, moving=deal.moving) or ""),
        confirm=at.isoformat() if _confirmable(facts, team.zone) else "",
    )


def mind(session: Session, form: WhenForm, deal: Deal, setting: Setting, at: datetime) -> None:
    """Refuse a time at which nobody would be there, and a doubtful one until it is confirmed. Raises OutOfHours."""
    team = deal.owner.team
    if team is not None:
        floor = advising.floor(session, team=team, owner=deal.owner, now=setting.watch.now, crew=setting.crew)
        mind_hours(_facts(floor, deal, setting, at), zone=team.zone, confirmed=confirmed(form, at))


def confirmed(form: WhenForm, at: datetime) -> bool:
    """Was it said that this time is meant?"""
    try:
        meant = datetime.fromisoformat(form.confirmed.data)
    except ValueError:
        return False
    return meant.tzinfo is not None and abs(at - meant) <= STILL_MEANT


def _facts(floor: advising.Floor, deal: Deal, setting: Setting, at: datetime) -> Sequence[Fact]:
    zone = setting.theirs or ZoneInfo(floor.team.zone)
    return floor.concerns(at, customer_zone=zone.key, moving=deal.moving)


def _offered(at: datetime, deal: Deal, setting: Setting) -> datetime | None:
    """That time, or the next that suits the team, the owner and the customer: it is kept no less likely then, and
    would be taken. Where no time suits the customer as well, one at which the owner works; None without any."""
    at, crew = rounded(at), setting.crew
    if crew is None:
        return at
    own = crew.people.get(deal.owner.id)
    working = crew.hours & own.calendar if own else crew.hours
    zone = setting.theirs or ZoneInfo(crew.hours.zone)
    for hours in (working & outside_quiet_hours(zone.key), working):
        found = at if works_at(hours, at) else hours.next_open(at)
        if found is not None:
            return found
    return None


def _confirmable(facts: Iterable[Fact], zone: str) -> bool:
    try:
        mind_hours(facts, zone=zone, confirmed=False)
    except OutOfHours as problem:
        return problem.confirmable
    return False


def _pick(at: datetime, setting: Setting) -> Pick:
    return Pick(setting.watch.says(at), in_words(at, setting))
