"""What callers have spent on queries in the minute that runs; it is nobody's evidence and may be lost."""

from sqlalchemy import BigInteger, Column, DateTime, PrimaryKeyConstraint, Table, Text, Uuid

from schema.tables.metadata import metadata

query_spending = Table(
    "query_spending",
    metadata,
    Column("minute", DateTime(timezone=True), nullable=False),
    Column("process_id", Uuid, nullable=False, comment="of the replica that tells"),
    Column("payer", Text, nullable=False, comment="`client ID` or `account ID`"),
    Column("cost", BigInteger, nullable=False, comment="microseconds of CPU as weighed"),
    PrimaryKeyConstraint("minute", "process_id", "payer"),
    # A crash of the server empties it, and so it costs no write of its log.
    prefixes=["UNLOGGED"],
)
