"""When an agency last said the same again, so that a late older word does not overtake it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("source_person", "source_case"):
        op.add_column(
            table,
            sa.Column(
                "confirmed_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="when the agency last said the same again: nothing from before overtakes it",
            ),
        )
