from __future__ import annotations

import time
from pathlib import Path

import pytest

from snakepit_bridge._proto.frames_pb2 import (
    LOG_LEVEL_ERROR,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_SOURCE_LOGGING,
    LOG_SOURCE_STDERR,
    LOG_SOURCE_STDOUT,
    Frame,
)

from .conftest import Starter
from .host import PATIENCE_S, Host


def spoken(host: Host, out: str) -> list[str]:
    seen = len(host.logs)
    host.execute("speak", {"out": out})
    return host.messages()[seen:]


def test_lines_become_records_of_their_call(host: Host) -> None:
    host.execute("add", {"a": 1, "b": 2})
    call = host.start("speak", {"out": "one\ntwo\n", "err": "three\n"})
    host.answer(call)
    assert [(log.source, log.level, log.message, log.call_id) for log in host.logs] == [
        (LOG_SOURCE_STDOUT, LOG_LEVEL_INFO, "one", call),
        (LOG_SOURCE_STDOUT, LOG_LEVEL_INFO, "two", call),
        (LOG_SOURCE_STDERR, LOG_LEVEL_WARN, "three", call),
    ]
    assert all(log.time_unix_us > 1_700_000_000 * 10**6 for log in host.logs)


@pytest.mark.parametrize(
    ("out", "messages"),
    [
        ("no end", ["no end"]),
        ("a\n\n\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("\r 10%\r 20%\r 30%", [" 10%", " 20%", " 30%"]),
        ("ü€𝄞\n", ["ü€𝄞"]),
        ("", []),
        ("x" * 40_000, ["x" * 16_384, "x" * 16_384, "x" * 7_232]),
        ("a" * 16_384 + "\n" + "b", ["a" * 16_384, "b"]),
    ],
)
def test_output_is_split_into_lines(host: Host, out: str, messages: list[str]) -> None:
    assert spoken(host, out) == messages


def test_a_lone_surrogate_is_escaped(host: Host) -> None:
    host.execute("speak_half_a_character")
    assert host.messages() == ["a\\ud800b"]


def test_an_unfinished_line_is_sent_before_the_answer(host: Host) -> None:
    assert spoken(host, "first ") == ["first "]
    assert spoken(host, "second\n") == ["second"]


def test_bytes_that_are_not_utf_8_are_replaced(host: Host) -> None:
    host.execute("write_bytes", {"data": b"a\xff\n"})
    assert host.messages() == ["a\ufffd"]


def test_records_of_logging_keep_level_and_logger(host: Host) -> None:
    call = host.start("log_records")
    host.answer(call)
    records = [log for log in host.logs if log.source == LOG_SOURCE_LOGGING]
    assert [(log.level, log.logger, log.message.split("\n")[0]) for log in records] == [
        (LOG_LEVEL_INFO, "tests.tools", "for you"),
        (LOG_LEVEL_ERROR, "tests.tools", "with a traceback"),
    ]
    assert "KeyError: 'key'" in records[1].message
    assert {log.call_id for log in host.logs} == {call}
    # The report of logging about a record that cannot be formatted.
    assert any("not enough arguments" in message for message in host.messages())


def test_threads_do_not_mix_their_lines(host: Host) -> None:
    call = host.start("print_from_threads", {"threads": 8, "lines": 100})
    host.answer(call)
    assert sorted(host.messages()) == sorted(f"{n} {line} {'z' * 50}" for n in range(8) for line in range(100))
    assert {log.call_id for log in host.logs} == {call}


def test_no_record_is_dropped_while_the_host_reads(host: Host) -> None:
    call = host.start("flood", {"lines": 20_000})
    host.answer(call)
    assert host.messages() == [f"line {number} {'x' * 200}" for number in range(20_000)]


def test_output_to_the_descriptors_does_not_affect_the_connection(host: Host) -> None:
    host.execute("write_to_descriptors")
    assert host.execute("add", {"a": 1, "b": 2}) == 3.0
    assert host.messages() == []
    host.send(Frame(shutdown={"grace_ms": 60_000}))
    host.exit_status()
    output = host.output()
    assert "HELLO to descriptor 1\n" in output
    assert "to descriptor 2\n" in output
    assert "from a program\n" in output


def test_output_before_the_connection_goes_to_the_process_itself(start: Starter, tmp_path: Path) -> None:
    path = tmp_path / "talkative.py"
    path.write_text(
        """
import logging
from snakepit_bridge import Adapter, tool

print("while importing")

class Talker(Adapter):
    def setup(self):
        print("while setting up")
        logging.warning("logged while setting up")

    @tool
    def speak(self):
        print("while called")
        logging.warning("logged while called")
"""
    )
    host = start(f"{path}:Talker")
    host.execute("speak")
    assert host.messages() == ["while called", "logged while called"]
    host.send(Frame(shutdown={"grace_ms": 60_000}))
    host.exit_status()
    output = host.output()
    assert "while importing" in output
    assert "while setting up" in output
    assert "logged while setting up" in output


def test_the_last_lines_of_a_worker_that_crashes_arrive(host: Host) -> None:
    host.start("crash")
    host.receive_until_closed()
    assert host.messages() == ["last line"]
    assert host.exit_status() == 3


def test_a_host_that_does_not_read_blocks_no_tool_forever(start: Starter, tmp_path: Path) -> None:
    host = start(accept=False, log_timeout_s=1.0)
    host.peer.accept(reads=False)  # type: ignore[call-arg]
    accept = Frame()
    accept.accept.protocol = 1
    accept.accept.max_payload_bytes = 1 << 20
    done = tmp_path / "done"
    call_id, call, _ = host.call_frame("flood", {"lines": 20_000, "done": str(done)})
    host.send(accept, call)
    give_up_at = time.monotonic() + PATIENCE_S
    while not done.exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)
    host.peer.begin_to_read()  # type: ignore[attr-defined]
    host.answer(call_id)
    # Only now: the host has read everything, so that no record of this call waits for longer than the limit.
    host.execute("speak", {"out": "after"})
    lost = [log for log in host.logs if "records were dropped" in log.message]
    assert lost
    dropped = sum(int(log.message.split()[0]) for log in lost)
    assert dropped + sum(log.message.startswith("line ") for log in host.logs) == 20_000
    assert host.messages()[-1] == "after"
