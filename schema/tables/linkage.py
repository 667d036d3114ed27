"""Decisions on which source persons are one person and which source cases are one case: temporal, reversible.

An entity's id is the id of its oldest source, so a merge keeps the oldest id and an unmerge restores the former one.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schema.tables.metadata import metadata

_KIND = "kind IN ('PERSON', 'CASE')"

link_queue = Table(
    "link_queue",
    metadata,
    Column("queue_id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    CheckConstraint(_KIND, name="kind"),
)

link = Table(
    "link",
    metadata,
    Column("link_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("entity_id", Uuid, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    CheckConstraint(_KIND, name="kind"),
    Index("uq_link_open", "source_id", unique=True, postgresql_where=text("valid_to IS NULL")),
    Index("ix_link_entity", "entity_id", postgresql_where=text("valid_to IS NULL")),
    Index("ix_link_ended_source", "source_id", postgresql_where=text("valid_to IS NOT NULL")),
    Index("ix_link_ended_entity", "entity_id", postgresql_where=text("valid_to IS NOT NULL")),
)

link_match = Table(
    "link_match",
    metadata,
    Column("match_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("left_id", Uuid, nullable=False, comment="the older source"),
    Column("right_id", Uuid, nullable=False, comment="the newer source"),
    Column("verdict", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("evidence", JSONB, nullable=False, comment="similarities, never values"),
    Column("decided_by", Text, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    CheckConstraint(_KIND, name="kind"),
    CheckConstraint("verdict IN ('same', 'not_same')", name="verdict"),
    CheckConstraint("left_id < right_id", name="order"),
    Index(
        "uq_link_match_open", "left_id", "right_id", unique=True, postgresql_where=text("valid_to IS NULL")
    ),
    Index("ix_link_match_right", "right_id", postgresql_where=text("valid_to IS NULL")),
)

review_task = Table(
    "review_task",
    metadata,
    Column("review_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("left_id", Uuid, nullable=False),
    Column("right_id", Uuid, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("restricted", Text, comment="scope that the reviewer needs"),
    Column("evidence", JSONB, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    CheckConstraint(_KIND, name="kind"),
    CheckConstraint("state IN ('open', 'same', 'not_same', 'undecided')", name="state"),
    UniqueConstraint("left_id", "right_id"),
    Index("ix_review_task_right", "right_id"),
)

redirect = Table(
    "redirect",
    metadata,
    Column("old_id", Uuid, primary_key=True),
    Column("new_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Index("ix_redirect_new_id", "new_id"),
)

epoch = Table(
    "epoch",
    metadata,
    Column("singleton", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    CheckConstraint("singleton = 1", name="one_row"),
)
