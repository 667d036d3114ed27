"""Where a closed case leads decides what a caller may read, so a change of that is counted with the rest.

A permit that was read a moment before a merge would otherwise open the case that the closed one was merged into.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOVED = """
    CREATE FUNCTION count_closed_case_moved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM exclusion x WHERE x.case_id IN (OLD.old_id, NEW.old_id)
                   AND x.approved_at IS NOT NULL AND x.lifted_at IS NULL) THEN
            UPDATE access_version SET version = version + 1;
        END IF;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.execute(MOVED)
    op.execute(
        "CREATE TRIGGER counts_closed AFTER INSERT OR UPDATE OR DELETE ON redirect"
        " FOR EACH ROW EXECUTE FUNCTION count_closed_case_moved()"
    )
