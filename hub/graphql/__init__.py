"""From a query to bytes: one statement for each operation, guarded before a row is read.

Map, from the declarations outwards:
    catalogue   every type, field and relation with its scopes
    scalars  enums  filters  types  query  sdl   the strawberry schema made from it
    documents   text -> parsed, validated, within the limits
    selection   what an operation selects, fragments merged
    guard       which uses the permit does not cover
    cells  conditions  ordering  rows  statement    a selection as one SQL statement that gives JSON text
    plan        an operation compiled once, and its bounded cache
    reveal      sealed values opened and cursors signed in the statement's text
    answers     what is not rows: me, codeLists, sources, personMatch, introspection
    errors      every error as the caller sees it
    endpoint    HTTP
"""
