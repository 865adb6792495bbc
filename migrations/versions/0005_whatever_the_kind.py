"""What the advice reads of promises of any kind is read from three indexes, whatever kinds there are."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = {"ix_commitment_open": "team_id", "ix_commitment_owner_open": "owner_id"}
READ = ("made_at", "reopened_at", "closed_at", "id")
CLOSED = "ix_commitment_owner_closed"


def upgrade() -> None:
    _replace_open(*READ)
    _create(CLOSED, "owner_id", "closed_at", where="closed_at is not null")


def downgrade() -> None:
    op.drop_index(CLOSED, table_name="commitment")
    _replace_open()


def _replace_open(*read: str) -> None:
    for index, whose in OPEN.items():
        op.drop_index(index, table_name="commitment")
        _create(index, whose, "due_at", *read, where="closed_at is null")


def _create(index: str, *columns: str, where: str) -> None:
    op.create_index(index, "commitment", columns, postgresql_where=text(where), sqlite_where=text(where))
