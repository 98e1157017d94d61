"""The program that starts the workers of tests: it imports what a worker needs once, and forks for each worker.

Its standard input is a Unix socket. Each request is one JSON object with two descriptors: one for the worker's standard
output and error, and one that receives its exit status. The answer is the worker's process id. See
``worker_process.py`` for the other end.

Usage: worker_server.py TRANSPORT [MODULE]...

It imports the modules before the first fork.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from typing import Any

from snakepit_bridge._tools import TargetError, load_adapter
from snakepit_bridge._worker import (
    WorkerBoot,
    ending,
    guard_signal_handlers,
    install_standard_streams,
    run_failed_worker,
    run_worker,
)
from snakepit_bridge._worker.capture import log_sender

MAX_REQUEST_BYTES = 1 << 16


def main() -> int:
    transport, *preloaded = sys.argv[1:]
    for module in preloaded:
        importlib.import_module(module)
    if transport == "grpc":
        # Only gRPC that is already in use does not survive a fork.
        importlib.import_module("snakepit_bridge._wire.grpc_transport")
    # As in the zygote: the garbage collector of a worker does not traverse, and thereby copies, the shared objects.
    gc.collect()
    gc.freeze()
    worker = WorkerServer(socket.socket(fileno=os.dup(0))).serve()
    return 0 if worker is None else run(worker)


def run(worker: dict[str, Any]) -> int:
    """What the zygote runs in a worker, without its control of processes."""
    faulthandler.enable()
    ending.LOST_GRACE_S = worker["lost_grace_s"]
    log_sender._TIMEOUT_S = worker["log_timeout_s"]
    boot = WorkerBoot(**worker["boot"])
    install_standard_streams()
    guard_signal_handlers()
    try:
        adapter = load_adapter(worker["target"], as_script=True)
    except TargetError as error:
        return run_failed_worker(boot, error)
    return run_worker(boot, adapter)


class WorkerServer:
    """Forks workers and reports how they exit."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._status_fds: dict[int, int] = {}
        self._child_exited, self._wake_up_fd = os.pipe()
        for fd in (self._child_exited, self._wake_up_fd):
            os.set_blocking(fd, False)

    def serve(self) -> dict[str, Any] | None:
        """Serves until the other end closes the socket; returns the request in each worker."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_up_fd)
        while True:
            ready, _, _ = select.select([self._requests, self._child_exited], [], [])
            if self._child_exited in ready:
                os.read(self._child_exited, 4096)
                self._report_exits()
            if self._requests in ready:
                request, fds, _, _ = socket.recv_fds(self._requests, MAX_REQUEST_BYTES, 2)
                if not request:
                    return None
                if worker := self._fork(json.loads(request), *fds):
                    return worker

    def _fork(self, worker: dict[str, Any], output: int, status: int) -> dict[str, Any] | None:
        pid = os.fork()
        if pid == 0:
            self._become_worker(worker, output)
            return worker
        self._status_fds[pid] = status
        os.close(output)
        self._requests.send(b"%d" % pid)
        return None

    def _become_worker(self, worker: dict[str, Any], output: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in (1, 2):
            os.dup2(output, fd)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        inherited = self._requests.detach(), self._child_exited, self._wake_up_fd, *self._status_fds.values()
        for fd in (null, output, *inherited):
            os.close(fd)
        os.environ.update(worker["environment"])
        if worker["new_session"]:
            os.setsid()

    def _report_exits(self) -> None:
        while self._status_fds:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            fd = self._status_fds.pop(pid)
            os.write(fd, b"%d" % os.waitstatus_to_exitcode(status))
            os.close(fd)


if __name__ == "__main__":
    sys.exit(main())
