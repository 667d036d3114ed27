"""Every record of a sandbox comes out: the broken ones as Violations that name the field, all others as Records."""

import re

import pytest

from connectors.mapping import load
from hub.sandbox.population import Population
from hub.sandbox.vocabulary import DRIFT_FIELD
from hub.sandbox.wire import AGENCIES, Agency
from schema.record import Drift, Record, RecordKind, Role, Violation
from tests.connectors.mapping.wire import flat, raw_of

POPULATIONS = [Population(7, 40), Population(2026, 60)]
BY_SEED = pytest.mark.parametrize("population", POPULATIONS, ids=lambda population: f"seed {population.seed}")
BY_AGENCY = pytest.mark.parametrize("agency", AGENCIES)


def outcomes(population: Population, agency: Agency) -> list[Record | Violation]:
    mapping = load(agency)
    return [found for record in population.records(agency) for found in mapping.map(raw_of(record))]


@BY_SEED
@BY_AGENCY
def test_no_record_is_lost_and_none_is_made_up(population: Population, agency: Agency):
    sent = sorted((record.object, record.key) for record in flat(population, agency))

    got = sorted(
        (found.object, found.key or "")
        for found in outcomes(population, agency)
        if found.object != "kasus_rptc" and not getattr(found, "deleted", False)
    )

    assert got == sent


@BY_SEED
@BY_AGENCY
def test_exactly_the_broken_records_are_violations_and_each_names_its_field(
    population: Population, agency: Agency
):
    broken = sorted(
        (record.object, record.key, re.findall(r"\w+", record.broken)[-1])
        for record in flat(population, agency)
        if record.broken
    )

    violations = sorted(
        (found.object, found.key or "", rule.path)
        for found in outcomes(population, agency)
        if isinstance(found, Violation)
        for rule in found.rules
    )

    assert broken
    assert violations == broken


@BY_SEED
def test_the_police_give_each_person_a_part_in_its_report(population: Population):
    truth = {
        record.key: (record.role, record.key.split("/")[0])
        for record in flat(population, "polri")
        if record.role and not record.broken
    }

    parts = {
        found.key: (found.role, found.case and found.case[1])
        for found in outcomes(population, "polri")
        if isinstance(found, Record) and found.kind is RecordKind.PERSON
    }

    assert parts == truth


@BY_SEED
def test_a_stay_is_a_victims_only_where_the_shelter_says_so(population: Population):
    says_so = {
        record.key
        for record in flat(population, "kemensos")
        if record.fields["jenis_korban"] == "TPPO" and not record.broken
    }

    found = [one for one in outcomes(population, "kemensos") if isinstance(one, Record) and not one.deleted]

    assert {one.key for one in found if one.role is Role.VICTIM} == says_so
    assert {one.key for one in found if one.object == "kasus_rptc" and one.implied} == says_so
    assert {one.case for one in found if one.role} == {("kasus_rptc", key) for key in says_so}


@BY_SEED
@pytest.mark.parametrize("agency", ["kemnaker", "imigrasi"])
def test_workers_deportees_and_travellers_have_no_role(population: Population, agency: Agency):
    found = [one for one in outcomes(population, agency) if isinstance(one, Record)]

    assert {(one.role, one.case) for one in found} == {(None, None)}


@BY_SEED
@BY_AGENCY
def test_a_withdrawn_record_is_a_tombstone(population: Population, agency: Agency):
    withdrawn = sorted(record.key for record in population.records(agency) if record.withdrawn)

    tombstones = [one for one in outcomes(population, agency) if isinstance(one, Record) and one.deleted]

    assert sorted(one.key for one in tombstones if one.object != "kasus_rptc") == withdrawn
    assert not any(one.identity or one.facts or one.events or one.raw for one in tombstones)


@BY_SEED
@BY_AGENCY
def test_only_the_field_that_no_contract_knows_is_drift(population: Population, agency: Agency):
    mapping = load(agency)
    expected = [
        Drift(agency="POLRI", object="laporan_polisi", path=DRIFT_FIELD, form="text")
        for record in population.records(agency)
        if DRIFT_FIELD in record.fields and not record.withdrawn
    ]

    found = [drift for record in population.records(agency) for drift in mapping.drift(raw_of(record))]

    assert found == expected


@BY_SEED
def test_what_is_never_taken_is_nowhere_not_even_among_what_is_sealed(population: Population):
    found = [*outcomes(population, "kemensos"), *outcomes(population, "imigrasi")]

    assert not any({"asesmen", "status_cekal"} & one.raw.keys() for one in found)
    assert "ASESMEN-RAHASIA" not in repr(found)


@BY_SEED
@BY_AGENCY
def test_facts_and_events_hold_no_identity(population: Population, agency: Agency):
    for found in outcomes(population, agency):
        if isinstance(found, Record) and found.kind is RecordKind.PERSON and not found.deleted:
            told = repr((found.facts, found.events))
            identity = {
                str(value)
                for name, value in found.identity.items()
                if name in {"nik", "full_name", "passport", "address"}
            }

            assert not [value for value in identity if value in told]
