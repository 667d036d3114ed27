"""What agencies said: append-only versions, and each agency's latest word on a person or a case.

Source: ADR-0004. The service's role may insert versions but neither change nor delete them.
"""

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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schema.tables.metadata import metadata

source_record = Table(
    "source_record",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column(
        "subject_id", Uuid, nullable=False, comment="source_person or source_case that it is a version of"
    ),
    Column("agency", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("key", LargeBinary, nullable=False, comment="HMAC of the source's key"),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("hash", LargeBinary, nullable=False, comment="HMAC over the canonical form"),
    Column("implied", Boolean, comment="of a case; null in versions from before parts were kept"),
    Column("role", Text, comment="part that this version gives its person"),
    Column("case_object", Text, comment="with case_key: the case in which the part stands"),
    Column("case_key", LargeBinary),
    Column("sealed", LargeBinary, comment="identity and the part as received, under the subject's key"),
    Column("facts", JSONB, nullable=False, comment="facts and events without identity"),
    Column("source_time", DateTime(timezone=True), nullable=False),
    Column("fetched_at", DateTime(timezone=True), nullable=False),
    Column("mapping_version", Text, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("source_uri", Text, nullable=False),
    CheckConstraint("kind IN ('PERSON', 'CASE')", name="kind"),
    CheckConstraint("deleted = (sealed IS NULL)", name="tombstone_has_no_payload"),
    UniqueConstraint("subject_id", "version"),
    Index("ix_source_record_case_key", "case_key", postgresql_where=text("case_key IS NOT NULL")),
)

source_person = Table(
    "source_person",
    metadata,
    Column("source_id", Uuid, primary_key=True),
    Column(
        "role_id",
        Uuid,
        nullable=False,
        comment="names the victim or perpetrator that the record gives rise to",
    ),
    Column("agency", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("record_id", Uuid, nullable=False, comment="latest version"),
    Column("version", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("source_time", DateTime(timezone=True), nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("role", Text),
    Column(
        "case_object",
        Text,
        comment="with case_key: the source_case of the same agency in which the role stands",
    ),
    Column("case_key", LargeBinary),
    Column("nik_token", LargeBinary, comment="HMAC of a well-formed NIK"),
    Column("passport_token", LargeBinary, comment="HMAC of the passport number"),
    Column("birth_name_token", LargeBinary, comment="HMAC of exact birth date and phonetic first name"),
    Column(
        "confirmed_at",
        DateTime(timezone=True),
        comment="when the agency last said the same again: nothing from before overtakes it",
    ),
    CheckConstraint("role IN ('VICTIM', 'PERPETRATOR')", name="role"),
    UniqueConstraint("agency", "object", "key"),
    Index("ix_source_person_role_id", "role_id"),
    Index("ix_source_person_nik_token", "nik_token", postgresql_where=text("nik_token IS NOT NULL")),
    Index(
        "ix_source_person_passport_token",
        "passport_token",
        postgresql_where=text("passport_token IS NOT NULL"),
    ),
    Index(
        "ix_source_person_birth_name_token",
        "birth_name_token",
        postgresql_where=text("birth_name_token IS NOT NULL"),
    ),
    Index(
        "ix_source_person_case",
        "agency",
        "case_object",
        "case_key",
        postgresql_where=text("case_key IS NOT NULL"),
    ),
)

source_case = Table(
    "source_case",
    metadata,
    Column("source_id", Uuid, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("record_id", Uuid, nullable=False, comment="latest version"),
    Column("version", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("source_time", DateTime(timezone=True), nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("implied", Boolean, nullable=False),
    Column("police_report", Text, comment="key of the police report, evidence that two cases are one"),
    Column(
        "confirmed_at",
        DateTime(timezone=True),
        comment="when the agency last said the same again: nothing from before overtakes it",
    ),
    UniqueConstraint("agency", "object", "key"),
    Index(
        "ix_source_case_police_report", "police_report", postgresql_where=text("police_report IS NOT NULL")
    ),
)
