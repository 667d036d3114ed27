"""What the parts of an operation cost: microseconds of CPU of the server and of PostgreSQL together, rounded up.

Measured by `python -m tests.bench cost`: MEASURED_WHERE
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OPERATION: Final = 2000
"""Any operation, however little it asks: request, token, permit, statement, ledger."""
UNKEPT: Final = 8000
"""A document with texts in it, which is compiled anew each time, since a text may be a person's number."""
LIST: Final = 25
"""A list, for each row that it hangs on, whether or not there are rows in it."""
ROW: Final = 10
VALUE: Final = 1
SEALED: Final = 20
"""A value that is opened with the key of its person."""
CURSOR: Final = 8
LED_TO: Final = 10
"""A row that another one leads to, without its values."""
TOTAL: Final = 25
"""`totalCount` of a list below a row."""
TOTAL_OF_ALL: Final = 20_000
"""`totalCount` of a list at the root: every row that the caller may read is looked at."""
CASELOAD: Final = 100_000
"""One count of `caseload`: every row that the caller may read is looked at, and sorted by its groups."""
ENTITY: Final = 30
"""A row that is asked for by its id or as a representation."""
CONDITION: Final = 10
"""A condition of `where`, for each row that its list hangs on."""
ANSWER: Final = 1000
"""A field of Query that is not rows and has no weight of its own."""
DECISION: Final = 5000
"""A field of Mutation."""
ANSWERS: Final[Mapping[str, int]] = MappingProxyType(
    {"codeLists": 15_000, "sources": 20_000, "__schema": 15_000, "_service": 500, "__typename": 0}
)
"""Fields of Query that are not rows and cost more or less than ANSWER."""
