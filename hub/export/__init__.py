"""Bulk exports: all rows of one list, asked for once, computed beside, and fetched in parts (ADR-0037).

Map:
    question  what may be exported: a document with one list, through the guard and the compiler of queries
    order     an export as it was asked for, and the permit that it stands on
    store     its state in the database: leased, given part by part, closed
    chunks    its bytes, sealed under a key of its own
    marks     what each row carries, so that a leaked one names its export
    columns   a selection as columns of Parquet
    writers   rows as NDJSON or Parquet
    evidence  what it leaves in the ledger
    compute   rows into parts
    manifest  what there is, with counts and hashes, signed
    keeping   the work of a process: what waits is computed, what is over is closed
    leak      whose a leaked file is
    ranges    one range of bytes
    routes    HTTP

Imports go hub.export -> hub.graphql -> hub.ledger, hub.identity, hub.database.
"""
