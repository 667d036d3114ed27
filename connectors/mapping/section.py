"""A table of a TOML file from which each value is taken once, and what is left over is a mistake."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from schema.errors import SettingError


def _is_table(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return _is_list(value) and all(isinstance(item, str) for item in value)


class Section:
    """A table of the file.

    Args:
        file: its name, for errors.
        values: as read.
        trail: the keys that lead to the table.
    """

    def __init__(self, file: str, values: Mapping[str, Any], trail: tuple[str, ...] = ()) -> None:
        self._file, self._trail = file, trail
        self._left = dict(values)

    def wrong(self, key: str, problem: str) -> SettingError:
        """The error to raise for a key of this table."""
        return SettingError(f"{self._file} [{'.'.join([*self._trail, key])}]", problem)

    def _inside(self, key: str, values: Mapping[str, Any]) -> "Section":
        return Section(self._file, values, (*self._trail, key))

    def names(self) -> Sequence[str]:
        """Keys that have not been taken, in the order of the file."""
        return tuple(self._left)

    def has(self, key: str) -> bool:
        """True if the key is there and has not been taken."""
        return key in self._left

    def holds_table(self, key: str) -> bool:
        """True if the key has a table."""
        return _is_table(self._left.get(key))

    def take(self, key: str) -> Any:
        """The value of a key, whatever it is; None where there is none."""
        return self._left.pop(key, None)

    def text(self, key: str) -> str:
        """The text of a key.

        Raises:
            SettingError: it is absent or no text.
        """
        found = self.optional_text(key)
        if found is None:
            raise self.wrong(key, "is missing; write a text")
        return found

    def optional_text(self, key: str) -> str | None:
        """The text of a key; None where there is none.

        Raises:
            SettingError: it is no text.
        """
        found = self.take(key)
        if found is not None and (not isinstance(found, str) or not found):
            raise self.wrong(key, "must be a text")
        return found

    def flag(self, key: str) -> bool:
        """The truth value of a key, False where there is none.

        Raises:
            SettingError: it is no truth value.
        """
        found = self.take(key)
        if found not in (None, True, False):
            raise self.wrong(key, "must be true or false")
        return bool(found)

    def count(self, key: str) -> int:
        """The whole number of a key.

        Raises:
            SettingError: it is absent, no whole number, or negative.
        """
        found = self.take(key)
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self.wrong(key, "must be a whole number, 0 or more")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a key that holds one or a list of them; empty where there is none.

        Raises:
            SettingError: it holds something else.
        """
        found = self.take(key)
        if isinstance(found, str):
            return (found,)
        if found is not None and not _is_texts(found):
            raise self.wrong(key, "must be a text or a list of texts")
        return tuple(found or ())

    def section(self, key: str) -> "Section":
        """The table of a key; an empty one where there is none.

        Raises:
            SettingError: it is no table.
        """
        found = self.take(key)
        if found is None:
            return self._inside(key, {})
        if not _is_table(found):
            raise self.wrong(key, "must be a table")
        return self._inside(key, found)

    def sections(self, key: str) -> Sequence[tuple[str, "Section"]]:
        """Name and table of each table inside the table of a key."""
        inside = self.section(key)
        return tuple((name, inside.section(name)) for name in inside.names())

    def all_sections(self) -> Sequence[tuple[str, "Section"]]:
        """Every key of the table with its table, or with each of its tables where it holds a list of them.

        Raises:
            SettingError: a key holds something else.
        """
        found: list[tuple[str, Section]] = []
        for name in self.names():
            value = self.take(name)
            for one in value if _is_list(value) else [value]:
                if not _is_table(one):
                    raise self.wrong(name, "must be a table, or a list of tables")
                found.append((name, self._inside(name, one)))
        return found

    def all_texts(self) -> dict[str, str]:
        """Every key of the table, each with its text."""
        return {name: self.text(name) for name in self.names()}

    def done(self) -> None:
        """Says that all has been taken.

        Raises:
            SettingError: something is left, most likely misspelt.
        """
        for name in self._left:
            raise self.wrong(name, "is not known here")
