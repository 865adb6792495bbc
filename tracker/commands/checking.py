"""`tracker audit` and `tracker doctor`: is all well?"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select

from tracker import migrating
from tracker.audit import Finding, Mended, audit, mend
from tracker.channels.mail import Mail, MailError
from tracker.commands.common import as_json, at_now, connected, opened, show
from tracker.model import Person
from tracker.settings import Settings, SettingsError, read
from tracker.wiring import House


@click.command("audit")
@at_now
@click.option("--mend", "mends", is_flag=True, help="Put right what can be without guessing.")
@as_json
def audit_command(now: datetime, mends: bool, as_json: bool) -> int:
    """Check the invariants from the rows alone. Exit code 1 when anything is found, and not mended."""
    with opened() as house:
        with house.readers.begin() as session:
            audited = audit(session, now=now)
        left = Mended((), audited.findings)
        result = mend(house.sessions, audited.findings, now=now) if mends else left
    if as_json:
        answer = {"checked": audited.checked, "findings": _plain(result.left)}
        show(answer | {"mended": _plain(result.mended)} if mends else answer, True)
    else:
        click.echo(
            f"{_counted(audited.checked, 'commitment')} checked, {_counted(len(audited.findings), 'finding')}."
        )
        for each in (*result.mended, *result.left):
            click.echo(
                f"{each.rule}: commitment {each.commitment}{_and_more(each.others)}: {each.detail}"
                + (" (mended)" if each in result.mended else "")
            )
    return 1 if result.left else 0


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _and_more(others: Sequence[int]) -> str:
    return f" and {len(others)} more" if others else ""


def _plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    plain = (dataclasses.asdict(each) for each in findings)
    return [{name: value for name, value in each.items() if name != "others" or value} for each in plain]


@click.command()
def doctor() -> int:
    """Is this installation fit to run? Exit code 1 when something must be mended first."""
    ills = 0
    for well, sentence in _examine():
        click.echo(f"{'ok  ' if well else 'MEND'}  {sentence}")
        ills += not well
    return 1 if ills else 0


def _examine() -> Iterator[tuple[bool, str]]:
    try:
        settings = read()
        yield True, "The settings are whole."
        with connected(settings) as house:
            yield True, f"The database answers ({house.engine.dialect.name})."
            if not migrating.is_current(house.engine):
                yield False, "The database does not have this version's tables: run `tracker db upgrade`."
                return
            yield True, "The database has this version's tables."
            yield from _examine_use(house)
    except SettingsError as error:
        yield False, str(error)


def _examine_use(house: House) -> Iterator[tuple[bool, str]]:
    settings = house.settings
    with house.readers.begin() as session:
        somebody = session.scalar(select(Person.id).limit(1)) is not None
    yield somebody, "Somebody can log in." if somebody else "Nobody can log in: run `tracker person add`."
    yield from _examine_mail(settings)
    if not settings.has_twilio:
        yield True, "No Twilio account is set: texts go to the simulator of `tracker up`."
        return
    yield True, "A Twilio account is set."
    secure = settings.public_url.startswith("https://")
    yield (
        secure,
        f"Twilio reaches us at {settings.public_url}."
        if secure
        else f"TRACKER_PUBLIC_URL is {settings.public_url}: set the https address that Twilio can reach.",
    )
    kept = settings.secret_key is not None
    yield (
        kept,
        "The secret key is set." if kept else "Set TRACKER_SECRET_KEY, the same for every web process.",
    )


def _examine_mail(settings: Settings) -> Iterator[tuple[bool, str]]:
    if settings.smtp_url is None or settings.mail_from is None:
        yield True, "No mail server is set: supervisors get no weekly digest."
        return
    try:
        with Mail(settings.smtp_url, settings.mail_from).opened():
            yield True, "The mail server answers."
    except MailError as error:
        yield False, f"{error} Check TRACKER_SMTP_URL."
