"""Verbs of the command line, one file each, without logic: each prints in one line what it did.

Map:
    context   settings, database and keys of one command
    progress  bars on a terminal, JSON lines otherwise
    migrate key serve worker pull link rebuild token sandbox schema demo
"""
