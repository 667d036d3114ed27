"""What an agency sent in place of a row: it travels as it came, so that the mapping can put it into quarantine."""

FIELD = "baris"
"""The one wire field of such a thing; it has no key, and so no mapping takes it for a record."""


class Unreadable(Exception):
    """A file as a whole is not what its name says; the message says why and holds nothing of its content."""
