"""Who is called when something changes, what waits to be told them, and the keys that sign it.

webhook           an endpoint of a client, and how far events have been taken up for it
webhook_delivery  an event that an endpoint has not taken yet; one that it took is not here any more
webhook_key       signs deliveries; its public part is published
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from schema.tables.metadata import metadata

webhook = Table(
    "webhook",
    metadata,
    Column("webhook_id", Uuid, primary_key=True),
    Column("client_id", Text, nullable=False, comment="whose grants decide what it is told"),
    Column("url", Text, nullable=False),
    Column("purpose", Text, nullable=False, comment="as of a token"),
    Column("scopes", ARRAY(Text), nullable=False, comment="as of a token"),
    Column("types", ARRAY(Text), nullable=False, comment="of events, as Entity.KIND"),
    Column("position", BigInteger, nullable=False, comment="events up to here were taken up"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
    Column("reason", Text, comment="why it is disabled, a word of ours"),
    Column("failures", Integer, nullable=False, server_default=text("0"), comment="since it last answered"),
    Column("resume_at", DateTime(timezone=True), comment="it is ill, and left alone until then"),
    Column("lease", Uuid, comment="of the process that sends to it now"),
    Column("leased_until", DateTime(timezone=True), comment="another process may send from then"),
    CheckConstraint("(disabled_at IS NULL) = (reason IS NULL)", name="disabled"),
    Index("ix_webhook_client_id", "client_id"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("webhook_id", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False, comment="of the event"),
    Column("row_id", Uuid, nullable=False, comment="of the event: one waits for the one before it"),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, comment="it is given up so long after"),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("status", Integer, comment="of HTTP, at the last attempt; NULL where there was no answer"),
    PrimaryKeyConstraint("webhook_id", "position"),
    ForeignKeyConstraint(["webhook_id"], ["webhook.webhook_id"]),
    CheckConstraint("state IN ('WAITING', 'DEAD')", name="state"),
    Index("ix_webhook_delivery_row", "webhook_id", "row_id", "position"),
)

webhook_key = Table(
    "webhook_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public_key", LargeBinary, nullable=False, comment="Ed25519, 32 bytes"),
    Column("sealed_private", LargeBinary, nullable=False, comment="sealed to its place"),
    Column("not_before", DateTime(timezone=True), nullable=False, comment="signs from then"),
    Column("retire_at", DateTime(timezone=True), nullable=False, comment="signs until then"),
)
