"""What has changed in the view, as those who wait for it are told: ids and what happened to them, and nothing of a row.

    event     one for each case, victim or perpetrator that a change touched, in the order of commits
    departed  to whom a row that is gone was given, so that they, and nobody else, are told of its end
    outbox    how far events go, and up to where they have been deleted for their age

A position is taken from the outbox's row inside the transaction of the change, which holds the row of `epoch`: positions
have no gaps and their order is the order of commits, so whoever has read up to one has missed nothing below it.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from schema.tables.golden import REACHED
from schema.tables.metadata import metadata

KINDS = ("CREATED", "CHANGED", "CORRECTED", "WITHDRAWN")
"""What may happen to a row: it stands, it is another than before, its id was merged or came apart, it is no more."""
CHANNEL = "hub_event"
"""On which a commit with events is told, to whoever listens; a hint, and reading is the truth."""


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


event = Table(
    "event",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "event_id",
        Uuid,
        nullable=False,
        server_default=text("gen_random_uuid()"),
        comment="told to receivers; random, since one that counts would tell of events between two",
    ),
    Column("entity", Text, nullable=False),
    Column("row_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("old_ids", ARRAY(Uuid), comment="ids that lead to this row from now on"),
    Column("new_id", Uuid, comment="to what the id leads from now on"),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint(_one_of("entity", REACHED), name="entity"),
    CheckConstraint(_one_of("kind", KINDS), name="kind"),
)

departed = Table(
    "departed",
    metadata,
    Column("row_id", Uuid, primary_key=True),
    Column("entity", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("reach", ARRAY(Text), nullable=False, comment="as the row had it last, see schema.reach"),
    Column("is_child", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint(_one_of("entity", REACHED), name="entity"),
    Index("ix_departed_at", "at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("singleton", BigInteger, primary_key=True, autoincrement=False),
    Column("head", BigInteger, nullable=False, comment="position of the newest event"),
    Column("floor", BigInteger, nullable=False, comment="events up to here are no longer kept"),
    CheckConstraint("singleton = 1", name="one_row"),
    CheckConstraint("floor <= head", name="order"),
)
