"""Clients of shelters (RPTC, Sentra) and what was done for them.

Agency: Kementerian Sosial, the shelters' system beside SIKS-NG.
Legal basis: UU 21/2007 art. 51-53; Perpres 49/2023 (task force); processing by UU 27/2022 art. 20; agreement with the
provider.
Access: SFTP with a pinned host key, one folder; `klien_rptc_<date>.csv`, `klien_rptc_batal_<date>.csv` (withdrawals),
`klien_rptc_rekap_<month>.xlsx`.
Cursor: the files that were read, and the row within the one that was not read to its end.
Caveats: encodings change from file to file and from line to line; the time of a row is the day in the name of its file;
a client who returns has a new number; `dtsen_*` (social registry) has no purpose here and is never fetched.
"""

import re
from collections.abc import Mapping

from connectors.protocol import Lookup
from connectors.transport import delimited, setting, sftp, workbook
from connectors.transport.drop import FileDrop, Kind
from connectors.transport.setting import Setting

SETTINGS = (
    Setting(name="host", description="name or address of the SFTP server"),
    Setting(name="port", description="port of the SFTP server", form=setting.port, default="22"),
    Setting(name="username", description="name of the hub there"),
    Setting(name="password", description="password of that user", secret=True),
    Setting(
        name="host_key",
        description="public key of the server as in known_hosts, handed over in person",
        form=sftp.host_key,
    ),
    Setting(name="folder", description="folder that files are dropped into", default="keluar"),
)
BY_LOOKUP = False

_DAY = r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
_KINDS = (
    Kind(
        name=re.compile(rf"klien_rptc_{_DAY}\.csv", re.ASCII),
        rows=delimited.rows,
        is_whole=delimited.is_whole,
    ),
    Kind(
        name=re.compile(r"klien_rptc_rekap_(?P<year>\d{4})(?P<month>\d{2})\.xlsx", re.ASCII),
        rows=workbook.rows,
        is_whole=workbook.is_whole,
    ),
    Kind(
        name=re.compile(rf"klien_rptc_batal_{_DAY}\.csv", re.ASCII),
        rows=delimited.rows,
        is_whole=delimited.is_whole,
        withdraws=True,
    ),
)


def source(settings: Mapping[str, str], _lookup: Lookup) -> FileDrop:
    """The dropped files.

    Args:
        settings: as declared, all of them.
    """
    return FileDrop(
        agency="kemensos",
        folder=sftp.Folder(
            agency="kemensos",
            host=settings["host"],
            port=int(settings["port"]),
            username=settings["username"],
            password=settings["password"],
            host_key=settings["host_key"],
            path=settings["folder"],
        ),
        object="klien_rptc",
        key="no_register",
        kinds=_KINDS,
        prefix="klien_rptc",
    )
