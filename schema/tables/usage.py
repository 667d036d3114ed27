"""Which operations clients send, and what of the schema those use; no value of an operation is here."""

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from schema.tables.metadata import metadata

operation_usage = Table(
    "operation_usage",
    metadata,
    Column("client_id", Text, nullable=False),
    Column("document_hash", LargeBinary, nullable=False, comment="SHA-256; empty where it holds texts"),
    Column("operation", Text, nullable=False, comment="its name; empty where it has none that may be kept"),
    Column("day", Date, nullable=False, comment="UTC"),
    Column("count", BigInteger, nullable=False, comment="answers"),
    PrimaryKeyConstraint("client_id", "document_hash", "operation", "day"),
    Index("ix_operation_usage_day", "day"),
)

coordinate_usage = Table(
    "coordinate_usage",
    metadata,
    Column("client_id", Text, nullable=False),
    Column("document_hash", LargeBinary, nullable=False, comment="as in operation_usage"),
    Column("operation", Text, nullable=False),
    Column("coordinate", Text, nullable=False, comment="of the schema, such as Victim.fullName"),
    Column("last_day", Date, nullable=False, comment="on which it was used, UTC"),
    PrimaryKeyConstraint("client_id", "document_hash", "operation", "coordinate"),
    Index("ix_coordinate_usage_coordinate", "coordinate", "last_day"),
)
