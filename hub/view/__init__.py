"""The one view: golden rows, a pure function of the latest versions and the open links.

Map:
    members       what the sources of an entity say, opened
    survivorship  whose word wins, and who lost
    derived       what the hub computes from other fields
    rows          the golden rows of persons, cases and roles
    events        the golden rows of what happened to them
    organisations the golden rows of who is mentioned
    redirects     where an id leads that no longer names anything
    compute       all of these together: sources and whose they are -> golden rows
    recompute     loads, computes, writes only what changed, in the caller's transaction
    past          golden rows as they were at a moment, from the versions and links of then
    rebuild       everything from nothing
"""
