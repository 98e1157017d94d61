"""Descriptors that the import has opened and forked workers would share, above all connections."""

from __future__ import annotations

import fcntl
import io
import os
import socket
import stat
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from .._libraries import if_loaded

_DESCRIPTORS = Path("/proc/self/fd")
_SQLITE_MAGIC = b"SQLite format 3\0"
_SQLITE_NAMES = frozenset({".db", ".sqlite", ".sqlite3"})
_MOST_NAMED = 10
_ANONYMOUS = {
    "anon_inode:[eventpoll]": "an event loop's epoll object",
    "anon_inode:inotify": "an inotify object",
    "anon_inode:[timerfd]": "a timer",
    "anon_inode:[signalfd]": "a signal descriptor",
    "anon_inode:[io_uring]": "an io_uring object",
}


def open_descriptors() -> frozenset[int]:
    """Returns the open descriptors of this process; empty on systems that do not list them."""
    try:
        return frozenset(int(each.name) for each in _DESCRIPTORS.iterdir() if each.is_symlink())
    except OSError:
        return frozenset()


def describe_shared(before: frozenset[int], modules: Iterable[ModuleType]) -> list[str]:
    """Describes the descriptors that were opened since and cannot be used by several processes.

    Omitted are files opened for appending, files that are mapped into memory, and devices such as ``/dev/urandom``:
    sharing those is harmless.

    Args:
        before: the descriptors that were open before the import.
        modules: where to search for the variable that refers to a descriptor.
    """
    holders = _holders(modules)
    mapped = _mapped_files()
    found = []
    for fd in sorted(open_descriptors() - before):
        try:
            what = _describe(fd, mapped)
        except OSError:
            # It is closed by now, such as the descriptor of the listing itself.
            continue
        if what is not None:
            found.append(f"{what} (descriptor {fd}{holders.get(fd, '')})")
    rest = len(found) - _MOST_NAMED
    return found if rest <= 0 else [*found[:_MOST_NAMED], f"{rest} more"]


def _describe(fd: int, mapped: frozenset[tuple[int, int]]) -> str | None:
    """Describes a descriptor; ``None`` when it may be shared."""
    status = os.fstat(fd)
    target = str((_DESCRIPTORS / str(fd)).readlink())
    if stat.S_ISSOCK(status.st_mode):
        return _describe_socket(fd)
    if stat.S_ISFIFO(status.st_mode):
        return "a pipe" if target.startswith("pipe:") else f"the named pipe {target}"
    if stat.S_ISCHR(status.st_mode):
        # A GPU cannot be used in a fork of the process that opened it.
        return f"the GPU device {target}" if target.startswith(("/dev/nvidia", "/dev/kfd", "/dev/dri")) else None
    if stat.S_ISREG(status.st_mode):
        return None if (status.st_dev, status.st_ino) in mapped else _describe_file(fd, target)
    return _ANONYMOUS.get(target)


def _describe_file(fd: int, target: str) -> str | None:
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    if flags & os.O_APPEND or target.startswith("/memfd:"):
        return None
    if flags & os.O_ACCMODE != os.O_WRONLY and _is_sqlite(fd, target):
        return f"the SQLite database {target}"
    return f"the file {target}, whose position is shared"


def _describe_socket(fd: int) -> str:
    with socket.socket(fileno=os.dup(fd)) as copy:
        is_stream = copy.type == socket.SOCK_STREAM
        own = _address(copy.getsockname())
        try:
            peer = _address(copy.getpeername())
        except OSError:
            if is_stream and copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return f"a socket that listens on {own}"
            return "a socket" if own == "" else f"a socket bound to {own}"
        if peer != "":
            return f"a connection to {peer}"
        return "a socket pair" if own == "" else f"a connection accepted on {own}"


def _address(address: object) -> str:
    if isinstance(address, tuple) and len(address) >= 2:
        host, port = address[0], address[1]
        return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
    return address.decode(errors="replace").lstrip("\0") if isinstance(address, bytes) else str(address)


def _is_sqlite(fd: int, target: str) -> bool:
    # Through the descriptor: opening and closing the file again would drop the locks of its connection.
    start = os.pread(fd, len(_SQLITE_MAGIC), 0)
    # A database without a table is an empty file.
    return start == _SQLITE_MAGIC or (
        start == b"" and if_loaded("sqlite3") is not None and Path(target).suffix in _SQLITE_NAMES
    )


def _mapped_files() -> frozenset[tuple[int, int]]:
    """Device and inode of the files that are mapped into this process: their position is not used."""
    mapped = set()
    for line in Path("/proc/self/maps").read_text().splitlines():
        fields = line.split(None, 5)
        if len(fields) == 6 and fields[5].startswith("/"):
            try:
                status = Path(fields[5]).stat()
            except OSError:
                continue
            mapped.add((status.st_dev, status.st_ino))
    return frozenset(mapped)


def _holders(modules: Iterable[ModuleType]) -> dict[int, str]:
    """The global variables that refer to descriptors, as suffixes of descriptions."""
    holders: dict[int, str] = {}
    for module in modules:
        for name, value in list(vars(module).items()):
            # Not isinstance(), which would evaluate a lazy object through its __class__.
            if issubclass(type(value), (socket.socket, io.IOBase)):
                try:
                    holders.setdefault(value.fileno(), f" of {module.__name__}.{name}")
                except (OSError, ValueError):
                    continue
    return holders
