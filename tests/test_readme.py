"""Does README.md say what is so? Every command, option and setting, and none that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from werkzeug.test import Client

from tracker.commands import tracker
from tracker.settings import Settings
from web.wsgi import application

CLONE = Path(__file__).parent.parent
README = (CLONE / "README.md").read_text()
CHANGELOG = (CLONE / "CHANGELOG.md").read_text()


def commands(group: click.Group, name: str = "tracker") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by all its words."""
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def options(command: click.Command) -> set[str]:
    """Its options, as they are typed."""
    return {word for each in command.params if isinstance(each, click.Option) for word in each.opts}


COMMANDS = dict(commands(tracker))
ROWS = {
    row[1]: row[2] for row in re.finditer(r"^\| `(tracker [a-z ]+)` \|.*\|([^|]*)\|$", README, re.MULTILINE)
}
"""What the table of commands says: the command, and the cell with its options."""


def test_readme_has_a_row_for_every_command_and_for_nothing_else() -> None:
    assert ROWS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_readme_gives_a_commands_options_all_of_them_and_no_others(name: str) -> None:
    assert set(re.findall(r"`(--[a-z-]+)`", ROWS[name])) == options(COMMANDS[name])


def test_every_command_line_in_readme_could_be_typed() -> None:
    code = re.findall(r"^ *```\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL) + re.findall(
        r"(?<!`)`([^`\n]+)`(?!`)", README
    )
    lines = [line.strip().removeprefix("python3 -m ") for block in code for line in block.splitlines()]
    typed = [line for line in lines if re.match(r"tracker [a-z]", line)]
    assert len(typed) > len(COMMANDS)
    for line in typed:
        name = max((each for each in COMMANDS if f"{line} ".startswith(f"{each} ")), key=len, default="")
        assert name, f"{line!r} is no command"
        assert set(re.findall(r" (--[a-z-]+)", line)) <= options(COMMANDS[name]), line


def test_readme_names_every_setting_and_none_that_does_not_exist() -> None:
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert named == {field.validation_alias for field in Settings.model_fields.values()}
    spoken_of = set(re.findall(r"\b(?:TRACKER|TWILIO)_[A-Z_]+", README)) - {"TRACKER_REFRESH_TOUR"}
    assert spoken_of == named


def test_every_link_in_readme_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not target.startswith("https://"):
            assert (CLONE / target).exists(), target


def test_the_changelog_knows_every_command() -> None:
    assert {name for name in COMMANDS if f"`{name.removeprefix('tracker ')}`" not in CHANGELOG} == set()


def test_gunicorn_finds_the_application_that_readme_names(
    monkeypatch: pytest.MonkeyPatch, migrated_sqlite: Path
) -> None:
    assert "'web.wsgi:application()'" in README
    monkeypatch.setenv("TRACKER_DATABASE_URL", f"sqlite:///{migrated_sqlite}")
    monkeypatch.setenv("TRACKER_SECRET_KEY", "for tests alone")
    app = application()
    assert Client(app).get("/readyz").text == "ready\n"
    app.extensions["tracker"].engine.dispose()
