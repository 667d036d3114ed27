"""Passports and border crossings of persons who are already in a case.

Agency: Direktorat Jenderal Imigrasi, SIMKIM.
Legal basis: UU 21/2007; Perpres 49/2023 (task force); processing by UU 27/2022 art. 20; agreement with the provider, which
limits questions to persons in a case.
Access: SOAP 1.1 behind HTTP Basic; `CariDokumen` by NIK or number, `CariPerlintasan` by number, at most 200 keys a call.
Cursor: the position in the list of persons; after its end the next pull begins again from the start.
Caveats: an answer has no order and no deletions, so everybody is asked for every time, and what was removed there stays
here; crossings are found by the number of the document and not by the person; `penundaan` is not asked for.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import orjson

from connectors.protocol import Batch, Cursor, Lookup, LookupPage, Raw
from connectors.transport import setting
from connectors.transport.https import Peer
from connectors.transport.moments import moment_of
from connectors.transport.retry import PATIENT, Patience
from connectors.transport.setting import Setting
from connectors.transport.soap import Part, SoapService, SoapSession

SETTINGS = (
    Setting(
        name="wsdl",
        description="address of the WSDL, such as https://host/simkim?wsdl",
        form=setting.web_address,
    ),
    Setting(name="username", description="name of the hub there"),
    Setting(name="password", description="password of that user", secret=True),
    setting.CA,
)
BY_LOOKUP = True


def source(settings: Mapping[str, str], lookup: Lookup) -> "Simkim":
    """The documents and crossings of those who are looked up.

    Args:
        settings: as declared, all of them.
        lookup: whom to ask for.
    """
    service = SoapService(
        peer=Peer(agency="imigrasi", ca=settings["ca"]),
        wsdl_url=settings["wsdl"],
        username=settings["username"],
        password=settings["password"],
    )
    return Simkim(service=service, lookup=lookup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simkim:
    """A registry that answers by key only; a page of persons is what is resumed.

    Attributes:
        service: which is asked.
        lookup: whom to ask for.
        key_count: keys a call, at most.
        patience: with failures.
    """

    service: SoapService
    lookup: Lookup
    key_count: int = 200
    patience: Patience = PATIENT

    async def batches(self, cursor: Cursor) -> AsyncGenerator[Batch]:
        """A batch for each page of persons after the cursor, and an empty one that leads back to the start.

        Raises:
            SourceUnavailable: the service does not answer, after retries.
            SourceRejected: it refuses our credentials.
            SourceChanged: its WSDL or its answers are not as agreed.
        """
        position, uri = cursor.get("position"), self.service.uri
        pages = self.lookup(position if isinstance(position, str) else None)
        try:
            async with self.service.open() as session:
                async for page in pages:
                    records = await self._about(session, page)
                    following = {"position": page.position}
                    yield Batch(records=records, next_cursor=following, is_last=False, source_uri=uri)
        finally:
            if isinstance(pages, AsyncGenerator):
                await pages.aclose()
        yield Batch(records=[], next_cursor={}, is_last=True, source_uri=uri)

    async def _about(self, session: SoapSession, page: LookupPage) -> list[Raw]:
        """Documents of these persons, then crossings on every number that is known now; each once."""
        keys = [("nik", nik) for nik in page.niks] + [("no_dokumen", number) for number in page.documents]
        documents = await self._ask(session, "CariDokumen", keys)
        found = [part.fields.get("no_paspor") for part in documents]
        numbers = [*page.documents, *(number for number in found if isinstance(number, str) and number)]
        crossings = await self._ask(
            session, "CariPerlintasan", [("no_dokumen", number) for number in numbers]
        )
        return [_raw(part) for part in _once([*documents, *crossings])]

    async def _ask(self, session: SoapSession, operation: str, keys: Iterable[tuple[str, str]]) -> list[Part]:
        found: list[Part] = []
        for chunk in _chunks(list(dict.fromkeys(keys)), self.key_count):
            asked: dict[str, list[str]] = {}
            for name, value in chunk:
                asked.setdefault(name, []).append(value)
            found += await self.patience.ask(partial(session.ask, operation, **asked))
        return found


def _chunks(keys: Sequence[tuple[str, str]], size: int) -> Iterator[Sequence[tuple[str, str]]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _once(parts: Iterable[Part]) -> Iterable[Part]:
    """Each part once: a passport may be found by its number and by its holder's NIK."""
    return {(part.name, orjson.dumps(part.fields)): part for part in parts}.values()


def _raw(part: Part) -> Raw:
    return Raw(object=part.name, fields=part.fields, changed_at=moment_of(part.fields.get("diperbarui_pada")))
