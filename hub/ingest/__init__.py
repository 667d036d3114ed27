"""From a source's batches to versions: one batch is one transaction.

Map:
    pull        asks a source for batches and writes each
    batch       the transaction: checkpoint, versions, quarantine, drift, link queue together or not at all
    versions    which records say something new, sealed
    parts       persons who are no longer inside their case
    quarantine  records that broke a rule, and fields nobody declared
    lookup      keys of persons in cases, for sources that answer by key only
"""
