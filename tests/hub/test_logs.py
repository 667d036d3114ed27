"""What a log line may say: keys of one list, one line an event, and nothing that a library would add."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import stamina
import stamina.instrumentation
import structlog

from hub import logs
from hub.logs import KEYS

# Libraries log through the standard library, and what they may say is the subject here.
library = logging.getLogger  # noqa: TID251 -- see above
LIBRARIES = ["authlib", "uvicorn.access", "zeep", "zeep.transports", "asyncssh", "asyncssh.sftp", "httpx"]


@pytest.fixture(autouse=True)
def as_before(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Each test configures the log itself, and leaves none of it to the next."""
    for name in LIBRARIES:
        caplog.set_level(logging.NOTSET, logger=name)
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    stamina.instrumentation.set_on_retry_hooks(None)


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, object]]]:
    """What was written so far, an event a line, without the moment."""

    def read() -> list[dict[str, object]]:
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [{key: said for key, said in event.items() if key != "timestamp"} for event in events]

    return read


def test_an_event_is_a_line_with_its_level_and_its_keys(written):
    logs.configure("info")

    structlog.get_logger().info("source.fetched", agency="POLRI", record_count=3)

    assert written() == [
        {"agency": "POLRI", "event": "source.fetched", "level": "info", "record_count": 3},
    ]


def test_a_key_that_is_not_on_the_list_is_dropped(written):
    logs.configure("info")

    structlog.get_logger().info("source.fetched", agency="POLRI", nik="9901014508900042", nama="Siti Aminah")

    assert written() == [{"agency": "POLRI", "event": "source.fetched", "level": "info"}]


def test_a_key_of_the_context_or_of_a_bound_logger_is_dropped_too(written):
    logs.configure("info")
    structlog.contextvars.bind_contextvars(request_id="r1", nik="9901014508900042")

    structlog.get_logger().bind(passport="C1234567", port=8000).info("hub.started")

    assert written() == [{"event": "hub.started", "level": "info", "port": 8000, "request_id": "r1"}]


def test_neither_a_traceback_nor_the_text_of_an_error_is_written(written):
    logs.configure("info")
    try:
        int("9901014508900042x")
    except ValueError:
        structlog.get_logger().exception("record.failed", agency="POLRI")

    assert written() == [{"agency": "POLRI", "event": "record.failed", "level": "error"}]


def test_every_key_of_the_list_is_written(written):
    logs.configure("info")
    said = dict.fromkeys(sorted(KEYS - {"event", "level", "timestamp"}), "x")

    structlog.get_logger().info("hub.started", **said)

    assert written() == [{"event": "hub.started", "level": "info", **said}]


def test_a_line_break_in_a_value_does_not_make_a_second_event(written):
    logs.configure("info")

    structlog.get_logger().info("query.refused", client_id='a"}\n{"event": "grant.approved"}')

    assert written() == [
        {"client_id": 'a"}\n{"event": "grant.approved"}', "event": "query.refused", "level": "info"}
    ]


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_events_below_the_level_are_not_written(written, level, heard):
    logs.configure(level)
    logger = structlog.get_logger()

    for said in ("debug", "info", "warning", "error"):
        getattr(logger, said)("hub.started")

    assert [event["level"] for event in written()] == heard


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_that_writes_whole_messages_is_heard_from_warning_on_alone(caplog, name):
    caplog.set_level(logging.DEBUG)
    logs.configure("debug")

    library(name).info("Authorization: Bearer x")
    library(name).warning("the certificate has expired")

    assert caplog.messages == ["the certificate has expired"]


async def test_an_attempt_that_is_made_again_is_no_event(written):
    logs.configure("info")
    left = [ValueError("Siti Aminah"), ValueError("Siti Aminah")]

    async def question() -> str:
        if left:
            raise left.pop()
        return "answer"

    caller = stamina.AsyncRetryingCaller(attempts=3, wait_initial=0, wait_max=0, wait_jitter=0)
    answer = await caller(ValueError, question)

    assert (answer, left, written()) == ("answer", [], [])
