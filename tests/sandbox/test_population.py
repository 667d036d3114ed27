"""The population is deterministic, unique where it must be, synthetic, and messy as promised."""

import hashlib
import re
import time
from collections import Counter
from datetime import date
from pathlib import Path

import orjson

from hub.sandbox import truth, vocabulary
from hub.sandbox.broken import BROKEN_COUNT
from hub.sandbox.drops import write_drops
from hub.sandbox.population import DEFAULT_SEED, DEFAULT_SIZE, Population
from hub.sandbox.stories import stories, story
from hub.sandbox.truth import flatten
from hub.sandbox.wire import AGENCIES, WireRecord


def digest_of(population: Population) -> str:
    digest = hashlib.sha256()
    for agency in AGENCIES:
        for record in flatten(population.records(agency)):
            digest.update(
                orjson.dumps(
                    [record.object, record.key, dict(record.fields), record.updated_at, record.person_id]
                )
            )
    return digest.hexdigest()


def records_of(size: int = 150, seed: int = 3) -> list[WireRecord]:
    population = Population(seed, size)
    return [record for agency in AGENCIES for record in flatten(population.records(agency))]


def test_the_same_seed_and_size_give_the_same_records_and_another_seed_gives_others():
    first, again, other = (
        digest_of(Population(5, 60)),
        digest_of(Population(5, 60)),
        digest_of(Population(6, 60)),
    )

    assert first == again
    assert first != other


def test_a_larger_population_begins_with_the_smaller_one():
    small = [record.key for record in Population(5, 20).records("polri")]
    large = [record.key for record in Population(5, 40).records("polri")]

    assert large[: len(small)] == small


def test_the_drop_files_and_truth_of_one_population_are_equal_to_the_byte(tmp_path: Path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_drops(Population(5, 60).records("kemensos"), tmp_path / name)
        truth.write(Population(5, 60), tmp_path / name)

    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "second")
    )
    assert first == second


def test_the_default_population_holds_about_five_thousand_records():
    population = Population(DEFAULT_SEED, DEFAULT_SIZE)

    count = sum(
        1
        for agency in AGENCIES
        for record in flatten(population.records(agency))
        if record.object != "penundaan"
    )

    assert 4700 <= count <= 5300


def test_every_source_key_is_unique_save_the_missing_ones():
    keys = Counter((record.agency, record.object, record.key) for record in records_of())

    assert {key: count for key, count in keys.items() if count > 1} == {}


def test_every_nik_is_synthetic_and_of_one_person():
    holders: dict[str, set[str | None]] = {}
    for record in records_of():
        nik = record.fields.get("nik")
        if nik:
            holders.setdefault(str(nik), set()).add(record.person_id)

    assert all(re.fullmatch(r"99\d{14}", nik) for nik in holders)
    assert all(len(people) == 1 for people in holders.values())


def test_every_phone_is_of_a_range_no_operator_holds():
    texts = [
        str(record.fields["uraian_singkat"]) for record in records_of() if record.fields.get("uraian_singkat")
    ]

    numbers = {number for text in texts for number in re.findall(r"\b0\d{8,}", text)}
    assert numbers
    assert all(number.startswith("0860") for number in numbers)


def test_free_text_fields_hold_only_what_the_vocabulary_lists():
    records = [record for record in records_of() if record.broken is None]
    flat = {text for texts in vocabulary.MODUS.values() for text in texts}
    jabatan = {text for texts in vocabulary.JABATAN.values() for text in texts}
    roles = {text for texts in vocabulary.PERAN.values() for text in texts}

    assert {r.fields["modus"] for r in records if r.object == "laporan_polisi"} <= flat
    assert {r.fields["jabatan"] for r in records if r.object == "penempatan"} <= jabatan
    for record in records:
        if record.object == "tersangka":
            text = str(record.fields["peran"])
            assert text in roles or any(
                set(text.split(joint)) <= roles for joint in vocabulary.PERAN_JOINED_BY
            )


def test_broken_records_are_a_known_number_with_reasons_whatever_the_size():
    reasons = [sorted(r.broken for r in records_of(size) if r.broken is not None) for size in (0, 80)]

    assert len(reasons[0]) == BROKEN_COUNT
    assert reasons[0] == reasons[1]


def test_some_reports_carry_a_field_that_no_contract_knows():
    reports = [record for record in records_of() if record.object == "laporan_polisi"]

    drifted = [record for record in reports if vocabulary.DRIFT_FIELD in record.fields]
    assert 0 < len(drifted) < len(reports) / 4


def test_stories_have_distinct_names_and_people():
    told = stories()

    assert len({each.name for each in told}) == len(told) >= 20
    ids = [person.id for each in told for person in each.people]
    assert len(set(ids)) == len(ids)


def fields_of(name: str, kind: str) -> list[dict[str, object]]:
    return [dict(record.fields) for record in flatten(story(name).records) if record.object == kind]


def test_the_messy_cases_are_on_the_wire():
    assert fields_of("initials_only", "korban")[0]["nama"] == "S.M."
    assert len(fields_of("report_sent_twice", "laporan_polisi")) == 2
    assert fields_of("returned_file", "laporan_polisi")[0]["tahap"] == "P19"
    assert [(act.field, act.value) for act in story("returned_file").later] == [("tahap", "TAHAP1")]
    assert len({f["nik"] for f in fields_of("suspect_of_two_polda", "tersangka")}) == 1
    assert len(fields_of("suspect_of_two_polda", "tersangka")) == 2
    assert (
        fields_of("victim_and_suspect", "tersangka")[1]["nik"]
        == fields_of("victim_and_suspect", "korban")[0]["nik"]
    )
    assert fields_of("across_two_codes", "laporan_polisi")[0]["tgl_kejadian"] == "28-12-2025 s/d 02-01-2026"
    assert [f["nama"] for f in fields_of("one_word_name", "perlintasan")] == [
        "SUPARNO SUPARNO",
        "SUPARNO FNU",
    ]
    assert fields_of("apostrophe", "perlintasan")[0]["nama"] == "NURAINI NURAINI"
    assert fields_of("spaced_name", "korban")[0]["nama"] == "AFUI"
    assert len(fields_of("two_passports", "paspor")) == 2
    assert [f["waktu_lintas"] for f in fields_of("two_time_formats", "perlintasan")] == [
        "20251105071530",
        "2026-02-01T16:40:00",
    ]
    assert [f["negara_penempatan"] for f in fields_of("taiwan_spellings", "penempatan")] == ["TAIWAN", "TW"]
    assert fields_of("taiwan_spellings", "penempatan")[0]["gaji"] == "18.500"
    assert [str(f["id_pmi"])[:3] for f in fields_of("three_generations", "penempatan")] == [
        "TKI",
        "SIA",
        "S2P",
    ]
    assert [f["sektor"] for f in fields_of("follows_husband", "deportasi")] == [
        "ikut suami",
        "ikut orang tua",
    ]
    assert len(fields_of("deported_twice", "deportasi")) == 2
    assert fields_of("unknown_age", "klien_rptc")[0]["umur"] == 0
    assert len({f["no_register"] for f in fields_of("returning_client", "klien_rptc")}) == 2
    assert fields_of("not_a_victim", "klien_rptc")[0]["jenis_korban"] == "PMIB"
    assert fields_of("home_on_day_one", "klien_rptc")[0]["tindak_lanjut"] == "PULANG_MANDIRI"


def test_the_forged_nik_says_a_girl_of_sixteen_is_grown_up():
    girl = story("forged_nik_minor").people[0]

    assert girl.nik[6:12] == "510201"
    assert girl.age_on(date(2025, 7, 2)) == 16


def test_the_late_crossing_of_entikong_arrives_after_the_report():
    crossing = next(r for r in story("late_entikong").records if r.object == "perlintasan")
    report = next(r for r in story("late_entikong").records if r.object == "laporan_polisi")

    assert crossing.fields["kode_tpi"] == "ETK"
    assert crossing.updated_at > report.updated_at


def test_the_siblings_are_two_people_with_two_niks():
    elder, younger = story("siblings").people[:2]

    assert elder.nik != younger.nik
    assert (elder.name, younger.name) == ("Siti Aminah", "Siti Aminih")


def test_only_the_story_lives_in_kayong_utara():
    reports = [
        r for r in records_of() if r.object == "laporan_polisi" and r.fields["tkp_kode_wilayah"] == "61.11"
    ]

    assert [record.story for record in reports] == ["lonely_regency"]


def test_deportees_mostly_have_no_nik():
    deportees = [record for record in records_of() if record.object == "deportasi"]

    assert sum(bool(record.fields["nik"]) for record in deportees) < len(deportees) / 3


def test_ten_thousand_police_records_take_seconds():
    started = time.perf_counter()

    count = sum(1 for _ in flatten(Population(1, 2500).records("polri")))

    assert count > 9000
    assert time.perf_counter() - started < 10
