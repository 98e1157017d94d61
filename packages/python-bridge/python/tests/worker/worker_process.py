"""Starts worker processes for tests, as forks of one program for each transport."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from wire.host_peer import PATIENCE_S

from .worker_server import MAX_REQUEST_BYTES

_PROGRAM = Path(__file__).parent / "worker_server.py"

# What most workers of the tests import. They load their tools after the fork, so each would import these again.
_PRELOADED = ["asyncio", "concurrent.futures.thread", "multiprocessing.context", "snakepit_bridge._session"]

_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class WorkerProcess:
    """One worker process."""

    def __init__(self, pid: int, output: int, status: int) -> None:
        self.pid = pid
        self._output = output
        self._status = status
        self._exit_code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; none while the process runs."""
        return self._poll(0)

    def wait(self) -> int:
        """Waits for the process to exit, and returns its exit code."""
        exit_code = self._poll(PATIENCE_S)
        assert exit_code is not None, f"process {self.pid} has not exited within {PATIENCE_S} seconds"
        return exit_code

    def send_signal(self, number: int) -> None:
        """Sends a signal, unless the process has exited."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def output(self) -> str:
        """What the process has written to its standard output and error; waits until it closes them."""
        with os.fdopen(os.dup(self._output), "rb") as reader:
            return reader.read().decode()

    def close(self) -> None:
        """Waits for the process to exit, and kills it when it does not."""
        try:
            self.wait()
        finally:
            self.send_signal(signal.SIGKILL)
            self.wait()
            os.close(self._output)
            os.close(self._status)

    def _poll(self, timeout_s: float) -> int | None:
        if self._exit_code is None and select.select([self._status], [], [], timeout_s)[0]:
            self._exit_code = int(os.read(self._status, 16))
        return self._exit_code


class WorkerServer:
    """A running ``worker_server.py``. It ends with this process, whatever happens to it."""

    def __init__(self, transport: str, *, preloads: bool = True) -> None:
        preloaded = _PRELOADED if preloads else []
        self._requests, served = socket.socketpair()
        self._requests.settimeout(PATIENCE_S)
        command = [sys.executable, str(_PROGRAM), transport, *preloaded]
        self._process = subprocess.Popen(command, stdin=served)  # noqa: S603
        served.close()

    def start(
        self,
        boot: Mapping[str, Any],
        target: str,
        *,
        environment: Mapping[str, str] = _NO_VARIABLES,
        new_session: bool = False,
        lost_grace_s: float = 60.0,
        log_timeout_s: float = 60.0,
    ) -> WorkerProcess:
        """Starts a worker.

        Args:
            boot: the fields of its ``WorkerBoot``.
            target: the file or module of its tools.
            environment: variables to add to this process's own.
            new_session: whether the worker leads a session and a process group.
            lost_grace_s: how long the worker may take to end after the host closed the connection. By default longer
                than it takes on a loaded machine.
            log_timeout_s: how long a record may wait for a host that does not read. By default longer than a loaded
                machine pauses the tests.
        """
        worker = {
            "boot": boot,
            "target": target,
            "environment": dict(environment),
            "new_session": new_session,
            "lost_grace_s": lost_grace_s,
            "log_timeout_s": log_timeout_s,
        }
        request = json.dumps(worker).encode()
        assert len(request) <= MAX_REQUEST_BYTES
        output, worker_output = os.pipe()
        status, worker_status = os.pipe()
        try:
            socket.send_fds(self._requests, [request], [worker_output, worker_status])
        finally:
            os.close(worker_output)
            os.close(worker_status)
        return WorkerProcess(int(self._requests.recv(16)), output, status)

    def close(self) -> None:
        """Ends the program."""
        self._requests.close()
        self._process.wait(PATIENCE_S)
