"""The read ledger: append-only records of who saw what and why, and the signed seals that prove none was changed.

Source: RFC 9162 section 2.1 (Merkle tree hashing), RFC 8785 (the bytes of a body), RFC 7515 (the signature of a seal).
"""

from typing import Any, cast

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from schema.tables.metadata import metadata

SCHEMA = "audit"
event.listen(metadata, "before_create", DDL(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, which never wraps."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in DDL."""
        return "xid8"


cast("dict[str, Any]", ischema_names)["xid8"] = Xid8
"""So that Alembic, which compares a database with the declarations, knows the type."""


era = Table(
    "era",
    metadata,
    Column(
        "era",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="rises when transaction ids start anew, as after a restore",
    ),
    Column(
        "system",
        BigInteger,
        nullable=False,
        comment="identifier of the server whose transaction ids the era counts",
    ),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    schema=SCHEMA,
)

record = Table(
    "record",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "era", Integer, nullable=False, comment="rises when transaction ids start anew, as after a restore"
    ),
    Column("xid", Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column(
        "body", LargeBinary, nullable=False, comment="the bytes that are hashed; no identity, no variables"
    ),
    Index("ix_record_order", "era", "xid", "id"),
    schema=SCHEMA,
    # A body is mostly pseudonyms, which do not compress; trying to, and putting them beside the row, takes a third of a write.
    postgresql_with={"toast_tuple_target": 8160},
)

seal = Table(
    "seal",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("era", Integer, nullable=False),
    Column("xid_from", Xid8(), nullable=False),
    Column("xid_to", Xid8(), nullable=False),
    Column("count", Integer, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("prev", LargeBinary, nullable=False, comment="SHA-256 of the JWS of the seal before"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kid", Text, nullable=False),
    Column("jws", Text, nullable=False),
    Column("stamp", LargeBinary, comment="RFC 3161, where there is an authority"),
    Index("ix_seal_order", "era", "xid_to"),
    schema=SCHEMA,
)

seal_key = Table(
    "seal_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public_jwk", Text, nullable=False),
    Column(
        "sealed_private",
        LargeBinary,
        nullable=False,
        comment="sealed to its place; signs seals, manifests of exports and the next key, nothing else",
    ),
    Column("not_before", DateTime(timezone=True), nullable=False),
    Column("retire_at", DateTime(timezone=True), nullable=False),
    Column(
        "endorsement",
        Text,
        nullable=False,
        comment="JWS of the key before over this one; the first key signs itself",
    ),
    schema=SCHEMA,
)
