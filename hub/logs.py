"""Events for operators: JSON lines on standard output, named `noun.past_verb`, with keys from one closed list.

A key that is not on the list is dropped, so that no value of a person can slip into a log.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import stamina.instrumentation
import structlog

KEYS = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "request_id",
        "agency",
        "client_id",
        "purpose",
        "coordinate",
        "code",
        "operation",
        "plan",
        "duration_ms",
        "record_count",
        "version_count",
        "row_count",
        "revision",
        "port",
        "error",
        "where",
    ]
)
"""Every key that an event may have."""

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_NOISY = ("authlib", "uvicorn.access", "zeep", "asyncssh", "httpx", "sqlalchemy")
"""Libraries that write tokens, addresses or whole messages below WARNING."""
_DOUBLED = ("psycopg",)
"""Libraries whose warnings are of connections that broke or were closed; whoever used one tells of it in our own form."""


def _allow(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event.keys() - KEYS:
        del event[key]
    return event


def configure(level: str) -> None:
    """Sends events of this level and above to standard output.

    Args:
        level: `debug`, `info`, `warning` or `error`.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    # A source that fails is an event of the pull; stamina's own would tell of each attempt beside it.
    stamina.instrumentation.set_on_retry_hooks([])
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)  # noqa: TID251 -- these libraries log through it
    for name in _DOUBLED:
        logging.getLogger(name).setLevel(logging.ERROR)  # noqa: TID251 -- likewise
