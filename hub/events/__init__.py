"""Events out: what becomes of them once they are written (hub.view.outbox) and beside being read (hub.graphql.feed).

Map:
    hooks       endpoints of clients, as operators register them
    signing     the keys by which receivers know the hub
    schedule    when an attempt is made again
    sender  sending     what is due to an endpoint, sent in order
    retention   events that are old are deleted, and the place up to which they were
"""
