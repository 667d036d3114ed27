"""What runs without anybody asking: rounds of pulls and what follows from them.

Map:
    rounds  every source is read, what is new is linked
    beside  a second process that links while a long pull goes on
"""

from hub.jobs.rounds import Round, Work, link_all, link_some, run_round

__all__ = ["Round", "Work", "link_all", "link_some", "run_round"]
