"""The objects that the import has created and forked workers inherit: who finalizes them, and when.

A worker ends as any Python program does, which would run the finalizers of inherited objects: the first worker to end
would remove a temporary directory of all. So the objects that exist at the fork belong to the process that created
them.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import io
import os
import sys
import weakref
from typing import TYPE_CHECKING, Any

from .._libraries import if_loaded

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

_Writer = io.TextIOWrapper | io.BufferedWriter | io.BufferedRandom
_WRITERS = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
# Registered at import, these handlers remove shared files, as shutil.rmtree does. Other handlers run in each worker, as
# after any fork.
_REMOVING = (os.remove, os.unlink, os.rmdir, os.removedirs)


class InheritedObjects:
    """The objects with finalizers, and the open files, that exist in the zygote before it forks."""

    def __init__(self) -> None:
        """Created before the import, so that its exit handler runs after those of the user."""
        self._finalizable: list[Any] = []
        self._writers: list[_Writer] = []
        self._directories: list[TemporaryDirectory[Any]] = []
        atexit.register(self._flush)

    def collect(self) -> None:
        """After the import: finds the objects, and flushes buffers, which every worker would write again."""
        tempfile = if_loaded("tempfile")
        kinds: dict[type, bool] = {}
        for each in gc.get_objects():
            kind = type(each)
            has_finalizer = kinds.get(kind)
            if has_finalizer is None:
                has_finalizer = kinds[kind] = _has_finalizer(kind)
            if has_finalizer:
                self._finalizable.append(each)
            if kind in _WRITERS:
                self._writers.append(each)
            elif tempfile is not None and issubclass(kind, tempfile.TemporaryDirectory):
                self._directories.append(each)
        self._flush()

    def leave_to_parent(self) -> None:
        """In a forked worker: prevents the finalization of the objects.

        What tools write to an inherited file is still flushed at the end.
        """
        # References that are never dropped, not even at the end of the interpreter. Also to modules: the interpreter
        # clears only those that are alive then, and what tools keep in them; the collector skips frozen objects.
        for objects in (self._finalizable, list(sys.modules.values())):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(objects))
        for finalizer in list(getattr(weakref.finalize, "_registry", ())):
            finalizer.detach()
        for function in _REMOVING:
            atexit.unregister(function)
        shutil = if_loaded("shutil")
        if shutil is not None:
            atexit.unregister(shutil.rmtree)
        for directory in self._directories:
            atexit.unregister(directory.cleanup)
        _forget_child_processes()

    def _flush(self) -> None:
        for writer in self._writers:
            try:
                if not writer.closed and writer.writable():
                    writer.flush()
            except (OSError, ValueError, AttributeError):
                # A full disk or a broken pipe; the code that writes or closes the file receives the error.
                continue


def _has_finalizer(kind: type) -> bool:
    # Closing a connection to SQLite in a fork may remove the log of the process that continues to use the database
    # (https://sqlite.org/howtocorrupt.html#_carrying_an_open_database_file_across_a_fork_).
    return hasattr(kind, "__del__") or (kind.__module__, kind.__name__) == ("sqlite3", "Connection")


def _forget_child_processes() -> None:
    """Forgets the children of the parent, as multiprocessing does after its own forks."""
    process = if_loaded("multiprocessing.process")
    if process is not None:
        process._children = set()
