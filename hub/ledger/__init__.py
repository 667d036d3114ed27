"""The read ledger: who saw what about whom, when and why, in a form that nobody can change unseen (ADR-0027).

Map:
    entry      what is said of one operation, and its bytes
    pseudonym  subjects as the ledger names them
    writer     entries committed in groups, and before the answer leaves
    evidence   keys, seals and records, and their JSON
    merkle     the tree over the records of a seal (RFC 9162)
    keys       the keys that sign seals, each endorsed by the one before
    sealer     a signed seal over all that has come, each second
    verify     whether all of it holds; needs nothing but `cryptography`
    stored     keys, seals and records as the auditor reads them
    export     the same as a file
    proof      that one record lies under a seal
    routes     seals for everybody: /audit/seals

Imports go hub.ledger -> hub.identity, hub.database -> schema; `evidence`, `merkle`, `verify` and `proof` need no database.
"""
