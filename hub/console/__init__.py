"""The officers' console: what officers decide, on pages that need no script; all of it is in the API and the terminal too.

Map, from the door inwards:
    routes      the addresses, and what each one is
    door        who comes in, what they may, the ledger; one transaction for each request
    answers     pages and redirects, under one policy
    visit       what a page is given, and what it gives back
    form        a form as it was sent
    overview, grants, deciding, proposing, emergencies, exclusions, clients, issuers, ledger,
    seals       the pages
    showing     templates and their words: words (both languages of each), said (codes, regions, times), templates, assets
    evidence    what the ledger is told

Nothing of a case is on any page but its id: whoever decides about access reads no victim's data here.
"""
