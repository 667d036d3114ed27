"""The outbox: what has changed in the view, given to those alone whom the rows themselves are given."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REACHED = "'Case', 'Victim', 'Perpetrator'"


def listed(setting: str) -> str:
    """A setting's list, read once for a statement; NULL where it was not made, which lets no row through."""
    return f"(SELECT string_to_array(NULLIF(current_setting('hub.{setting}', true), ''), ','))"


DEPARTED = (
    f"case_id <> ALL (CAST({listed('excluded')} AS uuid[])) AND CASE entity"
    f" WHEN 'Case' THEN reach && {listed('case')}"
    f" WHEN 'Victim' THEN reach && {listed('victim')} AND (NOT is_child OR reach && {listed('child')})"
    f" ELSE reach && {listed('perpetrator')} END"
)
"""The rules of the golden tables, for rows that are gone."""

EVENT = (
    "(SELECT true FROM departed d WHERE d.row_id = event.row_id)"
    " OR CASE entity"
    " WHEN 'Case' THEN (SELECT true FROM golden_case g WHERE g.case_id = event.row_id)"
    " WHEN 'Victim' THEN (SELECT true FROM golden_victim g WHERE g.victim_id = event.row_id)"
    " ELSE (SELECT true FROM golden_perpetrator g WHERE g.perpetrator_id = event.row_id) END"
)
"""Whoever is given the row as it stands now, or was given it last. The rules of those tables hold in here too.

Not EXISTS: for that the planner may read a whole table to look up a page of events.
"""


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "event_id",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="told to receivers; random, since one that counts would tell of events between two",
        ),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "old_ids",
            postgresql.ARRAY(sa.Uuid()),
            nullable=True,
            comment="ids that lead to this row from now on",
        ),
        sa.Column("new_id", sa.Uuid(), nullable=True, comment="to what the id leads from now on"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"entity IN ({REACHED})", name=op.f("ck_event_entity")),
        sa.CheckConstraint(
            "kind IN ('CREATED', 'CHANGED', 'CORRECTED', 'WITHDRAWN')", name=op.f("ck_event_kind")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event")),
    )
    op.create_table(
        "departed",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reach",
            postgresql.ARRAY(Text()),
            nullable=False,
            comment="as the row had it last, see schema.reach",
        ),
        sa.Column("is_child", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"entity IN ({REACHED})", name=op.f("ck_departed_entity")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_departed")),
    )
    op.create_index("ix_departed_at", "departed", ["at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("singleton", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False, comment="position of the newest event"),
        sa.Column("floor", sa.BigInteger(), nullable=False, comment="events up to here are no longer kept"),
        sa.CheckConstraint("singleton = 1", name=op.f("ck_outbox_one_row")),
        sa.CheckConstraint("floor <= head", name=op.f("ck_outbox_order")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_outbox")),
    )
    op.execute("INSERT INTO outbox (singleton, head, floor) VALUES (1, 0, 0)")
    op.execute("GRANT SELECT, UPDATE ON outbox TO hub_service")
    op.execute("GRANT SELECT, INSERT, DELETE ON event TO hub_service")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON departed TO hub_service")
    for table, rule in (("departed", DEPARTED), ("event", EVENT)):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY service ON {table} TO hub_service USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY reader ON {table} FOR SELECT TO hub_reader USING ({rule})")
    op.execute("GRANT SELECT ON event, departed, outbox TO hub_reader")
