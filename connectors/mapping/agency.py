"""The mapping of an agency: each thing to the Records and Violations that its file means."""

from collections.abc import Iterable
from functools import cache

from connectors.mapping import file
from connectors.mapping.objects import ObjectMapping
from connectors.mapping.words import Expect, MappingFile
from connectors.protocol import Raw
from schema.record import BrokenRule, Drift, Record, Violation


class AgencyMapping:
    """A compiled mapping file; satisfies `connectors.protocol.RecordMapping`.

    Args:
        words: the file.
    """

    def __init__(self, words: MappingFile) -> None:
        self._file = words
        self._objects = {
            each.name: ObjectMapping(words, each)
            for each in words.objects
            if each.part_of is None and each.made_from is None
        }

    @property
    def version(self) -> str:
        """Version of the file; it stands on every Record that it made."""
        return self._file.version

    @property
    def expect(self) -> Expect:
        """How many records a full run must have."""
        return self._file.expect

    def map(self, raw: Raw) -> Iterable[Record | Violation]:
        """Every Record that the thing holds, one per person and one for the case; a Violation for each that breaks a rule.

        An object that the file leaves alone gives nothing; one that it does not name at all goes to quarantine.
        """
        found = self._objects.get(raw.object)
        if found is not None:
            return found.map(raw)
        return () if raw.object in self._file.not_taken_in else (self._unknown(raw),)

    def drift(self, raw: Raw) -> Iterable[Drift]:
        """The wire fields that the file neither maps nor ignores by name, and texts that no table of it knows."""
        found = self._objects.get(raw.object)
        return found.drift(raw) if found else ()

    def _unknown(self, raw: Raw) -> Violation:
        rule = BrokenRule(
            rule="value_unknown", path=raw.object, problem="the mapping file does not name this object"
        )
        return Violation(
            agency=self._file.agency,
            object=raw.object,
            key=None,
            source_time=raw.changed_at,
            rules=(rule,),
            raw=dict(raw.fields),
            mapping_version=self._file.version,
        )


@cache
def load(agency: str) -> AgencyMapping:
    """The mapping of an agency, read from connectors/agencies/<agency>.toml once.

    Args:
        agency: its word in lower case, such as polri.

    Raises:
        SettingError: the file is absent, or names a field, code or form that does not exist.
    """
    return AgencyMapping(file.read(agency))
