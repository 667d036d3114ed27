"""Tables from the spellings of an agency to codes: a text that is listed, or one that contains a listed phrase."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from connectors.mapping.text import words_of

SAYS_NOTHING: Final = "absent"
"""Key, in a file, of the spellings that are known and mean that there is no value; no code is in lower case."""

_REMEMBERED = 8192


class Table:
    """Spellings of codes; case, accents, signs and spacing do not count.

    Args:
        whole: code -> texts that mean it as they stand.
        phrases: code -> words that mean it wherever they stand in a text; the longest phrase in it decides, and two
            that are as long and do not agree decide nothing.
    """

    def __init__(self, whole: Mapping[str, Sequence[str]], phrases: Mapping[str, Sequence[str]]) -> None:
        self.codes = frozenset([*whole, *phrases]) - {SAYS_NOTHING}
        self._whole = {words_of(text): code for code, texts in whole.items() for text in texts}
        spoken = [(f" {words_of(text)} ", code) for code, texts in phrases.items() for text in texts]
        self._phrases = sorted(spoken, key=lambda entry: -len(entry[0]))
        self.find = lru_cache(maxsize=_REMEMBERED)(self._find)

    def _find(self, text: str) -> str | None:
        """The code of a text, or SAYS_NOTHING; None where the table does not know it."""
        words = words_of(text)
        if words in self._whole:
            return self._whole[words]
        padded = f" {words} "
        longest, found = 0, set[str]()
        for phrase, code in self._phrases:
            if len(phrase) < longest:
                break
            if phrase in padded:
                longest = len(phrase)
                found.add(code)
        return found.pop() if len(found) == 1 else None
