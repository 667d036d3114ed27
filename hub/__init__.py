"""The running service: pulls, links, computes the one view and serves it.

Map, from the door inwards; imports go downwards only (checked by import-linter):
    __main__, cli      verbs of the command line
    app                the HTTP service put together
    export             whole lists, computed beside and fetched in sealed parts
    graphql            from a query to bytes
    console            officers decide, on pages without a script
    sandbox            four synthetic agencies over their own protocols
    ingest             one batch, one transaction
    linkage            what belongs together
    view               golden rows by survivorship, with provenance
    ledger             who saw what, in a form that nobody can change unseen
    identity           sealing, blind indexes, names
    database, embedded PostgreSQL, ours or any other
    settings, logs, clock, assets
"""
