"""How far each source has been read, what did not map, and what changed at the source."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema.tables.metadata import metadata

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("cursor", JSONB, nullable=False),
    Column("cursor_version", BigInteger, nullable=False, comment="the fence against a second worker"),
    Column("last_batch_at", DateTime(timezone=True)),
    Column("last_complete_at", DateTime(timezone=True), comment="when a pull last reached the end"),
    Column("last_failed_at", DateTime(timezone=True)),
    Column("last_problem", Text, comment="in words, without any value"),
)

pull_run = Table(
    "pull_run",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("quarantine_id", Uuid, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("key", LargeBinary, comment="HMAC of the source's key; NULL where the source gave none"),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("rules", JSONB, nullable=False, comment="[{rule, path, problem}], never a value"),
    Column("paths", ARRAY(Text), nullable=False),
    Column("source_time", DateTime(timezone=True)),
    Column("mapping_version", Text, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    CheckConstraint("state IN ('open', 'replayed', 'rejected')", name="state"),
    UniqueConstraint("agency", "object", "key", "hash", postgresql_nulls_not_distinct=True),
)

drift_task = Table(
    "drift_task",
    metadata,
    Column("drift_id", Uuid, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("seen_count", Integer, nullable=False),
    Column("state", Text, nullable=False),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    UniqueConstraint("agency", "object", "path"),
)
