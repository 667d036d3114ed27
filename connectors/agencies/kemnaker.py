"""Placements, deportations, complaints and internships of migrant workers.

Agency: Kementerian Ketenagakerjaan, SIAPkerja with the placement system SISKOP2MI.
Legal basis: UU 21/2007; UU 18/2017; Perpres 49/2023 (task force); processing by UU 27/2022 art. 20; agreement with the
provider.
Access: a read replica, PostgreSQL, schema `pmi`; a role that may only read.
Cursor: per table the latest `diubah_pada` less ten minutes; within a pass also the table and its last (diubah_pada, id).
Caveats: all columns of the contract are text; times have no zone and are WIB; a withdrawn row stays, with
`dihapus_pada`; one worker has ids of three generations.
"""

from collections.abc import Mapping

from sqlalchemy.engine import make_url

from connectors.protocol import Lookup
from connectors.transport.replica import SqlReplica, dsn
from connectors.transport.setting import Setting

SETTINGS = (
    Setting(
        name="dsn",
        description="address of the replica with our role, postgresql://user:password@host:port/database",
        form=dsn,
        secret=True,
    ),
)
BY_LOOKUP = False


def source(settings: Mapping[str, str], _lookup: Lookup) -> SqlReplica:
    """The tables.

    Args:
        settings: as declared, all of them.
    """
    return SqlReplica(
        agency="kemnaker",
        url=make_url(settings["dsn"]).set(drivername="postgresql+psycopg"),
        schema="pmi",
        tables=("penempatan", "deportasi", "pengaduan", "magang_ln"),
        id="id",
        changed="diubah_pada",
        deleted="dihapus_pada",
    )
