from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snakepit_bridge._proto.frames_pb2 import (
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_SOURCE_LOGGING,
    LOG_SOURCE_STDERR,
    LOG_SOURCE_STDOUT,
)

from .conftest import Starter
from .host import Host

TARGET = str(Path(__file__).parent / "logging_tools.py")
DEBUG = (LOG_LEVEL_DEBUG, "a debug message")
INFO = (LOG_LEVEL_INFO, "an info message with an argument")
WARNING = (LOG_LEVEL_WARN, "a warning")
ERROR = (LOG_LEVEL_ERROR, "an error")


def test_a_tool_that_leaves_a_detached_standard_output_does_not_end_the_worker_h3(start: Starter) -> None:
    host = start(TARGET)
    assert host.answer(host.start("leave_detached")) is None
    later = host.start("say", {"what": "later"})
    host.answer(later)
    assert [(log.message, log.call_id) for log in host.logs] == [("later", later)]


@pytest.mark.parametrize(
    "how",
    [
        *("wrap", "wrap-detached", "detach", "reconfigure", "close", "close-buffer", "buffered"),
        *("redirect", "codecs", "original", "tee", "with"),
    ],
)
def test_a_tool_that_replaces_the_standard_output_prints_then_and_later_h3(start: Starter, how: str) -> None:
    host = start(TARGET)
    for _ in range(2):
        call = host.start("replace", {"how": how})
        host.answer(call)
        later = host.start("say", {"what": "later ü"})
        assert host.answer(later) == [1, False, True, "latin-1" if how == "reconfigure" else "utf-8"]
        logs = [log for log in host.logs if log.message != "in a with"]
        if how == "buffered" and sys.version_info >= (3, 13):
            # Python reports that the BufferedWriter of the first call cannot close the stream, when it is collected.
            logs = [log for log in logs if log.source == LOG_SOURCE_STDOUT]
        printed = [(log.source, log.message, log.call_id) for log in logs]
        assert printed == [(LOG_SOURCE_STDOUT, f"{how} ü", call), (LOG_SOURCE_STDOUT, "later ü", later)]
        host.logs.clear()


@pytest.mark.parametrize("how", ["none", "closed", "deleted"])
def test_the_next_tool_can_print_after_a_tool_that_removed_standard_output_h3(start: Starter, how: str) -> None:
    host = start(TARGET)
    host.execute("lose", {"how": how})
    host.execute("say", {"what": "as ever"})
    assert host.messages() == ["as ever"]


def test_output_to_streams_saved_at_import_is_attributed_to_the_call_h3(start: Starter) -> None:
    host = start(TARGET)
    call = host.start("configure", {"how": "kept"})
    host.answer(call)
    assert [(log.source, log.message, log.call_id) for log in host.logs] == [
        (LOG_SOURCE_STDERR, "12:00 | INFO | as loguru writes", call),
        (LOG_SOURCE_STDOUT, "kept", call),
    ]


def logged(host: Host, *, configured: str = "", logger: str = "app", below: bool = True) -> list[tuple[int, str]]:
    """The records of a call, each of which must be of the source, the logger and the call."""
    if configured:
        host.execute("configure", {"how": configured})
    host.logs.clear()
    call = host.start("log", {"logger": logger, "below": below})
    host.answer(call)
    assert {(log.source, log.logger, log.call_id) for log in host.logs} <= {(LOG_SOURCE_LOGGING, logger, call)}
    return [(log.level, log.message) for log in host.logs]


@pytest.mark.parametrize(
    ("set_up", "expected"),
    [
        ("", [INFO, WARNING, ERROR]),
        ("basicConfig", [DEBUG, INFO, WARNING, ERROR]),
        ("stdout", [WARNING, ERROR]),
        ("dictConfig", [INFO, WARNING, ERROR]),
        ("formatted", [INFO, WARNING, ERROR]),
        ("queue", [INFO, WARNING, ERROR]),
    ],
)
def test_log_records_arrive_once_with_their_level_for_any_logging_setup_e10(
    start: Starter, set_up: str, expected: list[tuple[int, str]]
) -> None:
    host = start(TARGET, environment={"SET_UP": set_up})
    assert logged(host) == expected
    # The second time nothing is different.
    assert logged(host) == expected


@pytest.mark.parametrize(
    ("logger", "expected"),
    [("apart", [DEBUG, INFO, WARNING, ERROR]), ("twice", [INFO, WARNING, ERROR]), ("errors", [ERROR])],
)
def test_records_of_loggers_with_their_own_handlers_arrive_once_e10(
    start: Starter, logger: str, expected: list[tuple[int, str]]
) -> None:
    host = start(TARGET, environment={"SET_UP": "dictConfig"})
    assert logged(host, logger=logger) == expected


@pytest.mark.parametrize("set_up", ["", "basicConfig"])
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("force", [WARNING, ERROR]),
        ("disable", [ERROR]),
        ("enable", None),
        ("console", None),
    ],
)
def test_logging_setup_by_a_tool_takes_effect_at_once_e10(
    start: Starter, set_up: str, how: str, expected: list[tuple[int, str]] | None
) -> None:
    host = start(TARGET, environment={"SET_UP": set_up})
    unchanged = [DEBUG, INFO, WARNING, ERROR] if set_up else [INFO, WARNING, ERROR]
    assert logged(host, configured=how) == (unchanged if expected is None else expected)


def test_a_tool_may_lower_the_level_with_basic_config_e10(start: Starter) -> None:
    host = start(TARGET)
    assert logged(host) == [INFO, WARNING, ERROR]
    assert logged(host, configured="debug") == [DEBUG, INFO, WARNING, ERROR]


def test_a_logger_without_handlers_that_does_not_propagate_warns_as_in_a_script_e10(start: Starter) -> None:
    assert logged(start(TARGET), configured="apart") == [WARNING, ERROR]


def test_warnings_that_logging_captures_arrive_once_e10(start: Starter) -> None:
    host = start(TARGET)
    host.execute("configure", {"how": "warnings"})
    [record] = host.logs
    assert (record.source, record.level, record.logger) == (LOG_SOURCE_LOGGING, LOG_LEVEL_WARN, "py.warnings")
    assert "be careful" in record.message


def test_a_record_that_a_listener_writes_in_its_own_thread_arrives_once_e10(start: Starter) -> None:
    host = start(TARGET, environment={"SET_UP": "queue"})
    host.execute("configure", {"how": "listen"})
    assert [(log.source, log.level, log.message, log.thread) for log in host.logs] == [
        (LOG_SOURCE_LOGGING, LOG_LEVEL_INFO, "through a queue", "")
    ]


@pytest.mark.parametrize(
    ("name", "sent"), [("loader", "loader"), ("lHALF", "l\\ud800"), ("x" * 500, "x" * 128), ("MainThread", "")]
)
def test_records_have_the_name_of_their_thread_unless_it_is_the_main_thread(
    start: Starter, name: str, sent: str
) -> None:
    host = start(TARGET)
    host.execute("log_in_thread", {"name": name})
    assert [(log.message, log.thread) for log in host.logs] == [
        ("printed", sent),
        ("logged", sent),
        ("printed", ""),
        ("logged", ""),
    ]


def test_the_thread_name_of_a_record_may_be_any_object(start: Starter) -> None:
    host = start(TARGET)
    host.execute("log_foreign_thread_name")
    assert [(log.message, log.thread) for log in host.logs] == [("copied", "7")]


@pytest.mark.parametrize(
    ("value", "name"), [("unprintable", "?"), ("number", "7"), ("surrogate", "\\ud800x"), ("long", "n" * 1_024)]
)
def test_the_name_of_a_logger_never_fails_a_call(start: Starter, value: str, name: str) -> None:
    host = start(TARGET)
    host.execute("log_foreign", {"field": "name", "value": value})
    assert [(log.message, log.logger) for log in host.logs] == [("foreign", name)]


def test_a_thread_name_that_cannot_be_converted_never_fails_a_call(start: Starter) -> None:
    host = start(TARGET)
    host.execute("log_foreign", {"field": "threadName", "value": "unprintable"})
    assert [(log.message, log.thread) for log in host.logs] == [("foreign", "?")]


@pytest.mark.parametrize("set_up", ["", "basicConfig"])
def test_a_record_that_cannot_be_formatted_is_reported_as_by_python_e10(start: Starter, set_up: str) -> None:
    host = start(TARGET, environment={"SET_UP": set_up})
    host.execute("configure", {"how": "bad"})
    assert host.messages()[0] == "--- Logging error ---"
    assert any("%d format" in message for message in host.messages())
    assert {log.source for log in host.logs} == {LOG_SOURCE_STDERR}
