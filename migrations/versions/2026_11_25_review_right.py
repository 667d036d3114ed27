"""Review tasks are found by either side; what the status of a case rests on is said in full."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CASE_STATUS = (
    "Whether the case is open: the most open of the legal process, the services and what agencies state."
)


def upgrade() -> None:
    op.create_index("ix_review_task_right", "review_task", ["right_id"])
    op.alter_column("golden_case", "case_status", comment=CASE_STATUS)
