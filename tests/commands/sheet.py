"""Files of commitments and of cases, as somebody might hand them in. Today is `tests.cast.TWO`."""

import csv
import io
from typing import Any

HEADER = (
    "customer_name", "customer_phone", "topic", "kind", "due_at", "owner_email", "team", "made_at", "external_ref"
)  # fmt: skip
MARIA = {
    "customer_name": "Maria Lopez",
    "customer_phone": "07700 900100",
    "topic": "the refund for order 1042",
    "kind": "callback",
    "due_at": "2026-11-19T16:00:00+00:00",
    "owner_email": "ana@example.org",
    "team": "Care",
    "made_at": "2026-11-19T13:30:00+00:00",
    "external_ref": "A-1",
}
CASES = ("case_id", "opened_at", "done_at", "agent", "kind", "priority")


def commitments(*changes: dict[str, Any]) -> str:
    """A file with a row for each of these changes to Maria's."""
    return written(HEADER, [{**MARIA, **each} for each in changes])


def cases(*rows: str) -> str:
    """A log of cases."""
    return "\n".join([",".join(CASES), *rows]) + "\n"


def written(header: tuple[str, ...], rows: list[dict[str, Any]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
