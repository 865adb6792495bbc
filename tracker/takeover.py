"""Who takes over a promise now? Somebody of its team who is on duty, or else anybody who is not away: agents first,
and whoever of them owns least."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.duty import resting
from tracker.model import Role
from tracker.queries import here_with_load


class Present:
    """The people of a team who could take over and how much each owns; what is taken through this counts at once."""

    def __init__(self, session: Session, team_id: int, now: datetime) -> None:
        off = resting(session, {team_id}, now)
        here = session.execute(here_with_load(), {"team": team_id, "now": now})
        self.people = [person for person in here if person.id not in off]
        self.load = Counter({person.id: person.load for person in self.people})

    def take(self, owner_id: int) -> Row[int, str, Role, int] | None:
        """Somebody else than the owner; None with nobody else here."""
        others = [person for person in self.people if person.id != owner_id]
        if not others:
            return None
        chosen = min(others, key=lambda person: (person.role is not Role.AGENT, self.load[person.id]))
        self.load[chosen.id] += 1
        return chosen
