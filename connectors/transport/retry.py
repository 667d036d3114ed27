"""How often and how long a question that failed is asked again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import stamina

from schema.errors import SourceError

Answer = TypeVar("Answer")


class TryAgain(Exception):
    """One attempt failed in a way that the next may not; never leaves this package.

    Args:
        problem: what is raised when no attempt is left.
        wait_s: how long the agency asked us to wait, or None.
    """

    def __init__(self, problem: SourceError, *, wait_s: float | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How much failure is borne before a pull gives up; the next pull goes on from the checkpoint.

    Attributes:
        attempts: questions in all.
        first_wait_s: before the second; it doubles each time, with jitter.
        longest_wait_s: between two questions, unless the agency asks for more.
        longest_asked_wait_s: how much of an agency's Retry-After is obeyed within one pull.
        total_s: after which no further question is asked.
    """

    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 20
    longest_asked_wait_s: float = 60
    total_s: float = 180

    async def ask(self, question: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of the first attempt that does not fail.

        Args:
            question: safe to ask twice; raises TryAgain where it may be.

        Raises:
            SourceError: the last problem, without its cause, which could hold a secret or a person.
        """
        caller = stamina.AsyncRetryingCaller(
            attempts=self.attempts,
            timeout=self.total_s,
            wait_initial=self.first_wait_s,
            wait_max=self.longest_wait_s,
            wait_jitter=self.first_wait_s,
        )
        try:
            return await caller(self._wait, question)
        except TryAgain as last:
            problem = last.problem
        raise problem from None

    def _wait(self, problem: Exception) -> bool | float:
        if not isinstance(problem, TryAgain):
            return False
        return True if problem.wait_s is None else min(problem.wait_s, self.longest_asked_wait_s)


PATIENT = Patience()
