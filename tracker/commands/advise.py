"""`tracker advise`: how likely is a promise to be kept, and what could be promised instead?"""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import advising, people
from tracker.commands.common import as_json, at_now, moment_or_none, opened
from tracker.model import Person, Team
from tracker.policy import checks
from tracker.policy.checks import NotFound, Refused
from tracker.policy.kinds import choices


@click.command()
@click.option("--team", "team_name", required=True, help="The team's name.")
@click.option("--owner", "owner_name", required=True, help="Who would answer for it: e-mail address or name.")
@click.option("--kind", required=True, help="What would be promised, such as callback or refund.")
@click.option("--due", metavar="TIME", callback=moment_or_none, help="The time that would be promised.")
@at_now
@as_json
def advise(
    team_name: str, owner_name: str, kind: str, due: datetime | None, now: datetime, as_json: bool
) -> None:
    """Say how likely a promise is to be kept by --due, and the earliest times kept with 50, 80, 90 and 95 %.

    From what --owner and --team have closed, and have open, by --now.
    """
    if due is not None:
        checks.due(due, now=now)
    with opened() as house, house.readers.begin() as session:
        team = people.team_called(session, team_name)
        owner = _owner(session, owner_name, team)
        if kind not in choices(team.kinds):
            raise Refused(
                f"There is no kind {kind!r}: choose one of {', '.join(choices(team.kinds))}.", "kind"
            )
        answer = advising.advise(session, team=team, owner=owner, kind=kind, now=now, due_at=due)
        zone = ZoneInfo(team.zone)
    click.echo(json.dumps(_as_json(answer, zone)) if as_json else _as_text(answer, due, zone))


def _owner(session: Session, given: str, team: Team) -> Person:
    clean = " ".join(given.split())
    theirs = Person.email == clean.lower() if "@" in clean else Person.name == clean
    found = session.scalars(select(Person).where(theirs, Person.team_id == team.id, Person.active)).all()
    if not found:
        raise NotFound(
            f"Nobody in {team.name} is called {given!r}: give an e-mail address, or the whole name."
        )
    if len(found) > 1:
        raise Refused(f"{len(found)} people in {team.name} are called {given}: give an e-mail address.")
    return found[0]


def _as_json(answer: advising.Advice, zone: ZoneInfo) -> dict[str, object]:
    earliest = {str(level): at and at.astimezone(zone).isoformat() for level, at in answer.earliest.items()}
    return {"kept": answer.kept, "earliest": earliest, "why": answer.why}


def _as_text(answer: advising.Advice, due: datetime | None, zone: ZoneInfo) -> str:
    lines = [
        f"{level} % by {_shown(at, zone)}" if at else f"{level} %: the past names no such time"
        for level, at in answer.earliest.items()
    ]
    if due is not None and answer.kept is not None:
        lines.insert(0, f"kept by {_shown(due, zone)}: {100 * answer.kept:.0f} %")
    return "\n".join([*lines, answer.why])


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %Y, %H:%M}"
