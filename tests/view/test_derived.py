"""What the hub computes from other fields: each rule on its own, and its edges."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hub.view import derived
from schema.codes import code_list

BORN = date(2000, 2, 29)
STATUSES = ("INDICATED", "PRESUMED", "IDENTIFIED", "NOT_VICTIM")
BODIES = ("POLRI", "KEMENSOS", "LPSK")
HISTORIES = some.lists(
    some.tuples(some.sampled_from(BODIES), some.lists(some.sampled_from(STATUSES), min_size=1, max_size=4)),
    max_size=4,
)


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2000, 2, 28), None),
        (date(2000, 2, 29), 0),
        (date(2018, 2, 28), 17),
        (date(2018, 3, 1), 18),
        (date(2120, 2, 29), 120),
        (date(2121, 2, 28), 120),
        (date(2121, 3, 1), None),
    ],
)
def test_an_age_is_full_years_and_absent_where_a_date_must_be_wrong(day: date, age: int | None):
    assert derived.age_on(BORN, day) == age


@pytest.mark.parametrize(
    ("age", "ctdc", "national"),
    [
        (0, "AGE_0_8", "AGE_0_5"),
        (5, "AGE_0_8", "AGE_0_5"),
        (6, "AGE_0_8", "AGE_6_12"),
        (8, "AGE_0_8", "AGE_6_12"),
        (9, "AGE_9_17", "AGE_6_12"),
        (12, "AGE_9_17", "AGE_6_12"),
        (13, "AGE_9_17", "AGE_13_17"),
        (17, "AGE_9_17", "AGE_13_17"),
        (18, "AGE_18_20", "AGE_18_24"),
        (20, "AGE_18_20", "AGE_18_24"),
        (21, "AGE_21_23", "AGE_18_24"),
        (24, "AGE_24_26", "AGE_18_24"),
        (25, "AGE_24_26", "AGE_25_44"),
        (27, "AGE_27_29", "AGE_25_44"),
        (38, "AGE_30_38", "AGE_25_44"),
        (44, "AGE_39_47", "AGE_25_44"),
        (45, "AGE_39_47", "AGE_45_59"),
        (47, "AGE_39_47", "AGE_45_59"),
        (48, "AGE_48_PLUS", "AGE_45_59"),
        (59, "AGE_48_PLUS", "AGE_45_59"),
        (60, "AGE_48_PLUS", "AGE_60_PLUS"),
        (120, "AGE_48_PLUS", "AGE_60_PLUS"),
    ],
)
def test_bands_are_those_of_both_lists(age: int, ctdc: str, national: str):
    assert (derived.age_band_ctdc(age), derived.age_band_national(age)) == (ctdc, national)


def test_every_age_has_a_band_and_every_band_an_age():
    ages = range(121)

    assert {derived.age_band_ctdc(age) for age in ages} == code_list("age_band_ctdc").keys()
    assert {derived.age_band_national(age) for age in ages} == code_list("age_band_national").keys()


@pytest.mark.parametrize(
    ("nik", "born", "status"),
    [
        (None, None, "ABSENT"),
        ("", None, "ABSENT"),
        ("6103214107020000", None, "INVALID"),
        ("61032141070200", None, "INVALID"),
        ("6103214113020001", None, "INVALID"),
        ("6103214107020001", None, "FORMAT_VALID"),
        ("6103214107020001", date(2002, 7, 1), "FORMAT_VALID"),
        ("6103214107020001", date(2001, 7, 1), "FORMAT_VALID"),
        ("6103214107020001", date(2008, 7, 1), "SUSPECTED_FORGED"),
        ("6103214107020001", date(1902, 7, 1), "SUSPECTED_FORGED"),
    ],
)
def test_a_nik_that_makes_a_child_older_is_suspect(nik: str | None, born: date | None, status: str):
    assert derived.nik_status(nik, born, date(2026, 1, 5)) == status


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ([], None),
        ([("POLRI", ["INDICATED"])], ("INDICATED", "POLRI")),
        ([("POLRI", ["INDICATED"]), ("KEMENSOS", ["PRESUMED"])], ("PRESUMED", "KEMENSOS")),
        ([("POLRI", ["PRESUMED"]), ("KEMENSOS", ["IDENTIFIED"])], ("IDENTIFIED", "KEMENSOS")),
        ([("POLRI", ["PRESUMED"]), ("KEMENSOS", ["NOT_VICTIM"])], ("NOT_VICTIM", "KEMENSOS")),
        ([("POLRI", ["IDENTIFIED"]), ("KEMENSOS", ["NOT_VICTIM"])], ("IDENTIFIED", "POLRI")),
        (
            [("POLRI", ["IDENTIFIED"]), ("KEMENSOS", ["NOT_VICTIM"]), ("LPSK", ["NOT_VICTIM"])],
            ("IDENTIFIED", "POLRI"),
        ),
        ([("POLRI", ["IDENTIFIED", "PRESUMED"])], ("IDENTIFIED", "POLRI")),
        ([("POLRI", ["IDENTIFIED", "PRESUMED", "INDICATED"])], ("IDENTIFIED", "POLRI")),
        ([("POLRI", ["IDENTIFIED", "NOT_VICTIM"])], ("IDENTIFIED", "POLRI")),
        ([("POLRI", ["IDENTIFIED", "NOT_VICTIM"]), ("LPSK", ["NOT_VICTIM"])], ("NOT_VICTIM", "LPSK")),
        ([("POLRI", ["IDENTIFIED", "NOT_VICTIM"]), ("LPSK", ["PRESUMED"])], ("IDENTIFIED", "POLRI")),
        ([("POLRI", ["PRESUMED", "NOT_VICTIM"])], ("NOT_VICTIM", "POLRI")),
        ([("POLRI", ["NOT_VICTIM", "PRESUMED"])], ("PRESUMED", "POLRI")),
        ([("POLRI", ["PRESUMED", "INDICATED"])], ("PRESUMED", "POLRI")),
        ([("KEMNAKER", ["PRESUMED"])], ("PRESUMED", "OTHER")),
    ],
)
def test_a_status_rises_by_any_word_and_falls_by_a_second_body_only(said, holds):
    assert derived.victim_status(said) == holds


@given(HISTORIES)
def test_one_body_alone_never_takes_a_decision_back(said):
    found = derived.victim_status(said)

    deniers = {agency for agency, history in said if history[-1] == "NOT_VICTIM"}
    identified = any("IDENTIFIED" in history for _, history in said)
    if identified and len(deniers) < 2:
        assert found is not None
        assert found[0] == "IDENTIFIED"
    assert (found is None) == (said == [])
    assert found is None or found[0] in {status for _, history in said for status in history}


@given(HISTORIES, some.sampled_from(BODIES), some.sampled_from(STATUSES[:3]))
def test_a_further_word_that_denies_nothing_lowers_nothing(said, body, status):
    rank = {None: -1, "NOT_VICTIM": 0, "INDICATED": 1, "PRESUMED": 2, "IDENTIFIED": 3}
    before = derived.victim_status(said)

    after = derived.victim_status([*said, (body, [status])])

    assert after is not None
    if before is not None and before[0] != "NOT_VICTIM":
        assert rank[after[0]] >= rank[before[0]]


@pytest.mark.parametrize(
    ("reported", "services", "stated", "found"),
    [
        (None, [], [], (None, None)),
        (date(2025, 1, 2), [], [], ("REPORTED", date(2025, 1, 2))),
        (
            date(2025, 1, 2),
            [("HEALTH_REHABILITATION", date(2025, 2, 1)), ("SOCIAL_REHABILITATION", date(2025, 2, 1))],
            [],
            ("SOCIAL_REHABILITATION", date(2025, 2, 1)),
        ),
        (
            None,
            [("RETURN", date(2025, 3, 1)), ("LEGAL_AID", date(2025, 2, 1))],
            [],
            ("RETURN", date(2025, 3, 1)),
        ),
        (
            None,
            [("RETURN", date(2025, 3, 1))],
            [("LOST_CONTACT", date(2025, 4, 1))],
            ("LOST_CONTACT", date(2025, 4, 1)),
        ),
        (
            None,
            [("SOCIAL_REHABILITATION", date(2025, 5, 1))],
            [("LOST_CONTACT", date(2025, 4, 1))],
            ("SOCIAL_REHABILITATION", date(2025, 5, 1)),
        ),
        (
            None,
            [("RETURN", date(2025, 3, 1))],
            [("COMPLETED", date(2025, 3, 1))],
            ("COMPLETED", date(2025, 3, 1)),
        ),
        (date(2025, 9, 9), [("RETURN", date(2025, 3, 1))], [], ("RETURN", date(2025, 3, 1))),
        (date(2025, 9, 9), [("OTHER_SERVICE", date(2025, 3, 1))], [], ("REPORTED", date(2025, 9, 9))),
    ],
)
def test_the_stage_is_the_latest_step_and_of_one_day_the_furthest(reported, services, stated, found):
    assert derived.stage(reported, services, stated) == found


@pytest.mark.parametrize(
    ("steps", "position"),
    [
        ([], (None, None)),
        ([("INQUIRY", None), ("INVESTIGATION", None)], ("INVESTIGATION", None)),
        (
            [("INVESTIGATION", None), (None, "INVESTIGATION_STOPPED")],
            ("INVESTIGATION", "INVESTIGATION_STOPPED"),
        ),
        (
            [("INVESTIGATION", None), (None, "INVESTIGATION_STOPPED"), ("INVESTIGATION", None)],
            ("INVESTIGATION", None),
        ),
        ([("TRIAL", None), (None, "AT_LARGE"), ("TRIAL", None)], ("TRIAL", None)),
        ([("FIRST_INSTANCE_VERDICT", "ACQUITTED")], ("FIRST_INSTANCE_VERDICT", "ACQUITTED")),
        (
            [("FIRST_INSTANCE_VERDICT", None), (None, "ACQUITTED"), ("FINAL", None)],
            ("FINAL", "ACQUITTED"),
        ),
        ([(None, "ACQUITTED"), ("CASSATION", None)], ("CASSATION", None)),
        ([(None, "ACQUITTED"), ("CASSATION", None), ("FINAL", None)], ("FINAL", None)),
    ],
)
def test_a_later_step_takes_up_what_had_ended_and_makes_a_verdict_final(steps, position):
    assert derived.legal_position(steps) == position


@pytest.mark.parametrize(
    ("stage", "terminal", "stages", "stated", "status"),
    [
        (None, None, [], [], "ACTIVE"),
        (None, None, [None, None], [], "ACTIVE"),
        ("INQUIRY", None, [], [], "ACTIVE"),
        ("EXECUTION", None, [], [], "CLOSED"),
        ("FINAL", None, ["MONITORING"], [], "FOLLOW_UP"),
        ("FINAL", None, ["COMPLETED", "SOCIAL_REHABILITATION"], [], "FOLLOW_UP"),
        ("FINAL", None, ["COMPLETED", "DECEASED"], [], "CLOSED"),
        ("JUDICIAL_REVIEW", None, ["COMPLETED"], [], "ACTIVE"),
        (None, None, ["SELF_RETURN"], [], "CLOSED"),
        (None, None, ["REINTEGRATION"], [], "ACTIVE"),
        ("INVESTIGATION", "INVESTIGATION_STOPPED", [], [], "CLOSED"),
        ("INVESTIGATION", "TRANSFERRED", [], [], "CLOSED_REFERRED"),
        ("INVESTIGATION", "AT_LARGE", ["COMPLETED"], [], "ACTIVE"),
        ("FIRST_INSTANCE_VERDICT", "ACQUITTED", ["COMPLETED"], [], "ACTIVE"),
        ("FINAL", "ACQUITTED", ["COMPLETED"], [], "CLOSED"),
        ("FINAL", None, [], ["ACTIVE"], "ACTIVE"),
        (None, None, [], ["CLOSED"], "CLOSED"),
        ("INQUIRY", None, [], ["CLOSED"], "ACTIVE"),
        (None, None, [], ["SOMETHING_NEW"], "ACTIVE"),
    ],
)
def test_a_case_is_as_open_as_the_most_open_word_on_it(stage, terminal, stages, stated, status):
    assert derived.case_status(stage, terminal, stages, stated) == status


@pytest.mark.parametrize(
    ("stated", "age", "level"),
    [
        ([], None, "NORMAL"),
        ([], 18, "NORMAL"),
        ([], 17, "CHILD"),
        (["NORMAL"], 17, "CHILD"),
        (["LPSK_PROTECTED"], 17, "LPSK_PROTECTED"),
        (["LPSK_PROTECTED", "NORMAL"], 40, "LPSK_PROTECTED"),
        (["UNKNOWN"], None, "NORMAL"),
    ],
)
def test_the_stricter_protection_wins(stated, age, level):
    assert derived.protection_level(stated, age) == level


@pytest.mark.parametrize(
    ("origin", "country", "destination", "scope"),
    [
        (None, None, None, None),
        ("61.01", "MYS", None, "CROSS_BORDER"),
        (None, "MYS", None, "CROSS_BORDER"),
        ("61.01", "IDN", None, None),
        ("61.01", "IDN", "61.01", "WITHIN_REGENCY"),
        ("61.01", None, "61.03", "BETWEEN_REGENCIES"),
        ("61", None, "61.03", None),
        ("61", None, "61", None),
        ("61.01", None, "31", "BETWEEN_PROVINCES"),
        ("61", "IDN", "31.71", "BETWEEN_PROVINCES"),
    ],
)
def test_the_scope_follows_from_the_places_and_is_absent_where_they_do_not_say(
    origin, country, destination, scope
):
    assert derived.geographic_scope(origin, country, destination) == scope


def test_every_word_that_is_computed_is_a_code_of_its_list():
    computed = {
        "victim_stage": {*derived._SERVICE_STAGE.values(), *derived._ENDED_STAGES},  # noqa: SLF001 -- the words themselves
        "service_category": derived._SERVICE_STAGE.keys(),  # noqa: SLF001 -- the words themselves
        "legal_stage": derived._ENDED_LEGAL,  # noqa: SLF001 -- the words themselves
        "legal_terminal": derived._VERDICTS,  # noqa: SLF001 -- the words themselves
        "case_status": {*derived._OPENNESS},  # noqa: SLF001 -- the words themselves
        "protection_level": {*derived._STRICTNESS},  # noqa: SLF001 -- the words themselves
        "victim_status": {*derived._RISING, "NOT_VICTIM"},  # noqa: SLF001 -- the words themselves
        "geographic_scope": {
            "CROSS_BORDER",
            "BETWEEN_PROVINCES",
            "BETWEEN_REGENCIES",
            "WITHIN_REGENCY",
        },
    }

    assert [(name, set(words) - code_list(name).keys()) for name, words in computed.items()] == [
        (name, set()) for name in computed
    ]
    assert set(derived._OPENNESS) == code_list("case_status").keys()  # noqa: SLF001 -- the words themselves
    assert set(derived._STRICTNESS) == code_list("protection_level").keys()  # noqa: SLF001 -- the words themselves
