"""Verbs of the command line, one file each, without logic: each prints in one line what it did.

Map:
    context   settings, database and keys of one command
    progress  bars on a terminal, JSON lines otherwise
    demo serve worker migrate key officers pull link rebuild connector audit export grant token sandbox subgraph schema; docs renews the documents
"""
