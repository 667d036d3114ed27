"""A notice says when a mail server took it. Those that were there stand in the lists, and nobody is told of them late."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "notice",
        sa.Column(
            "told_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a mail server took it, where there is one",
        ),
    )
    op.execute("UPDATE notice SET told_at = created_at")
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("told_at IS NULL"),
    )
