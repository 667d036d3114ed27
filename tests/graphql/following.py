"""A client that follows events, page by page."""

from hub.graphql.told import TYPES

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
