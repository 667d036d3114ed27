"""People who act in the hub, the issuers that vouch for them or for foreign systems, and where a login stands."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema.tables.metadata import metadata

account = Table(
    "account",
    metadata,
    Column("account_id", Text, primary_key=True, comment="ISSUER#SUB, as the issuer that vouches says"),
    Column("agency", Text, nullable=False, comment="the one agency that the person acts for"),
    Column(
        "title", Text, nullable=False, comment="an office, such as a data protection officer's; never a name"
    ),
    Column("suspended_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

trusted_issuer = Table(
    "trusted_issuer",
    metadata,
    Column("trust_id", Uuid, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("name", Text, nullable=False, comment="as people read it where they choose how to log in"),
    Column("agency", Text, nullable=False, comment="the agency for which its tokens speak"),
    Column(
        "use", Text, nullable=False, comment="SYSTEMS: its tokens are exchanged; PEOPLE: people log in by it"
    ),
    Column("audience", Text, nullable=False, comment="aud of its tokens; for PEOPLE our client_id there"),
    Column("algorithms", ARRAY(Text), nullable=False),
    Column("ceiling", ARRAY(Text), nullable=False, comment="scopes that it can never exceed"),
    Column("scope_map", JSONB, nullable=False, comment="its word -> a word of auth.scopes"),
    Column(
        "plain_jwt", Boolean, nullable=False, comment="typ JWT is tolerated, and azp in place of client_id"
    ),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", DateTime(timezone=True)),
    CheckConstraint("use IN ('SYSTEMS', 'PEOPLE')", name="use"),
    CheckConstraint(
        "algorithms <@ ARRAY['PS256', 'ES256', 'Ed25519', 'RS256'] AND cardinality(algorithms) > 0",
        name="algorithms",
    ),
    CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
    CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawal"),
    Index(
        "uq_trusted_issuer_standing",
        "issuer",
        "use",
        unique=True,
        postgresql_where=text("approved_at IS NOT NULL AND withdrawn_at IS NULL"),
    ),
)

login = Table(
    "login",
    metadata,
    Column("cookie_hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's value"),
    Column(
        "login_id",
        Uuid,
        nullable=False,
        server_default=text("gen_random_uuid()"),
        comment="by which tokens name the login; it opens nothing",
    ),
    Column("account_id", Text, nullable=False, index=True),
    Column("trust_id", Uuid, nullable=False, comment="of the issuer; the login ends when that is withdrawn"),
    Column("acr", Text, comment="level of authentication as the issuer says it"),
    Column("authenticated_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False, comment="idle since"),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column(
        "ended_at",
        DateTime(timezone=True),
        comment="logged out, or another login came in its place; its tokens are refused from then on",
    ),
)

login_attempt = Table(
    "login_attempt",
    metadata,
    Column("state_hash", LargeBinary, primary_key=True, comment="SHA-256 of OIDC's state"),
    Column("browser_hash", LargeBinary, nullable=False, comment="SHA-256 of the cookie that began it"),
    Column("trust_id", Uuid, nullable=False, comment="of the issuer"),
    Column("nonce", Text, nullable=False),
    Column("sealed_verifier", LargeBinary, nullable=False, comment="PKCE, sealed to its place"),
    Column("max_age_s", Integer, nullable=False, comment="how old the authentication may be"),
    Column("return_to", Text, nullable=False, comment="a path of ours"),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
