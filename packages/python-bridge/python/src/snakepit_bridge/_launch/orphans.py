"""Processes that tools started and that outlived their worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable

from .._system import children_of, command_name_of, environment_of
from .worker_process import WorkerProcess, is_worker_name

WORKER_ID_VARIABLE = "SNAKEPIT_WORKER_ID"
"""Environment variable that names the worker to whatever it starts."""


def kill_orphans(living: Iterable[WorkerProcess]) -> None:
    """Kills adopted processes whose worker has ended.

    They left the worker's process group, as a daemon does, so killing the group did not reach them; the kernel made
    them children of this process. A program that was executed carries the worker's id in its environment, a mere
    fork the worker's name in the process table. A process that carries neither is left until the end.
    """
    workers = {worker.pid: worker for worker in living}
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
    """Kills every child of this process that the process table tells of."""
    for pid in children_of(os.getpid()):
        _kill(pid)


def _kill(pid: int) -> None:
    # Safe from recycled pids: these are our own children and only we reap them.
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # PermissionError: a program with rights of its own (set-user-ID); nothing more can be done about it.
        return
