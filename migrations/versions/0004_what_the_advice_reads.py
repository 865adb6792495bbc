"""The advice reads two indexes to their ends and no longer the promises themselves."""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEXES = {"ix_commitment_team_kind": "team_id", "ix_commitment_owner_kind": "owner_id"}
READ = ("made_at", "reopened_at", "outcome", "id")


def upgrade() -> None:
    _replace(*READ)


def downgrade() -> None:
    _replace()


def _replace(*read: str) -> None:
    for index, whose in INDEXES.items():
        op.drop_index(index, table_name="commitment")
        op.create_index(index, "commitment", [whose, "kind", "closed_at", *read])
