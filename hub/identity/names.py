"""One spelling for the many of one Indonesian name, and how alike two names are.

Versioned: a change here changes blind indexes, so it raises `keyring.TOKEN_VERSION` and is a backfill.
Source: naming and spelling rules of the linkage reference (EYD 1972 reform, passport practice).
"""

import re
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

_TITLES = frozenset(
    [
        "H",
        "HJ",
        "DR",
        "DRS",
        "DRA",
        "IR",
        "SH",
        "SE",
        "ST",
        "SPD",
        "SAG",
        "SKM",
        "MSI",
        "MM",
        "MH",
        "TN",
        "NY",
        "SDR",
        "SDRI",
        "KH",
    ]
)
_CUTS = frozenset(
    [
        "BIN",
        "BINTI",
        "BT",
        "BTE",
        "ALIAS",
        "ALS",
    ]
)
_MUHAMMAD = (
    "MUH",
    "MOH",
    "MOHD",
    "MOCH",
    "MUHD",
    "MOHAMMAD",
    "MOHAMAD",
    "MUHAMAD",
    "MOHAMED",
    "MOCHAMAD",
)
_WORDS = {
    **dict.fromkeys(_MUHAMMAD, "MUHAMMAD"),
    "ABD": "ABDUL",
    "SITTI": "SITI",
    "NOOR": "NUR",
    "ACHMAD": "AHMAD",
    "AKHMAD": "AHMAD",
    # Old spelling wrote y as j. Word by word, since most names with a j have always had one (JOKO is not YOKO).
    "JUSUF": "YUSUF",
    "JUNUS": "YUNUS",
    "JAHJA": "YAHYA",
    "JASIN": "YASIN",
}
_PLACEHOLDER = "FNU"
_OLD_SPELLING = (("DJ", "J"), ("TJ", "C"), ("SJ", "SY"), ("NJ", "NY"))
_SOUNDS = (
    ("KH", "K"),
    ("SY", "S"),
    ("DH", "D"),
    ("TH", "T"),
    ("PH", "P"),
    ("CH", "C"),
    ("F", "P"),
    ("V", "P"),
    ("Z", "J"),
    ("Q", "K"),
    ("Y", "I"),
    ("H", ""),
)
_DOTTED = re.compile(r"(?<=[\s,])[A-Z]{1,2}(?:\.[A-Z]{1,2})+\.?(?=[\s,]|$)")
"""A title with dots inside, such as S.H. or S.Pd., after the name."""
_INITIALS = re.compile(r"^[A-Z](?:[.\s]+[A-Z])*\.?$")
_DOUBLED = re.compile(r"(.)\1+")
_PHONETIC_LENGTH = 4


def _words(name: str) -> list[str]:
    text = re.sub(r"\([^)]*\)", " ", name.upper()).strip()
    text = _DOTTED.sub(_without_title, text)
    text = re.sub(r"[.,;]", " ", text.replace("'", "").replace("`", "").replace("\u2019", ""))
    return [word for word in re.split(r"[\s\-]+", text) if word]


def _without_title(dotted: re.Match[str]) -> str:
    return "" if dotted[0].replace(".", "") in _TITLES else dotted[0]


def _without_titles(words: list[str]) -> list[str]:
    kept: list[str] = []
    for position, word in enumerate(words):
        # ST. before a name is SITI, after it an engineer.
        if word == "ST" and any(later not in _TITLES for later in words[position + 1 :]):
            kept.append("SITI")
        elif word not in _TITLES:
            kept.append(word)
    return kept


def _spelled(word: str) -> str:
    word = word.replace("OE", "U")
    word = _WORDS.get(word, word)
    for old, new in _OLD_SPELLING:
        word = word.replace(old, new)
    return word


@lru_cache(maxsize=65536)
def normalise(name: str) -> tuple[str, ...]:
    """The words of a name in one spelling, in the order given; empty if nothing is left.

    Titles fall away, the father's name after BIN or BINTI is cut, M. and MOH. are MUHAMMAD, ST. is SITI, old spelling
    is read as new, a doubled one-word name is one word, and a placeholder FNU is none.
    """
    words = [word for word in _words(name) if word != _PLACEHOLDER]
    for position, word in enumerate(words):
        if word in _CUTS and position:
            words = words[:position]
            break
    kept = _without_titles(words) or words
    if len(kept) > 1 and kept[0] == "M":
        kept[0] = "MUHAMMAD"
    spelled = [_spelled(word) for word in kept]
    if len(spelled) == 2 and spelled[0] == spelled[1]:  # noqa: PLR2004 -- a one-word name doubled for a passport
        spelled = spelled[:1]
    return tuple(spelled)


def is_initials(name: str) -> bool:
    """True for `S.M.` and the like, which say too little to join persons."""
    return _INITIALS.match(name.strip().upper()) is not None


@lru_cache(maxsize=65536)
def _heard(word: str) -> str:
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return _DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=65536)
def phonetic(name: str) -> str:
    """A short key equal for spellings of one name, spacing apart; empty for initials and empty names."""
    return "" if is_initials(name) else _heard("".join(normalise(name)))[:_PHONETIC_LENGTH]


@lru_cache(maxsize=65536)
def sounds(name: str) -> tuple[str, ...]:
    """How each word of a name sounds, in the order given, and all of them as one word at the end; empty as for `phonetic`."""
    words = () if is_initials(name) else normalise(name)
    heard = [found for word in words if (found := _heard(word))]
    return (*heard, _heard("".join(words))) if heard else ()


def similarity(left: str, right: str) -> float:
    """How alike two names are, 0 to 1, spacing and order apart.

    Word by word (Jaro-Winkler) where both have as many, and the least alike pair decides: SITI AMINAH is not SITI
    AISYAH. Otherwise over the whole. Initials against a full name give 1 if each begins a word in order, else 0.
    """
    if is_initials(left) or is_initials(right):
        return _initials_fit(left, right)
    one, other = normalise(left), normalise(right)
    if not one or not other:
        return 0.0
    whole = JaroWinkler.similarity("".join(one), "".join(other))
    if whole == 1.0 or len(one) != len(other):
        return whole
    return max(
        min(JaroWinkler.similarity(a, b) for a, b in zip(one, other, strict=True)),
        min(JaroWinkler.similarity(a, b) for a, b in zip(sorted(one), sorted(other), strict=True)),
    )


def _initials_fit(left: str, right: str) -> float:
    one = [
        word[0]
        for word in (normalise(left) if not is_initials(left) else tuple(re.sub(r"[^A-Z]", "", left.upper())))
    ]
    other = [
        word[0]
        for word in (
            normalise(right) if not is_initials(right) else tuple(re.sub(r"[^A-Z]", "", right.upper()))
        )
    ]
    shorter, longer = sorted((one, other), key=len)
    return 1.0 if shorter and longer[: len(shorter)] == shorter else 0.0
