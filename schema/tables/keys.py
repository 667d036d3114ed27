"""Wrapped keys: deleting a subject's row erases the subject, backups included once the agency's key has rotated."""

from sqlalchemy import Column, DateTime, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid

from schema.tables.metadata import metadata

agency_key = Table(
    "agency_key",
    metadata,
    Column("agency", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False, comment="key-encryption key, wrapped by the root key"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("agency", "version"),
)

subject_key = Table(
    "subject_key",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("kek_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False, comment="data key, wrapped by the agency's key"),
)
