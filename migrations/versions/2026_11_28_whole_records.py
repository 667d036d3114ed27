"""Records of the ledger stay whole in their page: what they are made of does not compress, and trying cost a third of a write."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE audit.record SET (toast_tuple_target = 8160)")
