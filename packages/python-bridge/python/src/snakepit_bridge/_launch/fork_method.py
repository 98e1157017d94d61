"""Workers as forks of a process that has imported the target already."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from .._libraries import if_loaded
from .commands import StartRequest
from .inherited_objects import InheritedObjects
from .orphans import WORKER_ID_VARIABLE
from .worker_entry import Forked, bind_to_zygote, default_signals, enter_control_group
from .worker_output import WorkerOutput
from .worker_process import WorkerProcess


class ForkMethod:
    """Forks this process for each worker."""

    def __init__(
        self, run: Callable[[StartRequest], int], abandon: Callable[[], None], inherited: InheritedObjects
    ) -> None:
        """Creates the method.

        Args:
            run: runs a worker and returns its exit status.
            abandon: closes the descriptors of the zygote in a worker.
            inherited: the objects that workers must leave to the zygote.
        """
        self._inherited = inherited
        self._run = run
        self._abandon = abandon

    def start(self, request: StartRequest, command_name: str) -> WorkerProcess:
        """Starts a worker; see :class:`StartMethod`.

        Raises:
            Forked: in the worker.
        """
        zygote_pid = os.getpid()
        reader, writer = os.pipe()
        # Blocked until the child has reset the handlers of the zygote, so that they handle no signal of the child.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            pid = os.fork()
        except OSError:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(reader)
            os.close(writer)
            raise
        if pid == 0:
            raise Forked(lambda: self._become_worker(request, command_name, zygote_pid, reader, writer))
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(writer)
        _lead_group(pid)
        return WorkerProcess(request.worker_id, pid, command_name, WorkerOutput(reader))

    def _become_worker(
        self, request: StartRequest, command_name: str, zygote_pid: int, reader: int, writer: int
    ) -> int:
        os.setpgid(0, 0)
        bind_to_zygote(zygote_pid, command_name)
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        os.close(reader)
        os.close(writer)
        self._abandon()
        default_signals()
        enter_control_group(request.control_group)
        self._inherited.leave_to_parent()
        os.environ[WORKER_ID_VARIABLE] = request.worker_id
        _reseed()
        return self._run(request)


def _lead_group(pid: int) -> None:
    """Creates the process group. The child does it too, so that it exists when either continues (setpgid(2))."""
    try:
        os.setpgid(pid, pid)
    except (PermissionError, ProcessLookupError):
        # The child was faster, or has ended already.
        return


def _reseed() -> None:
    """Seeds numpy's generator in each worker; the module ``random`` does that itself after a fork."""
    numpy_random = if_loaded("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
