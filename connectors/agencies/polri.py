"""Police reports with their victims and suspects.

Agency: Kepolisian Negara Republik Indonesia (Polri), e-MP through the national gateway.
Legal basis: UU 21/2007; Perpres 49/2023 (task force); processing by UU 27/2022 art. 20; agreement with the provider.
Access: REST, JSON, `GET /emp/v1/laporan_polisi`; OAuth2 client credentials; at most 1,000 reports a page.
Cursor: the server's `berikutnya` within a pass, then the latest `diperbarui_pada` less ten minutes.
Caveats: a report nests its victims and suspects, and one taken out of it leaves no trace of its own; a deleted
report keeps only its id and time; the examination record (BAP) is not published here and is never asked for.
"""

from collections.abc import Mapping

from connectors.protocol import Lookup, Raw
from connectors.transport import setting
from connectors.transport.https import Peer
from connectors.transport.moments import moment_of
from connectors.transport.oauth2 import ClientCredentials
from connectors.transport.rest import RestPager, Words
from connectors.transport.setting import Setting
from schema.record import Json

SETTINGS = (
    Setting(name="url", description="address of the gateway, such as https://host", form=setting.web_root),
    Setting(name="client_id", description="name of the hub as a client of the gateway"),
    Setting(name="client_secret", description="secret of that client", secret=True),
    setting.CA,
)
BY_LOOKUP = False


def source(settings: Mapping[str, str], _lookup: Lookup) -> RestPager:
    """The reports.

    Args:
        settings: as declared, all of them.
    """
    root = settings["url"].rstrip("/")
    return RestPager(
        agency="polri",
        peer=Peer(agency="polri", ca=settings["ca"]),
        url=f"{root}/emp/v1/laporan_polisi",
        login=ClientCredentials(
            agency="polri",
            token_url=f"{root}/oauth2/token",
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
        ),
        words=Words(limit="batas", since="sejak", after="setelah", rows="data", following="berikutnya"),
        raw=_report,
    )


def _report(fields: Mapping[str, Json]) -> Raw:
    return Raw(
        object="laporan_polisi",
        fields=fields,
        changed_at=moment_of(fields.get("diperbarui_pada")),
        deleted=fields.get("dihapus") is True,
    )
