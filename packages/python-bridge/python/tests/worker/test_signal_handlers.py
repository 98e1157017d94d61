from __future__ import annotations

import signal
from pathlib import Path

import pytest

from snakepit_bridge._proto.frames_pb2 import LOG_LEVEL_ERROR, LOG_SOURCE_LOGGING

from .conftest import Starter
from .host import Asked, CallFailedError, Host

TARGET = str(Path(__file__).parent / "signal_tools.py")


def wait_for_record(host: Host, text: str) -> None:
    host.receive_until(lambda: host.logs)
    [record] = host.logs
    assert (record.source, record.level, record.logger) == (LOG_SOURCE_LOGGING, LOG_LEVEL_ERROR, "snakepit_bridge")
    assert text in record.message
    host.logs.clear()


@pytest.mark.parametrize(("mode", "transport"), [("echo", "socket"), ("echo_later", "socket"), ("echo", "grpc")])
@pytest.mark.parametrize(
    ("how", "number", "raised"),
    [
        ("", signal.SIGUSR1, "RangError: from a handler"),
        ("alarm", signal.SIGALRM, "RangError: from a handler"),
        ("interrupt", signal.SIGINT, "KeyboardInterrupt"),
        ("by-name", signal.SIGUSR2, "RangError: from a handler"),
    ],
)
def test_a_handler_that_raises_while_the_worker_is_idle_is_reported_and_the_worker_continues_h4(  # noqa: PLR0917
    start: Starter, how: str, number: signal.Signals, raised: str, transport: str, mode: str
) -> None:
    host = start(TARGET, transport=transport)
    assert host.execute("install", {"how": how})
    for _ in range(2):
        assert host.execute(mode, {"value": b"x"}) == b"x"
        host.process.send_signal(number)
        # A handler that just misses the wait of the main thread runs when that has something to do.
        assert host.execute(mode, {"value": b"x"}) == b"x"
        wait_for_record(host, raised)


def test_a_handler_that_raises_before_the_first_call_is_reported_h4(start: Starter) -> None:
    host = start(TARGET, heartbeat_interval_ms=10)
    host.receive_until(lambda: len(host.heartbeats) > 1)
    host.process.send_signal(signal.SIGUSR1)
    assert host.execute("echo", {"value": b"x"}) == b"x"
    wait_for_record(host, "the handler of SIGUSR1 raised an exception; the worker continues\nTraceback")
    assert host.execute("echo", {"value": b"x"}) == b"x"


def test_a_handler_raises_in_the_tool_that_it_interrupts_h4(start: Starter) -> None:
    host = start(TARGET)
    assert host.execute("raise_inside") == "raised inside"
    assert host.logs == []


@pytest.mark.parametrize("mode", ["echo", "echo_later"])
def test_handlers_that_raise_repeatedly_corrupt_no_call_and_no_record_h4(start: Starter, mode: str) -> None:
    host = start(TARGET)
    host.execute("install", {"how": "alarm"})
    value = bytes(3_000_000)
    calls = [(mode, {"value": value[:size]}) for size in (0, 10, 1000, 3_000_000) * 20]
    for tool, arguments in [("ring_every", {"seconds": 0.01}), *calls]:
        call = host.start(tool, arguments)
        try:
            assert host.answer(call) == arguments.get("value")
        except CallFailedError as error:
            assert "RangError: from a handler" in error.failure.message
    assert host.process.poll() is None


def test_a_task_that_exits_between_calls_is_reported_and_the_worker_continues_h4(start: Starter) -> None:
    host = start(TARGET)
    host.execute("leave_task_running")
    wait_for_record(host, "SystemExit: from a task that was left running")
    assert host.execute("echo_later", {"value": b"x"}) == b"x"


def test_a_handler_that_raises_while_a_tool_prints_raises_in_the_tool_and_leaves_no_record_half_sent_h4(
    start: Starter,
) -> None:
    host = start(TARGET)
    assert host.execute("print_with_time_limits", {"times": 300}) == 300
    assert {log.message for log in host.logs} == {"x" * 1000}
    assert host.execute("echo", {"value": b"x"}) == b"x"


@pytest.mark.parametrize("transport", ["socket", "grpc"])
@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(("size", "pause", "times"), [(10, 0.0, 1000), (200_000, 0.0, 300), (10, 0.012, 50)])
def test_a_handler_that_raises_while_a_tool_waits_for_the_host_loses_no_data(  # noqa: PLR0917
    start: Starter, size: int, pause: float, times: int, streams: bool, transport: str
) -> None:
    host = start(TARGET, transport=transport)

    def answer(asked: Asked) -> None:
        if asked.streaming:
            host.reply_chunks(asked.id, asked.payload, asked.payload)
            host.end_reply(asked.id)
        else:
            host.reply(asked.id, asked.payload)

    host.on_request = answer
    arguments = {"times": times, "size": size, "pause": pause, "streams": streams, "seed": 1}
    # The tool checks each reply.
    host.execute("ask_with_time_limits", arguments)
    assert host.execute("echo", {"value": b"x"}) == b"x"
    assert host.logs == []
