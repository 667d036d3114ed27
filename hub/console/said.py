"""How the console says things in one language: words of the catalogue, codes, regions, scopes, times."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

from auth import scopes
from auth.accounts import Account
from auth.scopes import Scope
from hub.clock import WIB
from hub.console.draft import Draft
from hub.console.form import day_of
from hub.console.words import WORDS
from schema import reach
from schema.codes import code_list
from schema.entities import entities
from schema.regions import regions

_ROLES: Final = ("victim", "perpetrator")


class Said:
    """One language.

    Args:
        lang: `id` or `en`.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._nth = 0 if lang == "id" else 1

    def __call__(self, key: str, **values: object) -> str:
        """The words of that key.

        Raises:
            KeyError: the catalogue has none, or a value is missing.
        """
        return WORDS[key][self._nth].format(**values)

    def agency(self, code: str | None) -> str:
        """The agency's name."""
        if code is None:
            return self("agency.none")
        found = code_list("agency").get(code)
        if found is None:
            return code
        return found.label_id if self.lang == "id" else found.label_en

    def who(self, name: str, accounts: dict[str, Account]) -> str:
        """A person by office and agency, a client by its id."""
        account = accounts.get(name)
        return name if account is None else f"{account.title} ({self.agency(account.agency)})"

    def scope(self, word: str) -> str:
        """What a scope allows."""
        found = scopes.scopes().get(word)
        return word if found is None else self._name(found)

    def scope_class(self, word: str) -> str:
        """How carefully it is granted."""
        return self(f"class.{scopes.scopes()[word].scope_class.value}")

    def purpose(self, word: str) -> str:
        """What a purpose is."""
        found = scopes.purposes().get(word)
        if found is None:
            return word
        return found.name_id if self.lang == "id" else found.name_en

    def _name(self, scope: Scope) -> str:
        return scope.name_id if self.lang == "id" else scope.name_en

    def draft(self, draft: Draft) -> dict[str, object]:
        """A proposal that is not made yet: its scopes and purposes line by line, and its period."""
        days = [day for one in (draft.valid_from, draft.valid_to) if (day := day_of(one)) is not None]
        return {
            "scopes": [f"{self.scope(word)} ({word}, {self.scope_class(word)})" for word in draft.scopes],
            "purposes": [self.purpose(word) for word in draft.purposes],
            "period": self("grant.from_to", first=self.day(days[0]), last=self.day(days[-1])) if days else "",
        }

    def places(self, codes: Iterable[str]) -> list[str]:
        """Names of jurisdictions; the whole country is one."""
        given = set(codes)
        if not given:
            return [self("where.nowhere")]
        if given >= reach.provinces():
            return [self("where.nation")]
        return [self.region(code) for code in sorted(given)]

    def region(self, code: str) -> str:
        """Name of a province or regency, by its code of 2 or 4 digits."""
        found = regions().get(reach.dotted(code))
        return code if found is None else found.name.title().replace("Dki ", "DKI ")

    def fields(self, word: str) -> list[str]:
        """What a scope opens, field by field."""
        return [pair[self._nth] for pair in _fields().get(word, ())]

    def moment(self, at: datetime) -> str:
        """Day and time of day, in western Indonesia."""
        local = at.astimezone(WIB)
        return (
            f"{self.day(local.date())} {local:%H.%M} WIB"
            if self.lang == "id"
            else f"{self.day(local.date())} {local:%H:%M} WIB"
        )

    def day(self, day: date) -> str:
        """A day, its month in words."""
        return f"{day.day} {self(f'month.{day.month}')} {day.year}"

    def last_day(self, end: datetime) -> str:
        """The last day of a period that ends at that moment."""
        return self.day((end.astimezone(WIB) - timedelta(microseconds=1)).date())

    @staticmethod
    def iso(at: datetime) -> str:
        """The moment for machines."""
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _fields() -> dict[str, list[tuple[str, str]]]:
    """By scope, each field that it opens: in Indonesian and in English."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entity in entities().values():
        for field in entity.fields:
            for word in dict.fromkeys(field.scope_for(role) for role in _ROLES):
                found.setdefault(word, []).append(
                    (f"{entity.name}: {field.label_id}", f"{entity.name}: {field.text}")
                )
    return found
