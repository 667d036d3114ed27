"""`migrate`: bring the database to this code's schema."""

from hub import database
from hub.cli import context


def migrate() -> None:
    """Bring the database to this code's schema. Forward only; safe to run twice or on two machines at once."""
    urls = context.databases(context.read_settings())
    print(f"schema revision {database.migrate(urls.owner_url)}")
