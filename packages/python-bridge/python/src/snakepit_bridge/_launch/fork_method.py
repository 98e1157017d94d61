"""Workers as forks of a process that has imported everything already."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable

from .commands import StartRequest
from .orphans import WORKER_ID_VARIABLE
from .process_table import start_time
from .worker_entry import bind_to_launcher, default_signals, exit_with
from .worker_output import WorkerOutput
from .worker_process import WorkerProcess


class ForkMethod:
    """Forks this process for each worker."""

    def __init__(self, run: Callable[[StartRequest], int], private_fds: Callable[[], Iterable[int]]) -> None:
        """Takes what a worker runs and the descriptors that no worker may keep.

        Args:
            run: called in the worker; returns the exit status.
            private_fds: the descriptors of the launching program at the time of the fork.
        """
        self._run = run
        self._private_fds = private_fds

    def start(self, request: StartRequest, command_name: str) -> WorkerProcess:
        """Starts a worker; see :class:`StartMethod`."""
        launcher_pid = os.getpid()
        reader, writer = os.pipe()
        # Held back until the child has dropped our handlers, so that no signal meant for it is taken by them.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            pid = os.fork()
            if pid == 0:
                exit_with(lambda: self._become_worker(request, command_name, launcher_pid, reader, writer))
        except OSError:
            os.close(reader)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(writer)
        _lead_group(pid)
        return WorkerProcess(request.worker_id, pid, start_time(pid), command_name, WorkerOutput(reader))

    def _become_worker(
        self, request: StartRequest, command_name: str, launcher_pid: int, reader: int, writer: int
    ) -> int:
        os.setpgid(0, 0)
        bind_to_launcher(launcher_pid, command_name)
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        for fd in (reader, writer, *self._private_fds()):
            os.close(fd)
        default_signals()
        os.environ[WORKER_ID_VARIABLE] = request.worker_id
        _reseed()
        return self._run(request)


def _lead_group(pid: int) -> None:
    """Does what the child does as well: whoever comes first, the group exists when either goes on (setpgid(2))."""
    try:
        os.setpgid(pid, pid)
    except (PermissionError, ProcessLookupError):
        # The child was faster, or is dead already.
        return


def _reseed() -> None:
    """Gives each worker random numbers of its own; Python's own module does so by itself after a fork."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
