"""Workers as forks of a process that has imported everything already."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from .._libraries import if_loaded
from .commands import StartRequest
from .inherited_objects import InheritedObjects
from .orphans import WORKER_ID_VARIABLE
from .worker_entry import Forked, bind_to_launcher, default_signals
from .worker_output import WorkerOutput
from .worker_process import WorkerProcess


class ForkMethod:
    """Forks this process for each worker."""

    def __init__(
        self, run: Callable[[StartRequest], int], abandon: Callable[[], None], inherited: InheritedObjects
    ) -> None:
        """Takes what happens in a worker.

        Args:
            run: called last; returns the exit status.
            abandon: closes whatever the launching program has open.
            inherited: what workers must leave to the launching program.
        """
        self._inherited = inherited
        self._run = run
        self._abandon = abandon

    def start(self, request: StartRequest, command_name: str) -> WorkerProcess:
        """Starts a worker; see :class:`StartMethod`.

        Raises:
            Forked: in the worker.
        """
        launcher_pid = os.getpid()
        reader, writer = os.pipe()
        # Held back until the child has dropped our handlers, so that no signal meant for it is taken by them.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            pid = os.fork()
        except OSError:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(reader)
            os.close(writer)
            raise
        if pid == 0:
            raise Forked(lambda: self._become_worker(request, command_name, launcher_pid, reader, writer))
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(writer)
        _lead_group(pid)
        return WorkerProcess(request.worker_id, pid, command_name, WorkerOutput(reader))

    def _become_worker(
        self, request: StartRequest, command_name: str, launcher_pid: int, reader: int, writer: int
    ) -> int:
        os.setpgid(0, 0)
        bind_to_launcher(launcher_pid, command_name)
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        os.close(reader)
        os.close(writer)
        self._abandon()
        default_signals()
        self._inherited.leave_to_parent()
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
    numpy_random = if_loaded("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
