"""The tools of `journal_tools` in workers whose pipe for permits cannot be created, or cannot be opened by the host."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

from journal_tools import pid, record, record_and_end
from snakepit_bridge._worker.start_permits import StartPermits

__all__ = ["pid", "record", "record_and_end"]

_create = StartPermits.create


def _without_directory(socket_path: str) -> StartPermits | None:
    shutil.rmtree(Path(socket_path).parent)
    return _create(socket_path)


def _without_descriptor(socket_path: str) -> StartPermits | None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        return _create(socket_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _removed(socket_path: str) -> StartPermits | None:
    permits = _create(socket_path)
    assert permits is not None
    Path(permits._path).unlink()
    return permits


def _replaced(socket_path: str) -> StartPermits | None:
    permits = _create(socket_path)
    assert permits is not None
    path = Path(permits._path)
    path.unlink()
    path.write_text("not a pipe")
    return permits


def _linked(socket_path: str) -> StartPermits | None:
    permits = _create(socket_path)
    assert permits is not None
    path = Path(permits._path)
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))
    return permits


_FAULTS: dict[str, Callable[[str], StartPermits | None]] = {
    "the socket directory is removed": _without_directory,
    "the worker has no descriptor left": _without_descriptor,
    "the pipe is removed": _removed,
    "the pipe is replaced by a file": _replaced,
    "the pipe is replaced by a link": _linked,
}

StartPermits.create = staticmethod(_FAULTS[os.environ["PIPE_FAULT"]])  # type: ignore[method-assign]
