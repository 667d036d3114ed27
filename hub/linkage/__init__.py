"""What belongs together: deterministic rules over sealed identities, decisions that can be read and undone.

Map:
    rules       T1, T2, T3 for persons: the decision on one pair, and its reason
    clusters    which sources are one entity, under the guards
    candidates  pairs worth comparing, by blocking keys
    decisions   matches, links and review tasks as rows
    cases       C1 to C3: the same for cases
    batch       takes work from the queue: decide, link, recompute in one transaction
    undo        takes a decision back
    person_match  is this person known?
"""
