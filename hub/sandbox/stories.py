"""All named stories, in order of their numbers."""

from functools import cache

from hub.sandbox import stories_police, stories_shelter, stories_travel, stories_work
from hub.sandbox.cast import Story


@cache
def stories() -> tuple[Story, ...]:
    """The named stories; the same for every seed and size."""
    makers = (*stories_police.ALL, *stories_travel.ALL, *stories_work.ALL, *stories_shelter.ALL)
    return tuple(make() for make in makers)


def story(name: str) -> Story:
    """The story of a name.

    Raises:
        KeyError: there is no such story.
    """
    for each in stories():
        if each.name == name:
            return each
    raise KeyError(name)
