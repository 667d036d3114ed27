"""A pull that is killed three times and run again leaves the same tables as one that nobody disturbed."""

import time
from dataclasses import replace

import pytest

from hub.cli import context
from hub.demo import comparison
from hub.sandbox import truth
from hub.settings import load
from tests.walks.conftest import Station

AGENCIES = ("polri", "kemnaker", "kemensos", "imigrasi")

# Ids differ from run to run, since they are made when a record is first met. So a row is named by what the source calls
# the records that it rests on, which is the HMAC of the source's key under keys that differ too: a count of every value
# that does not depend on ids or keys, and of how many records, links and rows hang together, is what can be compared. The last word of a reach names the case.
CONTENT = {
    "versions": """SELECT agency, object, version, deleted, facts::text, source_time, mapping_version, count(*)
        FROM source_record GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7""",
    "quarantine": "SELECT agency, object, rules::text, state, count(*) FROM quarantine GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    "drift": "SELECT agency, object, path, form FROM drift_task ORDER BY 1, 2, 3, 4",
    "queue": "SELECT count(*) FROM link_queue",
    "clusters": """SELECT kind, sizes, count(*) FROM (SELECT kind, array_agg(agency ORDER BY agency) AS sizes FROM link
        JOIN (SELECT source_id, agency FROM source_person UNION ALL SELECT source_id, agency FROM source_case) s USING (source_id)
        WHERE valid_to IS NULL GROUP BY kind, entity_id) c GROUP BY 1, 2 ORDER BY 1, 2""",
    "cases": """SELECT case_status, police_report, reported_on, occurred_from, acts, means, modus, modus_text, origin_region,
        destination_country, legal_basis::text, legal_stage, legal_terminal, reported_victim_count, agencies || reach[:cardinality(reach) - 1], count(*)
        FROM golden_case GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15""",
    "victims": """SELECT status, status_decided_by, age_at_identification, age_band_ctdc, is_child_at_exploitation, exploitation,
        sector, protection_level, stage, stage_since, v.agencies || v.reach[:cardinality(v.reach) - 1], p.sex, p.nik_status, p.birth_date_precision, p.agencies,
        (p.full_name IS NULL, p.nik IS NULL, p.birth_date IS NULL, p.phone IS NULL), count(*)
        FROM golden_victim v JOIN golden_person p USING (person_id)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
        ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16""",
    "perpetrators": """SELECT suspect_status, roles, agencies || reach[:cardinality(reach) - 1], count(*) FROM golden_perpetrator
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "movements": """SELECT agency, direction, border_post, at, mode, carrier, depot, causes, batch_reference, count(*)
        FROM golden_movement GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9""",
    "services": """SELECT agency, category, detail, started_on, ended_on, outcome, monitoring_month, count(*)
        FROM golden_service_event GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7""",
    "placements": """SELECT agency, country, promised_occupation, placement_status, wage_promised, departed_on, count(*)
        FROM golden_job_placement GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6""",
    "legal events": """SELECT agency, stage, terminal, occurred_on, document_number, count(*) FROM golden_legal_event
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5""",
    "documents": "SELECT agency, type, status, issued_on, expires_on, count(*) FROM golden_document GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    "organisations": "SELECT name, type, level, region, licence_number, count(*) FROM golden_organisation GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
}


def content(station: Station) -> dict[str, list[tuple]]:
    return {name: station.rows(statement) for name, statement in CONTENT.items()}


def sibling(station: Station, make_station) -> Station:
    """Another hub, told of the same agencies."""
    made = make_station()
    made.environment.update(station.environment)
    assert made.hub("key").returncode == 0
    assert made.hub("migrate").returncode == 0
    return made


@pytest.fixture(scope="module")
def undisturbed(station, make_station) -> Station:
    made = sibling(station, make_station)
    for agency in AGENCIES:
        done = made.hub("pull", agency)
        assert done.returncode == 0, done.stderr
    return made


def kill_after(station: Station, agency: str, seconds: float) -> bool:
    """Starts a pull and kills it that long after it has begun to commit; False if it was quicker."""
    with station.start("pull", agency) as running:
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(seconds)
        running.kill()
    return running.returncode < 0


def test_three_kills_change_nothing_in_the_end(station, undisturbed, make_station):
    disturbed = sibling(station, make_station)

    killed = [
        kill_after(disturbed, agency, pause)
        for agency, pause in (("kemensos", 0), ("polri", 0.15), ("kemnaker", 0))
    ]
    before_rerun = disturbed.rows("SELECT count(*) FROM source_record")
    for agency in AGENCIES:
        done = disturbed.hub("pull", agency)
        assert done.returncode == 0, done.stderr

    assert any(killed)
    assert before_rerun < undisturbed.rows("SELECT count(*) FROM source_record")
    assert content(disturbed) == content(undisturbed)


def test_pulling_again_changes_nothing(undisturbed):
    before = content(undisturbed)
    epoch_rows = undisturbed.rows("SELECT max(epoch) FROM golden_case")

    for agency in AGENCIES:
        assert undisturbed.hub("pull", agency).returncode == 0

    assert content(undisturbed) == before
    assert undisturbed.rows("SELECT max(epoch) FROM golden_case") == epoch_rows


def test_a_rebuild_from_nothing_finds_the_view_right(undisturbed):
    done = undisturbed.hub("rebuild")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "0 rows changed"


async def test_the_view_agrees_with_the_kept_truth(station, undisturbed):
    settings = load(undisturbed.settings())
    urls = context.databases(settings)

    async with context.working(settings, urls, name="test") as work, work.pool.connection() as connection:
        kept = truth.load(station.var / "sandbox" / truth.FILE_NAME)
        compared = await comparison.compare(connection, work.keyring, kept)

    assert compared.right, replace(compared, missing=compared.missing[:10])
    assert compared.record_count == compared.stored_count + compared.quarantined_count
    assert compared.true_persons <= compared.hub_persons <= compared.linkable_persons
    assert compared.true_cases <= compared.hub_cases
