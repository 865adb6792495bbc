"""`tracker db`, `tracker team`, `tracker person`: what an operator sets up."""

import sys

import click

from tracker import people
from tracker.commands.common import connected, migrate, opened
from tracker.model import Role
from tracker.policy.checks import Refused
from tracker.policy.texts import LANGUAGES
from tracker.settings import read
from web.api.access import token_for


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to this version's tables. Rows stay; running it again changes nothing."""
    with connected(read()) as house:
        migrate(house)
    click.echo("The database is up to date.", err=True)


@click.group()
def team() -> None:
    """Set up teams."""


@team.command("add")
@click.option("--name", required=True, help="What everybody calls it.")
@click.option("--zone", required=True, help="Like Europe/Madrid.")
@click.option("--region", required=True, help="Country of its phone numbers: two letters, like ES.")
@click.option(
    "--language", type=click.Choice(sorted(LANGUAGES)), default="en", show_default=True, help="Of its texts."
)
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
    """Set up the people who work here."""


@person.command("add")
@click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What they may do."
)
@click.option("--name", required=True, help="Given name first.")
@click.option("--email", required=True, help="What they log in with.")
@click.option("--phone", default="", help="Where their reminders go, as +14155550123.")
@click.option("--team", "team_name", help="The team's name; an admin may have none.")
@click.option("--password-stdin", is_flag=True, help="Read their password from standard input.")
def add_person(
    role: str, name: str, email: str, phone: str, team_name: str | None, password_stdin: bool
) -> None:
    """Add a person. Without --password-stdin the password is asked for."""
    password = _first_line() if password_stdin else _asked_for()
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


@person.command("token")
@click.option("--email", required=True, help="Of the person whose rights the program is to have.")
def token(email: str) -> None:
    """Print the token with which a program acts for that person, until they get a new password."""
    with opened() as house, house.readers.begin() as session:
        click.echo(token_for(people.person_with(session, email), house.settings.signing_key))


def _first_line() -> str:
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Refused("The password is not UTF-8 text.", "password") from error


def _asked_for() -> str:
    if not sys.stdin.isatty():
        raise Refused("Nobody is there to ask for a password: give it with --password-stdin.", "password")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
