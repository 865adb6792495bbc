"""`tracker db`, `tracker team`, `tracker person`: what an operator sets up."""

import sys

import click

from tracker import migrating, people, wiring
from tracker.commands.common import opened
from tracker.model import Role
from tracker.settings import read
from tracker.wiring import build


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the database to this version's tables. Rows stay; running it again changes nothing."""
    house = build(read())
    wiring.check_answers(house.engine)
    migrating.upgrade(house.engine)
    click.echo("The database is up to date.", err=True)


@click.group()
def team() -> None:
    """Teams."""


@team.command("add")
@click.option("--name", required=True)
@click.option("--zone", required=True, help="Like Europe/Madrid.")
@click.option("--region", required=True, help="Country of its phone numbers: two letters, like ES.")
@click.option("--language", default="en", show_default=True)
@click.option("--hours", default="0-4:9-18", show_default=True, help="Weekdays (0 = Monday) and hours.")
def add_team(name: str, zone: str, region: str, language: str, hours: str) -> None:
    """Add a team, with the default ladder."""
    with opened() as house, house.sessions.begin() as session:
        people.add_team(
            session, name=name, zone=zone, region=region, language=language, hours=hours, now=house.clock()
        )
    click.echo(f"{name} is a team now.", err=True)


@click.group()
def person() -> None:
    """People who work here."""


@person.command("add")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--name", required=True)
@click.option("--email", required=True, help="What they log in with.")
@click.option("--phone", default="", help="Where their reminders go, as +14155550123.")
@click.option("--team", "team_name", help="The team's name; an admin may have none.")
@click.option("--password-stdin", is_flag=True, help="Read their password from standard input.")
def add_person(
    role: str, name: str, email: str, phone: str, team_name: str | None, password_stdin: bool
) -> None:
    """Add a person. Without --password-stdin the password is asked for."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with opened() as house, house.sessions.begin() as session:
        people.add_person(
            session,
            role=Role(role),
            name=name,
            email=email,
            team=people.team_called(session, team_name) if team_name else None,
            phone=phone,
            password=password,
        )
    click.echo(f"{name} can log in now.", err=True)
