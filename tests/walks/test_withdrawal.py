"""A victim whom the police take out of a report, and a report that they delete, stop counting with the next pull."""

import httpx
import pytest

from hub.sandbox import run
from tests.walks.conftest import Station

ROLES = """
    SELECT s.object, s.deleted, v.victim_id IS NOT NULL OR p.perpetrator_id IS NOT NULL, count(*)
    FROM source_person s
    LEFT JOIN golden_victim v ON v.victim_id = s.role_id
    LEFT JOIN golden_perpetrator p ON p.perpetrator_id = s.role_id
    WHERE s.agency = 'POLRI' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@pytest.fixture
def police(make_station) -> Station:
    made = make_station()
    (polri,) = run.start(made.var / "sandbox", seed=5, size=4, agencies=["polri"])
    for name, value in polri.settings.items():
        made.environment[f"HUB_AGENCY__POLRI__{name.upper()}"] = str(value)
    made.environment["CONTROL"] = polri.control
    assert made.hub("key").returncode == 0
    assert made.hub("migrate").returncode == 0
    assert made.hub("pull", "polri").returncode == 0
    return made


def order(police: Station, verb: str, key: str) -> None:
    control = police.environment["CONTROL"]
    assert httpx.post(f"{control}/{verb}", json={"key": key}, trust_env=False).is_success


def test_who_is_taken_out_and_who_is_deleted_stops_counting(police):
    before = {(name, deleted): count for name, deleted, _, count in police.rows(ROLES)}
    victims = police.rows("SELECT count(*) FROM golden_victim")[0][0]

    order(police, "delete", "EMP-0000001/korban/1")
    assert police.hub("pull", "polri").returncode == 0
    after_part = {(name, deleted): count for name, deleted, _, count in police.rows(ROLES)}
    victims_after_part = police.rows("SELECT count(*) FROM golden_victim")[0][0]
    order(police, "delete", "EMP-0000001")
    assert police.hub("pull", "polri").returncode == 0
    cases = police.rows(
        "SELECT count(*) FROM source_case s JOIN link l USING (source_id) JOIN golden_case g ON g.case_id = l.entity_id"
        " WHERE s.deleted AND l.valid_to IS NULL"
    )
    alive_in_deleted = police.rows(
        "SELECT count(*) FROM source_person p JOIN source_case c ON c.agency = p.agency AND c.object = p.case_object"
        " AND c.key = p.case_key WHERE c.deleted AND NOT p.deleted"
    )

    assert before.get(("korban", True), 0) == 0
    assert after_part["korban", True] == 1
    assert after_part["korban", False] == before["korban", False] - 1
    assert victims_after_part == victims - 1
    assert cases == [(0,)]
    assert alive_in_deleted == [(0,)]
    assert police.hub("rebuild").stdout.splitlines()[-1] == "0 rows changed"
