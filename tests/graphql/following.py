"""A client that follows events, page by page."""

from hub.graphql.told import TYPES
from schema.tables.events import CHANNEL

NAMES = tuple(word.upper().replace(".", "_") for word in TYPES)
ROWS = {"case:read", "victim:read", "victim.child:read", "perpetrator:read"}
QUERY = """query ($t: [EventType!]!, $a: String, $n: Int! = 100) {
    events(types: $t, after: $a, first: $n) {
        events { specversion id source type subject time datacontenttype data { entity row newId oldIds } cursor }
        endCursor hasNextPage
    } }"""


async def follow(hub, names=NAMES, after=None, *, first=100, **how):
    """All events behind a cursor, and the cursor behind them."""
    found = []
    while True:
        page = (await hub.data(QUERY, {"t": list(names), "a": after, "n": first}, **how))["events"]
        found += page["events"]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            return found, after


async def touch(hub, count=1):
    """So many events of one case more, committed and told as those of a change are."""
    await hub.rows(
        """WITH moved AS (UPDATE outbox SET head = head + %s RETURNING head - %s AS behind),
        written AS (
            INSERT INTO event (position, entity, row_id, kind, at)
            SELECT behind + n, 'Case', (SELECT case_id FROM golden_case ORDER BY 1 LIMIT 1), 'CHANGED', now()
            FROM moved, generate_series(1, %s) n RETURNING 1)
        SELECT count(*), pg_notify(%s, '') FROM written""",
        count,
        count,
        count,
        CHANNEL,
    )
