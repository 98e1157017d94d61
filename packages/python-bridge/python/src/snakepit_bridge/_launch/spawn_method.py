"""Workers as new interpreters."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import msgspec

from .boot import Boot
from .commands import StartRequest
from .orphans import WORKER_ID_VARIABLE
from .worker_output import WorkerOutput
from .worker_process import WorkerProcess


class SpawnedBoot(msgspec.Struct, frozen=True):
    """The boot message of a spawned worker, on its standard input."""

    boot: Boot
    request: StartRequest
    zygote_pid: int
    command_name: str

    def to_line(self) -> bytes:
        """Returns the message as one line of JSON."""
        request = {**msgspec.structs.asdict(self.request), "token": self.request.token.decode()}
        return (
            json.dumps(
                {**msgspec.structs.asdict(self), "boot": msgspec.to_builtins(self.boot), "request": request}
            ).encode()
            + b"\n"
        )

    @staticmethod
    def parse(line: bytes | bytearray) -> SpawnedBoot:
        """Parses the result of :meth:`to_line`."""
        fields: Any = json.loads(line)
        request = fields["request"]
        return SpawnedBoot(
            boot=Boot.parse(json.dumps(fields["boot"]).encode()),
            request=StartRequest(
                request["worker_id"],
                bytearray(request["token"].encode()),
                request["address"],
                request["control_group"],
            ),
            zygote_pid=fields["zygote_pid"],
            command_name=fields["command_name"],
        )


class SpawnMethod:
    """Starts a new interpreter for each worker."""

    def __init__(self, boot: Boot) -> None:
        self._boot = boot

    def start(self, request: StartRequest, command_name: str) -> WorkerProcess:
        """Starts a worker; see :class:`StartMethod`."""
        boot = SpawnedBoot(self._boot, request, os.getpid(), command_name)
        boot_reader, boot_writer = os.pipe()
        try:
            output_reader, output_writer = os.pipe()
        except OSError:
            os.close(boot_reader)
            os.close(boot_writer)
            raise
        try:
            # All other descriptors are closed on exec (PEP 446).
            pid = os.posix_spawn(
                sys.executable,
                self._command_line(request.worker_id),
                {"PYTHONSAFEPATH": "snakepit", **os.environ, WORKER_ID_VARIABLE: request.worker_id},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, boot_reader, 0),
                    (os.POSIX_SPAWN_DUP2, output_writer, 1),
                    (os.POSIX_SPAWN_DUP2, output_writer, 2),
                ],
                setpgroup=0,
                setsigmask=(),
                setsigdef=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGCONT),
            )
        except OSError:
            os.close(output_reader)
            os.close(boot_writer)
            raise
        finally:
            os.close(boot_reader)
            os.close(output_writer)
        _write_boot(boot_writer, boot.to_line())
        return WorkerProcess(request.worker_id, pid, command_name, WorkerOutput(output_reader))

    def _command_line(self, worker_id: str) -> list[str]:
        """The command line, which the process table shows; it does not contain the token."""
        return [
            sys.executable,
            *self._boot.python_args,
            *("-m", "snakepit_bridge", "worker"),
            *("--run-id", self._boot.run_id, "--pool", self._boot.pool, "--worker-id", worker_id),
        ]


def _write_boot(fd: int, line: bytes) -> None:
    try:
        # It fits into the pipe unless there are thousands of paths; then this waits for the interpreter to read.
        with os.fdopen(fd, "wb") as pipe:
            pipe.write(line)
    except BrokenPipeError:
        # It ended at once; its exit event explains why.
        return
