"""How is the simulator run as a process of its own? python -m web.simulator --help"""

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import click

from web.simulator.server import SimulatorServer
from web.simulator.settings import SimulatorSettings


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a process of its own, which may not ask tracker for the time


@click.command()
@click.option("--port", default=8001, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--account-sid", envvar="TWILIO_ACCOUNT_SID", default="AC" + "0" * 32, show_default=True)
@click.option("--auth-token", envvar="TWILIO_AUTH_TOKEN", default="simulated", show_default=True)
@click.option(
    "--number", "numbers", multiple=True, default=["+14155550100"], help="A number of ours; repeat it."
)
@click.option("--messaging-service-sid", envvar="TWILIO_MESSAGING_SERVICE_SID", default=None)
@click.option("--inbound-url", default=None, help="Where replies are posted.")
@click.option("--journal", type=click.Path(path_type=Path), default=None, help="Also write the journal here.")
def main(
    port: int,
    account_sid: str,
    auth_token: str,
    numbers: tuple[str, ...],
    messaging_service_sid: str | None,
    inbound_url: str | None,
    journal: Path | None,
) -> None:
    """Run a stand-in for Twilio's Messages API, with a page that shows the phones.

    Prints its address when it is ready, and ends on SIGTERM or Ctrl-C.
    """
    try:
        settings = SimulatorSettings(
            account_sid=account_sid,
            auth_token=auth_token,
            numbers=tuple(numbers),
            messaging_service_sid=messaging_service_sid or None,
            inbound_url=inbound_url,
        )
        server = SimulatorServer(settings, clock=_now, port=port, live=True, journal_path=journal).start()
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from None
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    click.echo(server.url)
    ended.wait()
    server.stop()


if __name__ == "__main__":
    main()
