"""The client of the officers' console can have no key either."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_PAGES = (
    "(agency IS NULL AND unit IS NULL AND NOT bearer_allowed"
    """ AND redirect_uris = '{}' AND public_jwks = '{"keys": []}')"""
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_client_own_page"), "client", type_="check")
    op.create_check_constraint(
        op.f("ck_client_own_page"),
        "client",
        f"client_id NOT IN ('hub-console', 'hub-explorer') OR {_PAGES}",
    )
