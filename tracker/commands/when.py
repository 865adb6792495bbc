"""`tracker when`: what time do these words mean?"""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from tracker.commands.common import in_reach
from tracker.policy.checks import zones
from tracker.policy.phrases import LANGUAGES, Alternative, NotUnderstood, Understood, understand
from tracker.wiring import utc_now


def _zone(context: click.Context, option: click.Parameter, zone: str | None) -> str | None:
    if zone is not None and zone not in zones():
        raise click.BadParameter(
            f'"{zone}" is not a time zone: give one like "Europe/London".', context, option
        )
    return zone


def _moment(context: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    try:
        return in_reach(datetime.fromisoformat(text), option) if text is not None else None
    except ValueError:
        wrong = f'"{text}" is not a time: give one like "2026-11-19T15:00:00-05:00".'
        raise click.BadParameter(wrong, context, option) from None


@click.command()
@click.argument("phrase")
@click.option("--now", callback=_moment, metavar="TIME", help="The moment of asking; by default this one.")
@click.option(
    "--zone",
    callback=_zone,
    default="UTC",
    show_default=True,
    help="Where the speaker lives; --now without an offset is local to it.",
)
@click.option("--customer-zone", callback=_zone, help='What "her time" means.')
@click.option(
    "--language",
    type=click.Choice(sorted(LANGUAGES)),
    default="en",
    show_default=True,
    help="The language PHRASE is in.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def when(
    phrase: str, now: datetime | None, zone: str, customer_zone: str | None, language: str, as_json: bool
) -> None:
    """Say which time PHRASE means, such as "tomorrow 3pm" or "in 2 hours".

    Exits 1, with the reason, when the phrase is not understood.
    """
    if now is None:
        now = utc_now()
    elif now.tzinfo is None:
        now = now.replace(tzinfo=ZoneInfo(zone))
    answer = understand(phrase, now=now, zone=zone, customer_zone=customer_zone, language=language)
    click.echo(json.dumps(_as_json(answer), ensure_ascii=False) if as_json else _as_text(answer))
    if isinstance(answer, NotUnderstood):
        raise click.exceptions.Exit(1)


def _as_json(answer: Understood | NotUnderstood) -> dict[str, object]:
    if isinstance(answer, NotUnderstood):
        return {"at": None, "understood": None, "ambiguous": [], "why": answer.why}
    return {
        **_time(answer, answer.zone),
        "ambiguous": [_time(alternative, answer.zone) for alternative in answer.ambiguous],
    }


def _time(answer: Understood | Alternative, zone: str) -> dict[str, object]:
    return {"at": answer.at.astimezone(ZoneInfo(zone)).isoformat(), "understood": answer.echo}


def _as_text(answer: Understood | NotUnderstood) -> str:
    if isinstance(answer, NotUnderstood):
        return answer.why
    if answer.supposed:
        return "\n".join(alternative.echo for alternative in answer.ambiguous)
    return "\n".join([answer.echo, *(f"or {alternative.echo}" for alternative in answer.ambiguous)])
