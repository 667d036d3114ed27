"""What the authorization server keeps between two requests of one flow; each row is good once and for a minute."""

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema.tables.metadata import metadata

pushed_request = Table(
    "pushed_request",
    metadata,
    Column("uri_hash", LargeBinary, primary_key=True, comment="SHA-256 of the request_uri"),
    Column("client_id", Text, nullable=False),
    Column("parameters", JSONB, nullable=False, comment="as pushed and checked (RFC 9126)"),
    Column("dpop_jkt", Text, comment="thumbprint of the key that the code will be bound to"),
    Column("opened_at", DateTime(timezone=True), comment="when a browser first came with it"),
    Column("browser_hash", LargeBinary, comment="SHA-256 of the cookie of that browser; no other may go on"),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    CheckConstraint("(opened_at IS NULL) = (browser_hash IS NULL)", name="opened"),
)

authorization_code = Table(
    "authorization_code",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True, comment="SHA-256 of the code"),
    Column("client_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Text, nullable=False, comment="S256"),
    Column("dpop_jkt", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("acr", Text),
    Column("authenticated_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("spent_at", DateTime(timezone=True)),
    Column("token_id", Text, comment="jti of what was issued for it, revoked if the code comes again"),
    CheckConstraint("(spent_at IS NULL) = (token_id IS NULL)", name="spent"),
)
