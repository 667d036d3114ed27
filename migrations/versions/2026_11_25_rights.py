"""Rights of the roles: the service reads and writes, never owns; versions are append-only; statistics read nothing yet."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("source_record", "pull_run")
"""What an agency said is never changed and never deleted by the service (ADR-0004)."""


def upgrade() -> None:
    op.execute("INSERT INTO epoch (singleton, epoch) VALUES (1, 0)")
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO hub_service, hub_statistics")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hub_service")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO hub_service")
    for table in APPEND_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM hub_service")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM hub_service")
