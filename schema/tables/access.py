"""Who may ask: clients, keys that sign tokens, ids that may be used once, tokens withdrawn before their end."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema.tables.metadata import metadata

client = Table(
    "client",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("agency", Text, comment="NULL for a client of no agency, such as a public dashboard"),
    Column("description", Text, nullable=False),
    Column("public_jwks", JSONB, nullable=False, comment="RFC 7517, public parts only"),
    Column("unit", Text, comment="office of the agency, where a case can be closed to one"),
    Column(
        "redirect_uris",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'"),
        comment="of what people log in to",
    ),
    Column("bearer_allowed", Boolean, nullable=False, server_default=text("false")),
    Column("suspended_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(
        "client_id NOT IN ('hub-console', 'hub-explorer') OR (agency IS NULL AND unit IS NULL AND NOT bearer_allowed"
        """ AND redirect_uris = '{}' AND public_jwks = '{"keys": []}')""",
        name="own_page",
    ),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("alg", Text, nullable=False),
    Column("public_jwk", JSONB, nullable=False),
    Column("sealed_private", LargeBinary, nullable=False, comment="sealed to its place, never plain"),
    Column("not_before", DateTime(timezone=True), nullable=False, comment="signs from then"),
    Column("retire_at", DateTime(timezone=True), nullable=False, comment="signs until then"),
    Column("drop_at", DateTime(timezone=True), nullable=False, comment="is published until then"),
    CheckConstraint("not_before < retire_at AND retire_at < drop_at", name="life"),
)

one_time_id = Table(
    "one_time_id",
    metadata,
    Column("kind", Text, nullable=False),
    Column("value_hash", LargeBinary, nullable=False, comment="SHA-256 of client and value"),
    Column("client_id", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    PrimaryKeyConstraint("kind", "value_hash"),
)

revoked_token = Table(
    "revoked_token",
    metadata,
    Column("jti", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
