"""truth.json says of every record whom it is truly about."""

from pathlib import Path

from hub.sandbox import truth
from hub.sandbox.broken import BROKEN_COUNT
from hub.sandbox.population import Population
from hub.sandbox.stories import story
from hub.sandbox.truth import SHOWN


def test_truth_reads_back_as_it_was_written(tmp_path: Path):
    told = truth.load(truth.write(Population(5, 30), tmp_path))

    assert (told.seed, told.size) == (5, 30)
    assert told.totals["records"] == len(told.records)
    assert told.totals["people"] == len(told.people)
    assert told.totals["cases"] == len(told.cases)
    assert len(told.broken()) == BROKEN_COUNT
    assert all(record.person_id in told.people for record in told.records if record.person_id)
    assert all(record.case_id in told.cases for record in told.records if record.case_id)
    assert all(record.role is None or record.case_id for record in told.records)


def test_truth_is_not_written_again_for_the_same_arguments(tmp_path: Path):
    path = truth.write(Population(5, 3), tmp_path)
    before = path.stat().st_ino

    assert truth.write(Population(5, 3), tmp_path).stat().st_ino == before
    assert truth.write(Population(5, 4), tmp_path).stat().st_ino != before


def test_the_woman_known_to_all_shows_her_nik_to_three_agencies_and_her_passport_to_two(tmp_path: Path):
    told = truth.load(truth.write(Population(5, 0), tmp_path))
    woman = story("known_to_all").people[0]

    seen = told.people[woman.id].seen

    assert set(seen) == {"polri", "imigrasi", "kemnaker", "kemensos"}
    assert {agency for agency, kinds in seen.items() if "nik" in kinds} == {
        "polri",
        "imigrasi",
        "kemnaker",
        "kemensos",
    }
    assert {agency for agency, kinds in seen.items() if "passport" in kinds} == {"imigrasi", "kemnaker"}
    assert all(set(kinds) <= set(SHOWN) for kinds in seen.values())
    assert {record.object for record in told.of_person(woman.id)} == {
        "korban", "paspor", "perlintasan", "penempatan", "deportasi", "klien_rptc",
    }  # fmt: skip


def test_a_victim_and_suspect_has_both_roles_in_different_cases(tmp_path: Path):
    told = truth.load(truth.write(Population(5, 0), tmp_path))
    man = story("victim_and_suspect").people[0]

    roles = {(record.role, record.case_id) for record in told.of_person(man.id) if record.agency == "polri"}

    assert roles == {("VICTIM", "s05c0"), ("PERPETRATOR", "s05c1")}


def test_initials_show_a_name_and_an_age_and_no_number(tmp_path: Path):
    told = truth.load(truth.write(Population(5, 0), tmp_path))

    (record,) = (r for r in told.records if r.story == "initials_only" and r.object == "korban")

    assert (record.shows, record.nik) == (("name", "age"), None)
