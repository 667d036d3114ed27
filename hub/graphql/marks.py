"""Marks in the statement's text, each behind the request's nonce, so that nothing stored can pass for one.

"NONCE:s:..."       a sealed value, to be opened          (hub.graphql.cells)
"NONCE:c:..."       where a row stands, to be signed       (hub.graphql.page)
NONCE:r:UUID{...}   whose row an object is                 (hub.graphql.rows)
NONCE:n:UUID...     whose rows a total counts, while few   (hub.graphql.page)
"""

from typing import Final

SUBJECT: Final = ":r:"
COUNTED: Final = ":n:"
UUID_LENGTH: Final = 36
MOST_COUNTED: Final = 100
"""Rows of a total up to which each is named in the ledger; a larger crowd is counted there and not listed."""
