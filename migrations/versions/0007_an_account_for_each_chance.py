"""What a team's odds are worth is four numbers, one for each chance. What was kept before is reckoned anew."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Under another name: a worker of the version before that was left running would write what nobody can read."""
    op.drop_column("team", "worth")
    op.add_column("team", sa.Column("odds_worth", sa.String(length=40)))
    op.execute("UPDATE team SET calibrated_at = NULL")


def downgrade() -> None:
    op.drop_column("team", "odds_worth")
    op.add_column("team", sa.Column("worth", sa.String(length=600)))
    op.execute("UPDATE team SET calibrated_at = NULL")
