"""Golden rows of several owners and regions, with protected witnesses: what one police population does not have."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.database import Pool
from schema import reach

_OWNERS = (["POLRI"], ["KEMENSOS"], ["KEMENSOS", "POLRI"], ["IMIGRASI"])
_PLACES = (["61.01"], ["64.02"], [], ["61.71", "64"])


async def give_owners(pool: Pool) -> None:
    """Each case and its persons get owners and places in turn, and every third victim is a protected witness."""
    async with pool.connection() as connection, connection.transaction():
        cursor = await connection.execute("SELECT case_id FROM golden_case ORDER BY case_id")
        for number, (case_id,) in enumerate(await cursor.fetchall()):
            await _give(connection, case_id, _OWNERS[number % 4], _PLACES[number // 4 % 4])
        await connection.execute(
            "UPDATE golden_victim SET protection_level = 'LPSK_PROTECTED' WHERE victim_id IN ("
            " SELECT victim_id FROM (SELECT victim_id, row_number() OVER (ORDER BY victim_id) AS n FROM golden_victim) v"
            " WHERE n % 3 = 0)"
        )


async def _give(connection: Any, case_id: UUID, owners: Sequence[str], places: Sequence[str]) -> None:
    words = reach.of_row(owners, places, case_id)
    for table in ("golden_case", "golden_victim", "golden_perpetrator"):
        await connection.execute(
            f"UPDATE {table} SET agencies = %s, reach = %s WHERE case_id = %s",  # noqa: S608 -- one of the three above
            (list(owners), words, case_id),
        )
