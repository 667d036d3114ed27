"""Marks in the statement's text, each behind the request's nonce, so that nothing stored can pass for one.

A nonce begins with a character that JSON never has unescaped, so that marks are found without looking at each letter.

"NONCE:s:..."       a sealed value, to be opened          (hub.graphql.cells)
"NONCE:c:..."       where a row stands, to be signed       (hub.graphql.page)
NONCE:r:UUID{...}   whose row an object is                 (hub.graphql.rows)
NONCE:n:UUID...     whose rows a total or a group counts, while few   (hub.graphql.page, hub.graphql.groups)
NONCE:m:NUMBER...   how many rows a total counts that are not named   (hub.graphql.page, hub.graphql.groups)
NONCE:g:...         a table has too many groups            (hub.graphql.groups)
"""

import re
import secrets
from typing import Final

SUBJECT: Final = ":r:"
COUNTED: Final = ":n:"
CROWD: Final = ":m:"
TOO_MANY: Final = ":g:"
UUID_LENGTH: Final = 36
"""Characters behind each of these marks: an id, or a number with zeros before it."""
MOST_COUNTED: Final = 100
"""Rows of a total up to which each is named in the ledger; a larger crowd is counted there and not listed."""
FEW: Final = 10
"""Rows of a group up to which each is named in the ledger, however many its table counts: a small group tells of each."""
NONCE: Final = "\x01[0-9a-f]{32}"
NOTED: Final = re.compile(f"({NONCE}:[rnmg]:)(.{{{UUID_LENGTH}}})")
"""A mark of those that are taken out: what it is, and its id or number."""


def fresh_nonce() -> str:
    """A nonce that no request has had."""
    return "\x01" + secrets.token_hex(16)
