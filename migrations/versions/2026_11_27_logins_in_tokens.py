"""A login has an id that tokens name and an end that refuses them; the client of the hub's own page can have no key."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "login",
        sa.Column(
            "login_id",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="by which tokens name the login; it opens nothing",
        ),
    )
    op.add_column(
        "login",
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="logged out, or another login came in its place; its tokens are refused from then on",
        ),
    )
    op.create_check_constraint(
        op.f("ck_client_own_page"),
        "client",
        "client_id <> 'hub-explorer' OR (agency IS NULL AND unit IS NULL AND NOT bearer_allowed"
        """ AND redirect_uris = '{}' AND public_jwks = '{"keys": []}')""",
    )
