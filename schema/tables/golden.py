"""The one view: a golden table per entity, its columns derived from the declarations.

Every golden table also has
    agencies     codes of the agencies whose records made the row
    provenance   {"sources": [{agency, record, at, fields}], "conflicts": [{field, agency, record, at, value}]};
                 a conflict has no value where the field is identity; no fields means the whole row (events)
    fingerprint  hash of all that is in the row; equal fingerprints mean that nothing changed
    reach        of Case, Victim and Perpetrator: to whom the row may be given, see schema.reach
    tokens       of Person and Document: by what it is found without being opened, see hub.identity.sought
    epoch        which recompute wrote the row last; epoch order is commit order
A sealed column holds ciphertext that names its key (hub.identity).
"""

from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
    column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from schema.declaration import Declaration, Entity, Kind
from schema.entities import entities
from schema.tables.metadata import metadata

_TEXT = Text(collation="C")
"""Sorted by code point on every server: codes and regions have no language, and a prefix is a range of an index."""


REACHED = ("Case", "Victim", "Perpetrator")
"""Entities whose rows are given out by owner and region; rows of all others follow the row that they hang on."""


SOUGHT = ("Person", "Document")
"""Entities that are found by tokens of sealed values."""
NEWEST_FIRST = "reported_on"
_REGIONS_OF_A_PAGE = ("origin_region", "destination_region")
"""Lists of cases are mostly asked for newest first, for a region and a period: one index gives them in that order, and
what lies in another region is passed over in the index, without its row."""


def _type(declaration: Declaration) -> TypeEngine[Any]:
    if declaration.sealed:
        return LargeBinary()
    types: dict[Kind, TypeEngine[Any]] = {
        Kind.ID: Uuid(),
        Kind.TEXT: _TEXT,
        Kind.TEXTS: ARRAY(Text),
        Kind.CODE: _TEXT,
        Kind.CODES: ARRAY(Text),
        Kind.DATE: Date(),
        Kind.TIMESTAMP: DateTime(timezone=True),
        Kind.INTEGER: Integer(),
        Kind.BOOLEAN: Boolean(),
        Kind.MONEY: Numeric(18, 2),
        Kind.OBJECTS: JSONB(),
    }
    return types[declaration.kind]


def _narrows(field: Declaration) -> bool:
    """True where an index pays: a code has too few values to narrow anything, and each index slows every recompute."""
    return field.sortable or (
        field.filterable and field.kind in {Kind.ID, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP}
    )


def _newest_first(entity: Entity) -> Index:
    order = column(NEWEST_FIRST, Date()).desc().nulls_last()
    return Index(f"ix_{entity.table}_newest", order, entity.key, *_REGIONS_OF_A_PAGE)


def _table(entity: Entity) -> Table:
    columns = [
        Column(field.name, _type(field), primary_key=field.name == entity.key, comment=field.text)
        for field in entity.fields
    ]
    indexes = [
        _newest_first(entity)
        if entity.name == "Case" and field.name == NEWEST_FIRST
        else Index(f"ix_{entity.table}_{field.name}", field.name)
        for field in entity.fields
        if field.name != entity.key and not field.sealed and _narrows(field)
    ]
    if entity.name in SOUGHT:
        indexes.append(Index(f"ix_{entity.table}_tokens", "tokens", postgresql_using="gin"))
    return Table(
        entity.table,
        metadata,
        *columns,
        Column("agencies", ARRAY(Text), nullable=False),
        Column("provenance", JSONB, nullable=False),
        *(
            [Column("reach", ARRAY(Text), nullable=False, server_default=text("'{}'"))]
            if entity.name in REACHED
            else []
        ),
        *(
            [Column("tokens", ARRAY(BigInteger), nullable=False, server_default=text("'{}'"))]
            if entity.name in SOUGHT
            else []
        ),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        *indexes,
        comment=entity.text,
    )


GOLDEN = MappingProxyType({name: _table(entity) for name, entity in entities().items()})
"""The golden table of each entity, by entity name."""
