"""Events out: what becomes of them once they are written (hub.view.outbox) and beside being read (hub.graphql.feed).

Map:
    retention   events that are old are deleted, and the place up to which they were
"""
