"""What callers have spent on queries in the minute that runs, as replicas tell each other."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "query_spending",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False, comment="of the replica that tells"),
        sa.Column("payer", sa.Text(), nullable=False, comment="`client ID` or `account ID`"),
        sa.Column("cost", sa.BigInteger(), nullable=False, comment="microseconds of CPU as weighed"),
        sa.PrimaryKeyConstraint("minute", "process_id", "payer", name=op.f("pk_query_spending")),
        prefixes=["UNLOGGED"],
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON query_spending TO hub_service")
