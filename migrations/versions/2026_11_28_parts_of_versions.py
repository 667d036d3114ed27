"""What a version says of the part that it gives its person, so that the view of a moment can be computed again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "source_record",
        sa.Column(
            "implied",
            sa.Boolean(),
            nullable=True,
            comment="of a case; null in versions from before parts were kept",
        ),
    )
    op.add_column(
        "source_record",
        sa.Column("role", Text(), nullable=True, comment="part that this version gives its person"),
    )
    op.add_column(
        "source_record",
        sa.Column(
            "case_object", Text(), nullable=True, comment="with case_key: the case in which the part stands"
        ),
    )
    op.add_column("source_record", sa.Column("case_key", sa.LargeBinary(), nullable=True))
    op.create_index(
        op.f("ix_source_record_case_key"),
        "source_record",
        ["case_key"],
        unique=False,
        postgresql_where=sa.text("case_key IS NOT NULL"),
    )
    op.create_index(op.f("ix_source_person_role_id"), "source_person", ["role_id"], unique=False)
    for column in ("source", "entity"):
        op.create_index(
            op.f(f"ix_link_ended_{column}"),
            "link",
            [f"{column}_id"],
            unique=False,
            postgresql_where=sa.text("valid_to IS NOT NULL"),
        )
