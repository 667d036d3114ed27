"""Which operations clients send, and what of the schema those use."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operation_usage",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column(
            "document_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256; empty where it holds texts",
        ),
        sa.Column(
            "operation",
            sa.Text(),
            nullable=False,
            comment="its name; empty where it has none that may be kept",
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC"),
        sa.Column("count", sa.BigInteger(), nullable=False, comment="answers"),
        sa.PrimaryKeyConstraint(
            "client_id", "document_hash", "operation", "day", name=op.f("pk_operation_usage")
        ),
    )
    op.create_index("ix_operation_usage_day", "operation_usage", ["day"], unique=False)
    op.create_table(
        "coordinate_usage",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False, comment="as in operation_usage"),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("coordinate", sa.Text(), nullable=False, comment="of the schema, such as Victim.fullName"),
        sa.Column("last_day", sa.Date(), nullable=False, comment="on which it was used, UTC"),
        sa.PrimaryKeyConstraint(
            "client_id", "document_hash", "operation", "coordinate", name=op.f("pk_coordinate_usage")
        ),
    )
    op.create_index(
        "ix_coordinate_usage_coordinate", "coordinate_usage", ["coordinate", "last_day"], unique=False
    )
    for table in ("operation_usage", "coordinate_usage"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO hub_service")
