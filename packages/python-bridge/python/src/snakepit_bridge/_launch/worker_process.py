"""A worker as seen by the zygote, and the port of start methods."""

from __future__ import annotations

from typing import Protocol

import msgspec

from .commands import StartRequest
from .worker_output import WorkerOutput

_NAME = "snakepit"


class WorkerProcess(msgspec.Struct, frozen=True):
    """A worker that was started and is not reaped. It leads a process group with the same number."""

    worker_id: str
    pid: int
    command_name: str
    """Its name in the process table, unique in this zygote; a fork without exec inherits it."""
    output: WorkerOutput


class StartMethod(Protocol):
    """Starts workers."""

    def start(self, request: StartRequest, command_name: str) -> WorkerProcess:
        """Starts a worker.

        Raises:
            OSError: the system cannot create another process or pipe.
        """
        ...


def worker_name(ordinal: int) -> str:
    """Returns the command name of a worker: at most 15 bytes up to the ten millionth."""
    return f"{_NAME}{ordinal}"


def is_worker_name(command_name: str) -> bool:
    """Whether a command name is that of a worker."""
    return command_name.startswith(_NAME) and command_name[len(_NAME) :].isdigit()
