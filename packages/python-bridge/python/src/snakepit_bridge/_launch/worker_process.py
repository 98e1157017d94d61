"""A worker as the launching program knows it, and the ways to make one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .commands import StartRequest
from .worker_output import WorkerOutput

_NAME = "snakepit"


@dataclass(frozen=True)
class WorkerProcess:
    """A worker that was started and has not been reaped. It leads a process group of the same number."""

    worker_id: str
    pid: int
    command_name: str
    """Its name in the process table, unique in this launching program; a fork without exec hands it on."""
    output: WorkerOutput


class StartMethod(Protocol):
    """How workers come to be."""

    def start(self, request: StartRequest, command_name: str) -> WorkerProcess:
        """Starts a worker.

        Raises:
            OSError: the system has no room for another process or pipe.
        """
        ...


def worker_name(ordinal: int) -> str:
    """The command name of a worker: at most 15 bytes up to the ten millionth."""
    return f"{_NAME}{ordinal}"


def is_worker_name(command_name: str) -> bool:
    """Whether a command name is one of a worker."""
    return command_name.startswith(_NAME) and command_name[len(_NAME) :].isdigit()
