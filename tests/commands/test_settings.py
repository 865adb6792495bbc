"""Settings: where they are read from, what counts as set, and what is refused in which words."""

import itertools
import shutil
from pathlib import Path
from stat import S_IMODE

import pytest

from tests.commands.conftest import Install, Run
from tracker.policy.consent import Scope
from tracker.settings import Settings, data_folder, read

ACCOUNT = {
    "TWILIO_ACCOUNT_SID": "AC" + "5" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-for-tests",
    "TWILIO_AUTH_TOKEN_OLD": "the-one-before",
    "TWILIO_MESSAGING_SERVICE_SID": "MG" + "5" * 32,
    "TWILIO_FROM": "+15005550006",
}
SENDERS = {"TWILIO_MESSAGING_SERVICE_SID", "TWILIO_FROM"}
SUBSETS = [
    set(some) for number in range(len(ACCOUNT) + 1) for some in itertools.combinations(ACCOUNT, number)
]


def is_whole(names: set[str]) -> bool:
    return not names or ({"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"} <= names and len(names & SENDERS) == 1)


def set_all(monkeypatch: pytest.MonkeyPatch, names: set[str]) -> None:
    for name in names:
        monkeypatch.setenv(name, ACCOUNT[name])


def in_order(names: set[str]) -> str:
    """A name for the test that is the same in every process."""
    return " ".join(sorted(names)) or "nothing"


@pytest.mark.parametrize("names", [each for each in SUBSETS if is_whole(each)], ids=in_order)
def test_an_account_is_set_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, names: set[str]) -> None:
    set_all(monkeypatch, names)
    assert read().has_twilio is bool(names)


@pytest.mark.parametrize("names", [each for each in SUBSETS if not is_whole(each)], ids=in_order)
def test_half_an_account_is_refused_with_what_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch, names: set[str]
) -> None:
    set_all(monkeypatch, names)
    said = run("tick")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    for name in {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"} - names:
        assert f"{name}, and" in said.err or f"{name} too" in said.err
    if not names & SENDERS:
        assert "TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM" in said.err
    assert "a-token-for-tests" not in said.err


@pytest.mark.parametrize("name", ["TRACKER_PUBLIC_URL", "TRACKER_TWILIO_URL"])
@pytest.mark.parametrize(
    "url", ["tracker.example.com", "ftp://tracker.example.com", "https://", "http://[bad", "http://here:port"]
)
def test_an_address_without_scheme_or_host_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(name, url)
    said = run("tick")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert name in said.err
    assert url in said.err
    assert "https://tracker.example.com" in said.err


@pytest.mark.parametrize("given", ["sender", "EVERYWHERE", " Sender "])
def test_an_opt_out_holds_everywhere_or_for_one_sender(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    assert read().opt_out_scope is Scope.EVERYWHERE
    monkeypatch.setenv("TRACKER_OPT_OUT_SCOPE", given)
    assert read().opt_out_scope == given.strip().lower()


def test_any_other_scope_of_an_opt_out_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_OPT_OUT_SCOPE", "customer")
    said = run("tick")
    assert (said.code, said.out) == (2, "")
    assert "TRACKER_OPT_OUT_SCOPE is 'customer': give everywhere or sender." in said.err


def test_everything_that_is_wrong_stops_every_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PUBLIC_URL", "nonsense")
    for typed in ("up", "web", "worker", "tick", "db upgrade", "audit", "export commitments"):
        said = run(*typed.split())
        assert (said.code, said.out) == (2, ""), typed
        assert "TRACKER_PUBLIC_URL is 'nonsense'" in said.err


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    unset = read()
    for field in Settings.model_fields.values():
        monkeypatch.setenv(str(field.validation_alias), blank)
    monkeypatch.setenv("TRACKER_SECRET_KEY", "for tests alone")
    assert read() == unset
    assert "public_url" not in read().model_fields_set


def test_a_slash_at_the_end_of_an_address_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PUBLIC_URL", "https://tracker.example.com/care/")
    assert read().public_url == "https://tracker.example.com/care"


def test_a_file_in_the_folder_is_read_and_the_environment_goes_before_it(
    at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (at_home / ".env").write_text(
        "# ours\nTRACKER_PUBLIC_URL=https://file.example.com\n"
        'TRACKER_DATABASE_URL="sqlite:////tmp/of the file.sqlite3"\nTWILIO_FROM=\nSOMEBODY_ELSES=1\n'
    )
    assert read().public_url == "https://file.example.com"
    assert read().engine_url == "sqlite:////tmp/of the file.sqlite3"
    monkeypatch.setenv("TRACKER_PUBLIC_URL", "https://environment.example.com")
    assert read().public_url == "https://environment.example.com"


def test_a_file_that_is_no_text_is_refused(run: Run, at_home: Path) -> None:
    (at_home / ".env").write_bytes("TRACKER_SECRET_KEY=déjà vu".encode("latin-1"))
    said = run("tick")
    assert (said.code, said.out) == (2, "")
    assert said.err == "The file .env is not UTF-8 text: save it as that.\n"


@pytest.mark.parametrize(
    ("given", "engine"),
    [
        ("postgres://care:se%40cret@db/tracker", "postgresql+psycopg://care:se%40cret@db/tracker"),
        ("postgresql://db/tracker?sslmode=require", "postgresql+psycopg://db/tracker?sslmode=require"),
        ("postgresql+psycopg://db/tracker", "postgresql+psycopg://db/tracker"),
        ("sqlite:////srv/tracker.sqlite3", "sqlite:////srv/tracker.sqlite3"),
    ],
)
def test_a_database_is_named_as_people_do(monkeypatch: pytest.MonkeyPatch, given: str, engine: str) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", given)
    assert read().engine_url == engine


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "/srv/tracker.sqlite3",
        "mysql://care:secret@db/tracker",
        "postgresql+asyncpg://care:secret@db/tracker",
        "postgresql://care:secret@db:port/tracker",
        "postgresql:/care:secret@db/tracker",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_what_names_no_database_of_ours_is_refused_without_repeating_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    for typed in ("up", "worker", "tick", "db upgrade", "audit", "export commitments"):
        said = run(*typed.split())
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1), typed
        assert said.err.startswith("TRACKER_DATABASE_URL must name a SQLite file")
        assert "secret" not in said.err
    diagnosed = run("doctor")
    assert (diagnosed.code, diagnosed.err) == (1, "")
    assert diagnosed.out.startswith("MEND  TRACKER_DATABASE_URL must name")


def test_without_a_database_named_it_is_a_file_of_our_own(run: Run, at_home: Path) -> None:
    assert run("db", "upgrade").code == 0
    assert (at_home / ".local" / "share" / "tracker" / "tracker.sqlite3").exists()


def test_a_clone_keeps_its_files_in_var_and_an_installed_tracker_in_the_users_home(
    tmp_path: Path, install: Install
) -> None:
    where = ("-c", "from tracker.settings import data_folder; print(data_folder())")
    assert install.python(*where).communicate()[0] == f"{install.data}\n"
    clone = tmp_path / "clone"
    shutil.copytree(install.site / "tracker", clone / "tracker")
    (clone / "pyproject.toml").touch()
    assert install.python(*where, PYTHONPATH=str(clone)).communicate()[0] == f"{clone / 'var'}\n"


def test_the_secret_key_is_made_once_and_read_by_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, at_home: Path
) -> None:
    monkeypatch.delenv("TRACKER_SECRET_KEY")
    key = read().signing_key
    assert len(key) >= 32
    assert read().signing_key == key
    assert S_IMODE((data_folder() / "secret-key").stat().st_mode) == 0o600
    assert [each.name for each in data_folder().iterdir()] == ["secret-key"]
    monkeypatch.setenv("TRACKER_SECRET_KEY", "given")
    assert read().signing_key == "given"


def test_processes_that_start_at_once_agree_on_the_secret_key(install: Install) -> None:
    made = "from tracker.settings import read; print(flush=True); input(); print(read().signing_key)"
    several = [install.python("-c", made) for _ in range(4)]
    for each in several:
        assert each.stdout is not None
        each.stdout.readline()
    keys = {each.communicate("\n")[0] for each in several}
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 32


def test_a_home_that_cannot_be_written_to_is_said(run: Run, at_home: Path) -> None:
    (at_home / ".local").write_text("in the way")
    said = run("db", "upgrade")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert str(at_home / ".local") in said.err


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"TRACKER_SMTP_URL": "smtp://mail.example.com"}, "set TRACKER_MAIL_FROM too"),
        ({"TRACKER_MAIL_FROM": "tracker@example.com"}, "set TRACKER_SMTP_URL too"),
        (
            {"TRACKER_SMTP_URL": "smtp://u:secret@", "TRACKER_MAIL_FROM": "t@example.com"},
            "TRACKER_SMTP_URL must be",
        ),
        (
            {"TRACKER_SMTP_URL": "http://u:secret@h", "TRACKER_MAIL_FROM": "t@example.com"},
            "TRACKER_SMTP_URL must be",
        ),
        (
            {"TRACKER_SMTP_URL": "smtps://mail.example.com", "TRACKER_MAIL_FROM": "me"},
            "TRACKER_MAIL_FROM: 'me' is not",
        ),
    ],
)
def test_mail_is_set_whole_or_not_at_all(
    run: Run, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], lacking: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    said = run("tick")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert lacking in said.err
    assert "secret" not in said.err
