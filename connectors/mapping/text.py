"""Text as agencies type it: out of JSON, into words, respelled."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from schema.errors import ValueMalformed
from schema.record import Json

_NOT_WORD = re.compile(r"[\W_]+")
_DASHES = frozenset(["-", "--", "---", "\u2013", "\u2014"])


def text_of(value: Json, path: str) -> str:
    """The value as text without space around it; empty for what says nothing.

    A number is its digits: workbooks and JSON hold registers and ages as numbers.

    Args:
        value: as received.
        path: the wire field, for the error.

    Raises:
        ValueMalformed: it is a list, an object or a truth value, or holds a zero byte, which no column can keep.
    """
    if isinstance(value, str):
        text = value.strip()
        if "\x00" in text:
            raise ValueMalformed(path, "the text holds a zero byte")
        return text
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueMalformed(path, "the value is not a text or a number")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_empty(text: str) -> bool:
    """True for nothing and for the dash that clerks write instead of nothing."""
    return not text or text in _DASHES


def words_of(text: str) -> str:
    """The words of a text in lower case, one space between them, without accents and signs."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text)
    letters = plain if plain is text else "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", letters.casefold()).strip()


def respeller(words: Mapping[str, str]) -> Callable[[str], str]:
    """A function that puts a text into upper case and each of these words, where it stands alone, into its full form.

    Args:
        words: what is written -> what is meant; longer ones are read first.
    """
    full = {written.upper(): meant.upper() for written, meant in words.items()}
    if not full:
        return str.upper
    ordered = sorted(full, key=len, reverse=True)
    found = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)")

    def respell(text: str) -> str:
        return found.sub(lambda match: full[match[0]], text.upper())

    return respell
