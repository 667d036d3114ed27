"""Bulk exports: what was asked under which grants, its parts, and their bytes, sealed under a key of the export's own."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema.tables.metadata import metadata

bulk_export = Table(
    "bulk_export",
    metadata,
    Column("export_id", Uuid, primary_key=True),
    Column(
        "number",
        BigInteger,
        Identity(),
        nullable=False,
        unique=True,
        comment="as the mark of each row names it",
    ),
    Column("client_id", Text, nullable=False),
    Column("account_id", Text, comment="the person, where one asked"),
    Column("agency", Text),
    Column("purpose", Text, nullable=False),
    Column("jurisdiction", ARRAY(Text), nullable=False, comment="of the token"),
    Column("scopes", ARRAY(Text), nullable=False, comment="of the token"),
    Column("holdings", JSONB, nullable=False, comment="the grants that it stands on, as they were"),
    Column("excluded", ARRAY(Uuid), nullable=False, comment="cases that were closed to the caller"),
    Column("operation", LargeBinary, nullable=False, comment="SHA-256 of the document"),
    Column("coordinates", ARRAY(Text), nullable=False),
    Column(
        "sealed_question", LargeBinary, comment="document and variables; NULL once nobody needs them any more"
    ),
    Column("sealed_key", LargeBinary, comment="of its parts; NULL once it is destroyed"),
    Column("format", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, comment="of the error that ended it"),
    Column("row_count", BigInteger, nullable=False, server_default=text("0")),
    Column("total", BigInteger, comment="rows that there were when it began"),
    Column("part_count", Integer, nullable=False, server_default=text("0")),
    Column("last_key", Uuid, comment="of the last row of the last whole part"),
    Column("manifest", Text),
    Column("jws", Text, comment="over the manifest"),
    Column("lease", Uuid, comment="of the process that computes it"),
    Column("lease_until", DateTime(timezone=True), comment="by the server's clock"),
    Column(
        "attempts",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="since the last whole part",
    ),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("format IN ('ndjson', 'parquet')", name="format"),
    CheckConstraint("state IN ('OPEN', 'DONE', 'FAILED', 'WITHDRAWN', 'DELETED', 'EXPIRED')", name="state"),
    CheckConstraint("state IN ('OPEN', 'DONE') OR sealed_key IS NULL", name="closed"),
    Index(
        "ix_bulk_export_alive",
        "asked_at",
        postgresql_where=text("state IN ('OPEN', 'DONE')"),
    ),
    Index("ix_bulk_export_client", "client_id", "asked_at"),
)

bulk_export_part = Table(
    "bulk_export_part",
    metadata,
    Column("export_id", Uuid, nullable=False),
    Column("part", Integer, nullable=False, comment="from 1"),
    Column("row_count", Integer, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("snapshot_at", DateTime(timezone=True), nullable=False),
    Column("freshness", JSONB, nullable=False, comment="of each agency, in that snapshot"),
    PrimaryKeyConstraint("export_id", "part"),
    ForeignKeyConstraint(["export_id"], ["bulk_export.export_id"]),
)

bulk_export_chunk = Table(
    "bulk_export_chunk",
    metadata,
    Column("export_id", Uuid, nullable=False),
    Column("part", Integer, nullable=False),
    Column("n", Integer, nullable=False, comment="from 0; all but the last of a part are of one length"),
    Column("sealed", LargeBinary, nullable=False, comment="to its place, under the export's key"),
    PrimaryKeyConstraint("export_id", "part", "n"),
    ForeignKeyConstraint(["export_id"], ["bulk_export.export_id"]),
)
