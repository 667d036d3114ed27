"""Pages of cases, newest first, from one index; what is excluded is read once for a statement, not once for a row."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def listed(setting: str) -> str:
    """A setting's list, read once for a statement; NULL where it was not made, which lets no row through."""
    return f"(SELECT string_to_array(NULLIF(current_setting('hub.{setting}', true), ''), ','))"


EXCLUDED = "(SELECT CAST(string_to_array(NULLIF(current_setting('hub.excluded', true), ''), ',') AS uuid[]))"
NOT_EXCLUDED = f"case_id <> ALL (CAST({EXCLUDED} AS uuid[]))"
"""The outer cast changes nothing: without it PostgreSQL would compare with a row of the subquery, not with its list."""
ROWS = {
    "golden_case": f"reach && {listed('case')} AND {NOT_EXCLUDED}",
    "golden_victim": f"reach && {listed('victim')} AND {NOT_EXCLUDED}"
    f" AND (is_child_at_exploitation IS NOT TRUE OR reach && {listed('child')})",
    "golden_perpetrator": f"reach && {listed('perpetrator')} AND {NOT_EXCLUDED}",
}


def upgrade() -> None:
    for table, rule in ROWS.items():
        op.execute(f"ALTER POLICY reader ON {table} USING ({rule})")
    op.drop_index("ix_golden_case_reported_on", table_name="golden_case")
    op.create_index(
        "ix_golden_case_newest",
        "golden_case",
        [sa.text("reported_on DESC NULLS LAST"), "case_id", "origin_region", "destination_region"],
        unique=False,
    )
