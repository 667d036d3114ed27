"""What the parts of an operation cost: microseconds of CPU of the server and of PostgreSQL together, in round numbers.

Measured by `python -m tests.bench cost` on 2 shared cores (x86-64, PostgreSQL 18.6, 2,800 and 18,700 cases) that had much else to
do, medians of 30 pairs: good for what is ten times dearer than another, and to be taken again on a quiet machine.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OPERATION: Final = 4000
"""Any operation, however little it asks: request, token, permit, statement, ledger."""
UNKEPT: Final = 15_000
"""A document with texts in it, which is compiled anew each time, since a text may be a person's number."""
LIST: Final = 10
"""A list, for each row that it hangs on, whether or not there are rows in it."""
ROW: Final = 10
VALUE: Final = 1
SEALED: Final = 10
"""A value that is opened with the key of its person."""
CURSOR: Final = 10
LED_TO: Final = 10
"""A row that another one leads to, without its values."""
TOTAL: Final = 10
"""`totalCount` of a list below a row."""
TOTAL_OF_ALL: Final = 20_000
"""`totalCount` of a list at the root: every row that the caller may read is looked at."""
CASELOAD: Final = 100_000
"""One count of `caseload`: every row that the caller may read is looked at, and sorted by its groups."""
ENTITY: Final = 15
"""A row that is asked for by its id or as a representation."""
AS_OF: Final = 50_000
"""A row that is asked for as of a moment: its case is computed anew, which takes 0.8 ms for each person in it. Most
cases have ten or fewer; one of hundreds is charged too little, and its size is not known before it is read."""
CONDITION: Final = 50
"""A condition of `where`, for each row that its list hangs on."""
ANSWER: Final = 2000
"""A field of Query that is not rows and has no weight of its own."""
DECISION: Final = 5000
"""A field of Mutation."""
EXPORT: Final = 100_000
"""A bulk export that is taken on, beside what a page of it costs: every row that the caller may read is looked at."""
ANSWERS: Final[Mapping[str, int]] = MappingProxyType(
    {"codeLists": 15_000, "sources": 10_000, "__schema": 15_000, "_service": 500, "__typename": 0}
)
"""Fields of Query that are not rows and cost more or less than ANSWER."""
