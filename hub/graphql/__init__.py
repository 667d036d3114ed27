"""From a query to bytes: one statement for each operation, guarded before a row is read.

Map, from the declarations outwards:
    catalogue   every type, field and relation with its scopes and purposes
    scalars  enums  filters  types  query  sdl   the strawberry schema made from it
    listed      a hash -> the document that an officer listed; and clients that may send no other
    documents   text -> parsed, validated, within the limits
    selection   what an operation selects, fragments merged
    guard       which uses the permit does not cover
    permits     what a caller may do, kept for as long as nothing has changed
    rules       row rules of a permit, and the settings by which PostgreSQL repeats them
    tables      the view's tables, or what stands in their place
    source      which rows and values a permit opens
    cells  conditions  ordering  representations  rows  page  marks    a selection as one SQL statement that gives JSON text
    past  moment   rows as they were at a moment
    dimensions  caseload  groups     exact counts, group by group
    cost  weights  budgets     what an operation may cost, and what a caller may spend in a minute
    every       all rows of a list, for who reads them one after the other
    prepared  round_trip  reading   statements as the driver takes them, and the connections they go out on
    plan        an operation compiled once, and its bounded cache
    reveal      sealed values opened, cursors signed, subjects noted
    evidence    what an operation leaves in the ledger
    answers  me     what is not rows: codeLists, sources, personMatch, introspection, who am I
    coordinates  usage  breaking   what of the schema clients use, and which of them a change breaks
    told  feed  events                                what has changed, under a permit, in order
    decisions  granting  emergencies  exclusions  listing     what officers decide, by the context of one transaction
    errors      every error as the caller sees it
    services    what the process has for those who answer
    understanding  answering  asked  answer    from a question to the text of its answer
    endpoint  presence    HTTP
    waking  subscribing  sockets    what is told as it happens, over WebSockets
"""
