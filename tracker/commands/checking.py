"""`tracker audit` and `tracker doctor`: is all well?"""

import dataclasses
from datetime import datetime

import click

from tracker.audit import audit
from tracker.commands.common import as_json, at_now, opened, show


@click.command("audit")
@at_now
@as_json
def audit_command(now: datetime, as_json: bool) -> int:
    """Check the invariants from the rows alone. Exit code 1 when anything is found."""
    with opened() as house, house.readers.begin() as session:
        audited = audit(session, now=now)
    if as_json:
        show(
            {"checked": audited.checked, "findings": [dataclasses.asdict(f) for f in audited.findings]}, True
        )
    else:
        click.echo(f"{audited.checked} commitments checked, {len(audited.findings)} findings.")
        for finding in audited.findings:
            click.echo(f"{finding.rule}: commitment {finding.commitment}: {finding.detail}")
    return 1 if audited.findings else 0
