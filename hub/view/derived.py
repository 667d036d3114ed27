"""What the hub computes from other fields: pure functions, each naming its rule.

Source: UU 21/2007 art. 1(1), Permen PPPA 8/2021, CTDC codebook v2, SIMFONI-PPA age groups.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from schema import identifiers
from schema.codes import code_list

ADULT = 18
_BANDS_CTDC = (
    (8, "AGE_0_8"),
    (17, "AGE_9_17"),
    (20, "AGE_18_20"),
    (23, "AGE_21_23"),
    (26, "AGE_24_26"),
    (29, "AGE_27_29"),
    (38, "AGE_30_38"),
    (47, "AGE_39_47"),
)
_BANDS_NATIONAL = (
    (5, "AGE_0_5"),
    (12, "AGE_6_12"),
    (17, "AGE_13_17"),
    (24, "AGE_18_24"),
    (44, "AGE_25_44"),
    (59, "AGE_45_59"),
)
_SERVICE_STAGE = {
    "REPORTING_IDENTIFICATION": "IDENTIFICATION",
    "HEALTH_REHABILITATION": "HEALTH_REHABILITATION",
    "LEGAL_AID": "LEGAL_AID",
    "LAW_ENFORCEMENT_ACCOMPANIMENT": "LEGAL_AID",
    "SOCIAL_REHABILITATION": "SOCIAL_REHABILITATION",
    "SOCIAL_REINTEGRATION": "REINTEGRATION",
    "RETURN": "RETURN",
    "RELIGIOUS_ACCOMPANIMENT": "SOCIAL_REHABILITATION",
}
_ENDED_STAGES = frozenset(["COMPLETED", "SELF_RETURN", "DECLINED_SERVICES", "LOST_CONTACT", "DECEASED"])
_ENDED_LEGAL = frozenset(["FINAL", "EXECUTION"])
_VERDICTS = frozenset(["NIL_SENTENCE", "RELEASED_FROM_CHARGES", "ACQUITTED"])
"""Ways out of a trial that are not final until the verdict is."""
_OPENNESS = ("ACTIVE", "FOLLOW_UP", "CLOSED_REFERRED", "CLOSED")
_RISING = ("INDICATED", "PRESUMED", "IDENTIFIED")
_STRICTNESS = ("NORMAL", "CHILD", "LPSK_PROTECTED")
_YEAR = 366


def age_on(born: date, day: date) -> int | None:
    """Full years of age on a day; None before birth or above 120, where a date must be wrong."""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years if 0 <= years <= 120 else None  # noqa: PLR2004 -- the longest life known is 122


def age_band_ctdc(age: int) -> str:
    """The CTDC age band."""
    return next((band for last, band in _BANDS_CTDC if age <= last), "AGE_48_PLUS")


def age_band_national(age: int) -> str:
    """The SIMFONI-PPA age group."""
    return next((band for last, band in _BANDS_NATIONAL if age <= last), "AGE_60_PLUS")


def nik_status(nik: str | None, birth_date: date | None, on: date) -> str:
    """What is known of a NIK without the civil registry.

    A NIK whose own birth date is more than a year from the stated one is suspected to be forged: a forged NIK often
    hides a child's age.

    Args:
        nik: as the winning agency wrote it.
        birth_date: the stated one.
        on: day of the record, for the century inside the NIK.
    """
    if not nik:
        return "ABSENT"
    if not identifiers.is_nik(nik):
        return "INVALID"
    inside = identifiers.nik_birth_date(nik, on)
    if inside is None:
        return "INVALID"
    if birth_date is not None and abs((inside - birth_date).days) > _YEAR:
        return "SUSPECTED_FORGED"
    return "FORMAT_VALID"


def victim_status(said: Iterable[tuple[str, Sequence[str]]]) -> tuple[str, str] | None:
    """The status that holds and the body whose word it is; None if nobody says anything.

    Never lowered by silence or by a lesser word, not even one's own: what a body has identified stays identified. That
    it was none after all needs a second body, and a formal decision that still stands outweighs both.

    Args:
        said: (agency, the statuses that one of its records has given, the oldest first, n >= 1), the strongest word
            first among equals.
    """
    words = [(agency, _standing(history), history[-1] == "NOT_VICTIM") for agency, history in said]
    deniers = {agency for agency, _, denies in words if denies}
    identifiers_of = [agency for agency, standing, _ in words if standing == "IDENTIFIED"]
    firm = [agency for agency, standing, denies in words if standing == "IDENTIFIED" and not denies]
    if firm or (identifiers_of and len(deniers) == 1):
        return "IDENTIFIED", _decider((firm or identifiers_of)[0])
    if deniers:
        second = [agency for agency, _, denies in words if denies and agency not in identifiers_of]
        return "NOT_VICTIM", _decider([*second, *sorted(deniers)][0])
    ordered = sorted(words, key=lambda word: -_RISING.index(word[1]))
    return (ordered[0][1], _decider(ordered[0][0])) if ordered else None


def _standing(history: Sequence[str]) -> str:
    """What one record's word has risen to; a later NOT_VICTIM ends all but a decision, and a later doubt ends it."""
    standing = history[0]
    for status in history[1:]:
        if "NOT_VICTIM" in {standing, status} and standing != "IDENTIFIED":
            standing = status
        elif status in _RISING:
            standing = max(standing, status, key=_RISING.index)
    return standing


def _decider(agency: str) -> str:
    return agency if agency in code_list("victim_status_decider") else "OTHER"


def stage(
    reported: date | None, services: Iterable[tuple[str, date]], stated: Iterable[tuple[str, date]]
) -> tuple[str | None, date | None]:
    """Where a victim stands and since when: the latest step that any agency reports.

    Args:
        reported: day of the first report of the case.
        services: (category, first day).
        stated: (stage, day) as agencies state them.
    """
    order = {code.code: code.order or 99 for code in code_list("victim_stage").values()}
    steps = [(day, _SERVICE_STAGE[category]) for category, day in services if category in _SERVICE_STAGE]
    steps += [(day, name) for name, day in stated]
    if not steps:
        return ("REPORTED", reported) if reported else (None, None)
    day, name = max(steps, key=lambda step: (step[0], order[step[1]], step[1]))
    return name, day


def legal_position(steps: Iterable[tuple[str | None, str | None]]) -> tuple[str | None, str | None]:
    """The present stage of the legal process, and how it ended or was suspended, if it was.

    A step after an end takes the process up again; only a verdict is made final by what follows it.

    Args:
        steps: (stage, terminal), the earliest first.
    """
    stage: str | None = None
    terminal: str | None = None
    for at, end in steps:
        if at is not None:
            stage = at
            terminal = terminal if terminal in _VERDICTS and at in _ENDED_LEGAL else None
        terminal = end or terminal
    return stage, terminal


def case_status(
    legal_stage: str | None,
    legal_terminal: str | None,
    stages: Sequence[str | None],
    stated: Iterable[str] = (),
) -> str:
    """Whether a case is open: the most open of the legal process, the services and what agencies state.

    A case of which nobody says that anything has ended is open: silence closes nothing.

    Args:
        legal_stage: the present one.
        legal_terminal: how the legal process ended or was suspended.
        stages: of its victims.
        stated: the status that each agency gives its own handling, such as of a complaint.
    """
    said = [status for status in stated if status in _OPENNESS]
    if legal_terminal == "AT_LARGE" or (legal_terminal in _VERDICTS and legal_stage not in _ENDED_LEGAL):
        said.append("ACTIVE")
    elif legal_terminal is not None:
        said.append("CLOSED_REFERRED" if legal_terminal == "TRANSFERRED" else "CLOSED")
    elif legal_stage is not None:
        said.append("CLOSED" if legal_stage in _ENDED_LEGAL else "ACTIVE")
    known = [stage for stage in stages if stage is not None]
    if any(stage not in _ENDED_STAGES for stage in known):
        said.append("ACTIVE" if legal_stage is None else "FOLLOW_UP")
    elif known:
        said.append("CLOSED")
    return min(said, key=_OPENNESS.index, default="ACTIVE")


def protection_level(stated: Iterable[str], age: int | None) -> str:
    """The strictest protection that anybody states, or that follows from the age; NORMAL where nothing does.

    Args:
        stated: as agencies give it.
        age: in full years, if known.
    """
    levels = [*stated, "CHILD" if age is not None and age < ADULT else "NORMAL"]
    return max((level for level in levels if level in _STRICTNESS), key=_STRICTNESS.index)


def geographic_scope(origin: str | None, country: str | None, destination: str | None) -> str | None:
    """Domestic or cross-border, from the places; None where they do not say.

    Args:
        origin: Kemendagri code of the recruitment.
        country: ISO 3166-1 alpha-3 of the exploitation.
        destination: Kemendagri code of the exploitation in Indonesia.
    """
    if country is not None and country != "IDN":
        return "CROSS_BORDER"
    if origin is None or destination is None:
        return None
    if origin[:2] != destination[:2]:
        return "BETWEEN_PROVINCES"
    if "." not in origin or "." not in destination:
        return None
    return "WITHIN_REGENCY" if origin == destination else "BETWEEN_REGENCIES"
