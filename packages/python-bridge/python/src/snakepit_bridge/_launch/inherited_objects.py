"""What the import has created and forked workers inherit: who cleans it up, and when.

A worker ends as any Python program does, and that would run the finalizers of what it has inherited: the first worker
to end would remove the temporary directory of all. So what exists at the fork belongs to the process that created it.
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
# Registered at import, they remove what is shared, as shutil.rmtree does. Other handlers run in each worker, as after
# any fork.
_REMOVING = (os.remove, os.unlink, os.rmdir, os.removedirs)


class InheritedObjects:
    """The objects with finalizers, and the open files, that exist in the launching program before it forks."""

    def __init__(self) -> None:
        """Made before the import, so that what handlers of the user have written last is written out too."""
        self._finalizable: list[Any] = []
        self._writers: list[_Writer] = []
        self._directories: list[TemporaryDirectory[Any]] = []
        atexit.register(self._flush)

    def take_stock(self) -> None:
        """After the import: finds them, and writes out what is buffered, which every worker would write again."""
        # Neither module is loaded for this: where no import has needed it, there is nothing of it to find.
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
        """In a forked worker: has nothing of this finalized here.

        What tools write to an inherited file is still written out at the end.
        """
        # References that nothing drops, not even the end of the interpreter. To modules, because only those that are
        # alive then are cleared, and with them what tools keep in them: the garbage collector skips what is frozen.
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
                # A full disk or a broken pipe; whoever writes the file or closes it gets the error.
                continue


def _has_finalizer(kind: type) -> bool:
    # Closing a connection to SQLite in a fork may remove the log of the one that goes on using the database
    # (https://sqlite.org/howtocorrupt.html#_carrying_an_open_database_file_across_a_fork_).
    return hasattr(kind, "__del__") or (kind.__module__, kind.__name__) == ("sqlite3", "Connection")


def _forget_child_processes() -> None:
    """The children of the parent are not this process's to end; multiprocessing does the same after its own forks."""
    process = if_loaded("multiprocessing.process")
    if process is not None:
        process._children = set()
