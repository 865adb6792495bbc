"""Who takes over a promise? Somebody of its team who is here: agents first, and whoever of them owns least."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.model import Role
from tracker.queries import here_with_load

Somebody = Row[int, str, Role, int]
"""Their number, name, role, and how much they owned when they were looked up."""


class Here:
    """The people who are here at a moment, and how much each owns. Each team is looked up once, when it is first
    asked for; what is taken through this counts at once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.people: dict[int, Sequence[Somebody]] = {}
        self.load: Counter[int] = Counter()

    def take(self, session: Session, team_id: int, owner_id: int) -> Somebody | None:
        """Somebody of that team other than the owner; None with nobody else here."""
        if team_id not in self.people:
            people = session.execute(here_with_load(), {"team": team_id, "now": self.now}).all()
            self.people[team_id] = people
            self.load.update({person.id: person.load for person in people})
        others = [person for person in self.people[team_id] if person.id != owner_id]
        if not others:
            return None
        chosen = min(others, key=lambda person: (person.role is not Role.AGENT, self.load[person.id]))
        self.load[chosen.id] += 1
        return chosen
