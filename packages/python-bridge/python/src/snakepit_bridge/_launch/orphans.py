"""Processes that tools have started and that outlive their worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable

from .._system import children_of, command_name_of, environment_of
from .worker_process import WorkerProcess, is_worker_name

WORKER_ID_VARIABLE = "SNAKEPIT_WORKER_ID"
"""Environment variable that contains the id of the worker, for processes that it starts."""


def kill_orphans(active: Iterable[WorkerProcess]) -> None:
    """Kills adopted processes whose worker has ended.

    They have left the process group of the worker, as daemons do, so the kill of the group did not reach them; the
    kernel made them children of this process. An executed program has the id of the worker in its environment, a fork
    has the name of the worker in the process table. A process with neither is killed at the end.
    """
    workers = {worker.pid: worker for worker in active}
    ids = {worker.worker_id for worker in workers.values()}
    names = {worker.command_name for worker in workers.values()}
    for pid in children_of(os.getpid()):
        if pid in workers:
            continue
        worker_id = environment_of(pid).get(WORKER_ID_VARIABLE)
        name = command_name_of(pid)
        if worker_id not in ids if worker_id is not None else is_worker_name(name) and name not in names:
            _kill(pid)


def kill_children() -> None:
    """Kills every child of this process that the process table lists."""
    for pid in children_of(os.getpid()):
        _kill(pid)


def _kill(pid: int) -> None:
    # Safe from recycled pids: these are children of this process, and only it reaps them.
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # PermissionError: a set-user-ID program, which this process cannot kill.
        return
