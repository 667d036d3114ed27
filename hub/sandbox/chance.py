"""Chances that read as sentences."""

from random import Random
from typing import TypeVar

Choice = TypeVar("Choice")


def happens(rng: Random, share: float) -> bool:
    """True in this share of the calls."""
    return rng.random() < share


def one_of(rng: Random, *weighted: tuple[float, Choice]) -> Choice:
    """One of the things, by their weights."""
    return rng.choices([thing for _, thing in weighted], [weight for weight, _ in weighted])[0]
