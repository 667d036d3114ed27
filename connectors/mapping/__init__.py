"""From an agency's words to canonical Records: TOML has the words, Python the steps.

Map, each importing only what stands above it:
    text        text out of JSON, its words, abbreviations respelled
    tables      spellings -> codes
    dates, places, police, law    what agencies write in many ways, each with one reading
    targets     where a value goes, checked against the declarations of `schema`
    forms       what a wire value is, and the canonical value that it becomes
    section     a TOML table of which nothing may be left over
    file        a mapping file as checked values
    layout      values put together into the parts of a Record
    fields      one wire field as a step
    rows        one row: its Record, tombstone or Violation
    objects     one object: its row, what is made from it, the parts inside it
    agency      the mapping of an agency
"""

from connectors.mapping.agency import AgencyMapping, load

__all__ = ["AgencyMapping", "load"]
