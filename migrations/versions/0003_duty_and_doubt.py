"""Who is on duty, what is at risk, and what the provider still has to tell us."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("made", "revised", "reassigned", "attempted", "closed", "reopened", "climbed", "replied", "noted")
NEW_KINDS = ("warned", "undone", "mended", "judged")
REASONS = ("stop", "dead")
NEW_REASONS = ("asked",)


def upgrade() -> None:
    _new_tables()
    op.add_column("team", sa.Column("holidays", sa.String(length=20), nullable=True))
    op.add_column("team", sa.Column("sender", sa.String(length=64), nullable=True))
    op.add_column("person", sa.Column("shifts", sa.String(length=400), nullable=True))
    op.add_column("attempt", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    _risk_of_commitments()
    op.add_column("message", sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
    where = sa.text("ask_at is not null")
    op.create_index("ix_message_ask_at", "message", ["ask_at"], postgresql_where=where, sqlite_where=where)
    op.create_index("ix_message_person_id", "message", ["person_id"])
    op.create_index("ix_dispatch_sid", "dispatch", ["sid"], unique=True)
    op.create_index("ix_dispatch_to_address", "dispatch", ["to_address", "at"])
    op.create_index("ix_dispatch_from_address", "dispatch", ["from_address", "at"])
    _receipts(
        "dispatch",
        "insert into receipt (dispatch_id, status, error_code, at) "
        "select max(dispatch.id), receipt_was.status, max(receipt_was.error_code), max(receipt_was.at) "
        "from receipt_was join dispatch on dispatch.message_id = receipt_was.message_id "
        "group by receipt_was.id, receipt_was.status",
    )
    with op.batch_alter_table("opt_out") as table:
        table.add_column(sa.Column("sender", sa.String(length=64), nullable=False, server_default=""))
        table.drop_constraint(op.f("uq_opt_out_phone"), type_="unique")
        table.create_unique_constraint(op.f("uq_opt_out_phone_sender"), ["phone", "sender"])
    _words("opt_out", "reason", REASONS + NEW_REASONS)
    _words("event", "kind", KINDS + NEW_KINDS)


def downgrade() -> None:
    op.execute("update event set kind = 'noted' where kind in ('warned', 'undone', 'mended', 'judged')")
    _words("event", "kind", KINDS)
    op.execute("update opt_out set reason = 'stop' where reason = 'asked'")
    op.execute("delete from opt_out where id not in (select min(id) from opt_out group by phone)")
    _words("opt_out", "reason", REASONS)
    with op.batch_alter_table("opt_out") as table:
        table.drop_constraint(op.f("uq_opt_out_phone_sender"), type_="unique")
        table.create_unique_constraint(op.f("uq_opt_out_phone"), ["phone"])
        table.drop_column("sender")
    _receipts(
        "message",
        "insert into receipt (message_id, status, error_code, at) "
        "select dispatch.message_id, receipt_was.status, max(receipt_was.error_code), max(receipt_was.at) "
        "from receipt_was join dispatch on dispatch.id = receipt_was.dispatch_id "
        "group by dispatch.message_id, receipt_was.status",
    )
    for name in ("ix_dispatch_from_address", "ix_dispatch_to_address", "ix_dispatch_sid"):
        op.drop_index(name, "dispatch")
    for name in ("ix_message_person_id", "ix_message_ask_at"):
        op.drop_index(name, "message")
    _without("message", "asked", "ask_at")
    for name in ("ix_commitment_owner_kind", "ix_commitment_team_kind", "ix_commitment_form_key"):
        op.drop_index(name, "commitment")
    with op.batch_alter_table("commitment") as table:
        table.drop_constraint(op.f("ck_commitment_open_at_risk"), type_="check")
        table.drop_constraint(op.f("ck_commitment_chance"), type_="check")
        for name in ("form_key", "at_risk_at", "chance"):
            table.drop_column(name)
    _without("attempt", "undone_at")
    _without("person", "shifts")
    _without("team", "sender", "holidays")
    for name in ("sender", "digest", "wording", "closure"):
        op.drop_table(name)


def _new_tables() -> None:
    op.create_table(
        "closure",
        sa.Column("id", ID, nullable=False),
        sa.Column("team_id", ID, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_closure_span")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_closure_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index("ix_closure_team_id", "closure", ["team_id"])
    op.create_table(
        "wording",
        sa.Column("id", ID, nullable=False),
        sa.Column("team_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_wording_team_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_wording_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
        sa.UniqueConstraint("team_id", "kind", "language", name=op.f("uq_wording_team_id_kind_language")),
    )
    op.create_table(
        "digest",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("person_id", "week", name=op.f("uq_digest_person_id_week")),
    )
    op.create_table(
        "sender",
        sa.Column("id", ID, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.CheckConstraint("(paused_at is null) = (paused_until is null)", name=op.f("ck_sender_pause")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender")),
        sa.UniqueConstraint("address", name=op.f("uq_sender_address")),
    )


def _risk_of_commitments() -> None:
    with op.batch_alter_table("commitment") as table:
        table.add_column(sa.Column("chance", sa.Double(), nullable=True))
        table.add_column(sa.Column("at_risk_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("form_key", sa.String(length=43), nullable=True))
        table.create_check_constraint(op.f("ck_commitment_chance"), "chance between 0 and 1")
        table.create_check_constraint(
            op.f("ck_commitment_open_at_risk"), "at_risk_at is null or closed_at is null"
        )
    op.create_index("ix_commitment_form_key", "commitment", ["form_key"], unique=True)
    op.create_index("ix_commitment_team_kind", "commitment", ["team_id", "kind", "closed_at"])
    op.create_index("ix_commitment_owner_kind", "commitment", ["owner_id", "kind", "closed_at"])


def _receipts(of: str, carry: str) -> None:
    """Receipts become those of dispatches, or of messages again. A receipt of a message tried more than once is
    taken as news of its last try, for the older ones had failed before."""
    op.execute("create table receipt_was as select * from receipt")
    op.drop_table("receipt")
    op.create_table(
        "receipt",
        sa.Column("id", ID, nullable=False),
        sa.Column(f"{of}_id", ID, nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.id"], name=op.f(f"fk_receipt_{of}_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint(f"{of}_id", "status", name=op.f(f"uq_receipt_{of}_id_status")),
    )
    op.execute(carry)
    op.drop_table("receipt_was")


def _words(table: str, column: str, words: Sequence[str]) -> None:
    """Another closed set of words for a column."""
    name = op.f(f"ck_{table}_{column}")
    allowed = ", ".join(f"'{word}'" for word in words)
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(name, type_="check")
        changed.create_check_constraint(name, f"{column} in ({allowed})")


def _without(table: str, *columns: str) -> None:
    with op.batch_alter_table(table) as changed:
        for column in columns:
            changed.drop_column(column)
