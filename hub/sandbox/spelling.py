"""How each agency misspells a name."""

import re
import unicodedata
from random import Random

from hub.sandbox.chance import happens, one_of

_NOT_LETTER = re.compile(r"[^A-Z ]")
_OLD_SPELLING = (("Su", "Soe"), ("Yu", "Ju"), ("ju", "dju"))
_PREFIXES = (
    ("Muhammad ", ("M. ", "Muh. ", "Moh. ", "MUHAMMAD ", "Mohd ")),
    ("Siti ", ("St. ", "SITI ", "Sitti ")),
)
SHORTEST_TO_LOSE = 6


def initials(name: str) -> str:
    """Initials as the police protect a victim's name: `S.M.`."""
    return "".join(f"{word[0].upper()}." for word in name.split() if word.lower() not in {"bin", "binti"})


def immigration(name: str, *, fnu: bool = False) -> str:
    """The name in a travel document: upper case, no apostrophes or accents, without BIN; one word doubled or with FNU."""
    plain = unicodedata.normalize("NFKD", name.upper())
    letters = _NOT_LETTER.sub("", plain)
    letters = re.split(r"\bBINT?I?\b", letters)[0]
    words = letters.split()
    if len(words) == 1:
        words.append("FNU" if fnu else words[0])
    return " ".join(words)


def noisy(rng: Random, name: str) -> str:
    """A spelling of a name as clerks type it; the true name in about half of the calls."""
    habit = one_of(rng, (50, "TRUE"), (18, "UPPER"), (32, "VARIANT"))
    return {"TRUE": name, "UPPER": name.upper()}.get(habit) or _variant(rng, name)


def _variant(rng: Random, name: str) -> str:
    """The variant that a name of this kind invites; any name may lose a letter or gain a title."""
    for prefix, spellings in _PREFIXES:
        if name.startswith(prefix):
            return rng.choice(spellings) + name.removeprefix(prefix)
    if name.startswith("A ") and name.count(" ") == 1:
        return rng.choice((name.replace(" ", "").upper(), name.upper(), name.replace(" ", "").capitalize()))
    if " bin " in name or " binti " in name:
        return name.upper() if happens(rng, 0.5) else re.split(r" bin(?:ti)? ", name)[0]
    if "'" in name:
        return name.replace("'", rng.choice(("", "\u2019", "`")))
    habit = one_of(rng, (20, "TITLE"), (15, "OLD"), (15, "LOST"), (25, "UPPER"), (25, "PLAIN"))
    return {
        "TITLE": rng.choice(("Hj. ", "H. ")) + name,
        "OLD": _old(name),
        "LOST": _one_letter_lost(rng, name),
        "UPPER": name.upper(),
        "PLAIN": name.lower().title(),
    }[habit]


def _old(name: str) -> str:
    for new, old in _OLD_SPELLING:
        if new in name:
            return name.replace(new, old, 1)
    return name


def _one_letter_lost(rng: Random, name: str) -> str:
    place = len(name) // 2 + int(rng.random() * 2)
    return name[:place] + name[place + 1 :] if len(name) > SHORTEST_TO_LOSE and name[place] != " " else name
