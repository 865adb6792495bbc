"""What every command has in common: help in whole sentences, exit codes, and what goes where."""

from collections.abc import Iterator

import click
import pytest

from tests.commands.conftest import Run
from tracker.commands import tracker as root


def everything_typed(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from everything_typed(command, *path, name)


ALL = dict(everything_typed(root))
GROUPS = [path for path, command in ALL.items() if isinstance(command, click.Group)]
COMMANDS = [path for path in ALL if path not in GROUPS]


def named(path: tuple[str, ...]) -> str:
    return " ".join(path)


def test_the_commands_that_others_rely_on_are_there() -> None:
    assert {named(path) for path in COMMANDS} >= {
        "up",
        "test",
        "web",
        "worker",
        "tick",
        "db upgrade",
        "team add",
        "person add",
        "import commitments",
        "export commitments",
        "replay",
        "when",
        "audit",
        "doctor",
    }


@pytest.mark.parametrize("path", [(), *ALL], ids=named)
def test_help_says_what_it_does_in_a_sentence_and_explains_every_option(
    run: Run, path: tuple[str, ...]
) -> None:
    said = run(*path, "--help")
    assert (said.code, said.err) == (0, "")
    command = ALL.get(path, root)
    sentence = (command.help or "").split("\n\n")[0]
    assert " ".join(sentence.split()) in " ".join(said.out.split())
    assert sentence[0].isupper()
    assert sentence.endswith((".", "?"))
    assert len(sentence.split()) >= 3
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{named(path)} {option.opts[0]}"


@pytest.mark.parametrize("path", [path for path in COMMANDS if path != ("test",)], ids=named)
def test_an_option_that_is_none_is_refused(run: Run, path: tuple[str, ...]) -> None:
    said = run(*path, "--nonsense")
    assert (said.code, said.out) == (2, "")
    assert "No such option" in said.err


@pytest.mark.parametrize("path", GROUPS, ids=named)
def test_half_a_command_shows_what_could_follow(run: Run, path: tuple[str, ...]) -> None:
    said = run(*path)
    assert (said.code, said.out) == (2, "")
    assert "Commands:" in said.err
    assert run(*path, "nonsense").code == 2


def test_nothing_typed_shows_what_could_be(run: Run) -> None:
    said = run()
    assert (said.code, said.out) == (2, "")
    assert "doctor" in said.err


@pytest.mark.parametrize(
    "typed",
    [
        "person add --role agent",
        "team add --name Care",
        "import commitments",
        "replay",
        "when",
        "up --port 0",
        "web --port 65536",
        "tick --now",
        "replay nowhere.csv",
        "import commitments nowhere.csv",
        "replay .",
        "import commitments .",
    ],
)
def test_what_is_missing_or_cannot_be_is_said_before_anything_is_done(run: Run, typed: str) -> None:
    said = run(*typed.split())
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize("command", ["tick", "audit"])
@pytest.mark.parametrize(
    ("now", "why"),
    [
        ("nonsense", "is not a time with an offset"),
        ("2026-11-19", "is not a time with an offset"),
        ("2026-11-19T15:00:00", "is not a time with an offset"),
        ("2026-02-30T15:00:00Z", "is not a time with an offset"),
        ("0001-01-01T00:00:00+14:00", "out of reach"),
        ("9999-12-31T23:59:59-10:00", "out of reach"),
    ],
)
def test_a_now_that_is_none_is_refused(run: Run, command: str, now: str, why: str) -> None:
    said = run(command, "--now", now)
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert "--now" in said.err


@pytest.mark.parametrize("now", ["nonsense", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00"])
def test_a_phrase_is_not_read_at_a_time_that_is_none(run: Run, now: str) -> None:
    said = run("when", "tomorrow 3pm", "--now", now)
    assert (said.code, said.out) == (2, "")
    assert "--now" in said.err
