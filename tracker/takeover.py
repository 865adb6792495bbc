"""Who takes over a promise now? Somebody of its team who is on duty, or else anybody who is not away: agents first,
and whoever of them owns least."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.duty import resting
from tracker.model import Role
from tracker.queries import here_with_load

Somebody = Row[int, str, Role, int]
"""Their number, name, role, and how much they owned when they were looked up."""


class Here:
    """The people who are here at a moment, and how much each owns. Each team is looked up once, when it is first
    asked for; what is taken through this counts at once. Who is off rests while a colleague is on duty."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.people: dict[int, Sequence[Somebody]] = {}
        self.load: Counter[int] = Counter()
        self.looked_up: set[int] = set()
        self.supervisors_off: set[int] = set()

    def take(self, session: Session, team_id: int, owner_id: int) -> Somebody | None:
        """Somebody of that team other than the owner; None with nobody else here."""
        if team_id not in self.people:
            off = resting(session, {team_id}, self.now)
            here = session.execute(here_with_load(), {"team": team_id, "now": self.now})
            people = [person for person in here if person.id not in off]
            self.people[team_id] = people
            self.load.update({person.id: person.load for person in people})
        others = [person for person in self.people[team_id] if person.id != owner_id]
        if not others:
            return None
        chosen = min(others, key=lambda person: (person.role is not Role.AGENT, self.load[person.id]))
        self.load[chosen.id] += 1
        return chosen

    def resting_supervisors(self, session: Session, teams: Collection[int]) -> list[int]:
        """The supervisors who are left in peace, of at least these teams."""
        if new := set(teams) - self.looked_up:
            self.supervisors_off |= resting(session, new, self.now, role=Role.SUPERVISOR)
            self.looked_up |= new
        return list(self.supervisors_off)
