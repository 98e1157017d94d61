"""The input of a zygote from its host: standard input, the event descriptor, the boot message."""

from __future__ import annotations

import binascii
import json
import os
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from .._system import WorkerLimits
from .._values import decode

EVENT_FD = 3
"""The file descriptor of events; the host opens it."""


class Boot(msgspec.Struct, frozen=True):
    """The settings of all workers of this zygote."""

    method: Literal["fork", "spawn"]
    target: str
    """The target of the workers: a file, a module or ``module:Class``."""
    path: tuple[str, ...]
    """Directories to prepend to the module search path."""
    python_args: tuple[str, ...]
    """Arguments of the interpreter, for workers that are spawned."""
    run_id: str
    pool: str
    transport: Literal["socket", "grpc"]
    watch: bool
    """Whether workers report the files that they have loaded."""
    limits: WorkerLimits = WorkerLimits()
    thread_safety: Literal["off", "warn", "strict"] = "warn"
    """How workers check the thread safety of concurrent calls."""
    encoded_options: str = ""
    """The options of the adapter as base64 of an encoded value; empty without options. They may contain secrets."""
    profile: str = "process"
    """How workers execute calls: ``process``, ``thread``, ``async`` or ``module:Class``."""
    capacity: int | None = None
    """The number of calls that a worker executes at the same time; ``None`` for the default of the profile."""

    def options(self) -> Mapping[str, Any]:
        """Returns the options of the adapter.

        Raises:
            SerializationError: they contain a value that this process cannot decode.
        """
        options: Mapping[str, Any] = decode(binascii.a2b_base64(self.encoded_options)) if self.encoded_options else {}
        return options

    @staticmethod
    def parse(line: bytes | bytearray) -> Boot:
        """Parses the boot message.

        Raises:
            ValueError: it is not a boot message of this version.
        """
        fields: Any = json.loads(line)
        try:
            return Boot(
                method=fields["method"],
                target=fields["target"],
                path=tuple(fields["path"]),
                python_args=tuple(fields["python_args"]),
                run_id=fields["run_id"],
                pool=fields["pool"],
                transport=fields["transport"],
                watch=fields["watch"],
                limits=WorkerLimits(**fields.get("limits", {})),
                thread_safety=fields.get("thread_safety", "warn"),
                encoded_options=fields.get("encoded_options", ""),
                profile=fields.get("profile", "process"),
                capacity=fields.get("capacity"),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"the first line from the host is not a boot message: {error!r}") from error


def claim_stdin() -> int:
    """Moves standard input to another descriptor, which it returns, and replaces it with the null device.

    A tool that reads standard input therefore reads the end of the file instead of the commands of the host.
    """
    claimed = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return claimed
