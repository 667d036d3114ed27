"""A program of an agency: it asks the hub by a client that was generated from the SDL, and knows nothing else of the hub.

Standard input has {"url", "token"}; standard output gets what was found, and the Python types of it.
"""

import asyncio
import json
import sys
from datetime import date, datetime
from uuid import UUID

from tppo_client import CaseFilter, DateFilter, TppoClient
from tppo_client.enums import LegalStage
from tppo_client.exceptions import GraphQLClientGraphQLMultiError, GraphQLClientHttpError


async def ask(url: str, token: str) -> dict[str, object]:
    """What the hub answers, each value with the type that the generated client promises."""
    since = date(2000, 1, 1)
    async with TppoClient(url, headers={"Authorization": f"Bearer {token}"}) as client:
        page = (await client.cases(first=2, where=CaseFilter(reportedOn=DateFilter(gte=since)))).cases
        assert page is not None
        cursor = page.page_info.end_cursor
        second = (await client.cases(first=2, after=cursor)).cases
        assert second is not None
        reported: list[date] = [case.reported_on for case in page.nodes if case.reported_on is not None]
        stages: list[LegalStage] = [case.legal_stage for case in page.nodes if case.legal_stage is not None]

        victims = (await client.victims(first=100)).victims
        assert victims is not None
        travelled = next(one for one in victims.nodes if one.movements and one.movements.total_count)
        # The generator knows an ID in an answer as text; as an argument it takes the UUID that it is.
        victim = (await client.crossings(id=UUID(travelled.id))).victim
        assert victim is not None
        assert victim.movements is not None
        crossed: list[datetime] = [one.at for one in victim.movements.nodes if one.at is not None]

        refused = ""
        try:
            await client.cases(first=101)
        except (GraphQLClientGraphQLMultiError, GraphQLClientHttpError) as error:
            refused = type(error).__name__
    return {
        "totalCount": page.total_count,
        "ids": [case.id for case in page.nodes],
        "next": [case.id for case in second.nodes],
        "reported": [type(one).__name__ for one in reported],
        "stages": [type(one).__name__ for one in stages],
        "crossed": sorted({f"{type(one).__name__} {one.utcoffset()}" for one in crossed}),
        "refused": refused,
    }


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(asyncio.run(ask(given["url"], given["token"]))))  # noqa: T201 -- its output
