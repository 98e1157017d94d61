from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("zygote_program.py")
PATIENCE_SECONDS = 120.0

Event = dict[str, Any]


class Launcher:
    """A zygote and its events."""

    def __init__(self) -> None:
        keep_inherited_descriptors()
        command_reader, self._commands = os.pipe()
        self._events, event_writer = os.pipe()
        self.pid = os.posix_spawn(
            sys.executable,
            [sys.executable, str(PROGRAM)],
            dict(os.environ),
            file_actions=[
                (os.POSIX_SPAWN_DUP2, command_reader, 0),
                (os.POSIX_SPAWN_DUP2, event_writer, 3),
            ],
        )
        os.close(command_reader)
        os.close(event_writer)
        self._buffer = b""
        self._unread: list[Event] = []
        self._reaped = False
        self.wait_for(lambda event: event["event"] == "ready")

    def send(self, command: dict[str, object]) -> None:
        os.write(self._commands, json.dumps(command).encode() + b"\n")

    def start(self, *worker_ids: str) -> None:
        workers = [{"worker_id": each, "token": f"token of {each}", "address": "/nowhere"} for each in worker_ids]
        self.send({"command": "start", "workers": workers})

    def started(self, worker_id: str) -> int:
        pid: int = self.wait_for(lambda event: event["event"] == "started" and event["worker_id"] == worker_id)["pid"]
        return pid

    def exited(self, worker_id: str) -> Event:
        return self.wait_for(lambda event: event["event"] == "exited" and event["worker_id"] == worker_id)

    def output(self, worker_id: str, text: str) -> str:
        """All that the worker has written by the time that this text is there."""
        so_far = ""

        def is_complete(event: Event) -> bool:
            nonlocal so_far
            if event["event"] == "output" and event["worker_id"] == worker_id:
                so_far += event["text"]
                return text in so_far
            return False

        self.wait_for(is_complete)
        return so_far

    def wait_for(self, is_expected: Callable[[Event], bool]) -> Event:
        """Returns the first event of that kind that was not waited for yet."""
        position = 0
        while True:
            while position < len(self._unread):
                if is_expected(self._unread[position]):
                    return self._unread.pop(position)
                position += 1
            data = os.read(self._events, 65536)
            assert data, f"the zygote ended; its events were {self._unread}"
            *lines, self._buffer = (self._buffer + data).split(b"\n")
            self._unread += [json.loads(line) for line in lines]

    def hang_up(self) -> None:
        """Closes the commands, as the death of the host does."""
        os.close(self._commands)
        self._commands = -1

    def wait(self) -> int:
        """The exit code of the program."""
        _, status = os.waitpid(self.pid, 0)
        self._reaped = True
        return os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        if not self._reaped:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        os.close(self._events)
        if self._commands >= 0:
            self.hang_up()


def keep_inherited_descriptors() -> None:
    """The caller of the tests may have left inheritable descriptors open."""
    for entry in Path("/proc/self/fd").iterdir():
        if int(entry.name) > 2:
            # The listing has closed its own; a thread that an earlier test has left may close another one.
            with suppress(OSError):
                os.set_inheritable(int(entry.name), False)


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    launcher = Launcher()
    yield launcher
    launcher.close()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.002)
