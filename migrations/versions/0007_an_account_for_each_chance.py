"""What a team's odds are worth is four numbers, one for each chance. What was kept before is reckoned anew."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _begin_anew(length=40)


def downgrade() -> None:
    _begin_anew(length=600)


def _begin_anew(*, length: int) -> None:
    op.drop_column("team", "worth")
    op.add_column("team", sa.Column("worth", sa.String(length=length)))
    op.execute("UPDATE team SET calibrated_at = NULL")
