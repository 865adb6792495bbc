"""What a team's odds have been worth lately is kept with the team."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("team", sa.Column("worth", sa.String(length=600)))
    op.add_column("team", sa.Column("calibrated_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("team", "calibrated_at")
    op.drop_column("team", "worth")
