"""The permits for calls that the host sends ahead of their start."""

from __future__ import annotations

import os
from contextlib import suppress

_SUFFIX = ".permits"
_PERMIT_BYTES = 4
_NO_ACCESS_TIME = getattr(os, "O_NOATIME", 0)
"""Linux would otherwise compare the access time with the clock at each read, which takes a fifth of the time."""
_from_bytes = int.from_bytes


class StartPermits:
    """Permits, which the host puts into a named pipe and may take back.

    The worker takes the permit of a call when it starts it. The kernel hands each permit either to the worker or back
    to the host, so a call that the host has recalled is never started, and after the death of the worker the host sees
    which calls it had not started. A permit is the ID of a call as four bytes in little-endian order.
    """

    __slots__ = ("_descriptor", "_path", "_taken", "name")

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self._path = path
        self._taken = 0
        """The ID on a permit that was taken for a call that has not arrived yet; 0 for none."""
        self.name = os.path.basename(path)  # noqa: PTH119 (pathlib would be imported at the start of every worker)
        """The name of the pipe in the directory of the socket."""

    @staticmethod
    def create(socket_path: str) -> StartPermits | None:
        """Creates the pipe next to the host's socket.

        Returns:
            ``None`` when that is not possible; the host then sends each call when the previous one has ended.
        """
        path = os.path.join(os.path.dirname(socket_path), os.urandom(8).hex() + _SUFFIX)  # noqa: PTH118, PTH120
        try:
            os.mkfifo(path, 0o600)
        except OSError:
            return None
        try:
            # For writing too: the pipe must not end when the host has closed it.
            return StartPermits(_open(path, os.O_RDWR | os.O_NONBLOCK), path)
        except OSError:
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108
            return None

    def discard(self) -> None:
        """Removes the pipe of a worker that the host has not accepted."""
        os.close(self._descriptor)
        with suppress(OSError):
            os.unlink(self._path)  # noqa: PTH108

    def take(self, call_id: int) -> bool | None:
        """Takes the permit of the call that is next.

        Returns:
            ``True`` when the call must be started; ``False`` when it was recalled, since the next permit is that of a
            later call; ``None`` when there is no permit: the call was recalled, or the host is just looking for another
            one. In both cases, the host sends a ``Recall`` frame.
        """
        taken = self._taken
        if taken == 0:
            try:
                taken = _from_bytes(os.read(self._descriptor, _PERMIT_BYTES), "little")
            except BlockingIOError:
                return None
            if taken == call_id:
                return True
            self._taken = taken
            return False
        if taken != call_id:
            return False
        self._taken = 0
        return True


def _open(path: str, flags: int) -> int:
    try:
        return os.open(path, flags | _NO_ACCESS_TIME)
    except PermissionError:
        # Linux allows it to the owner only, and a file system may map the worker to another user.
        return os.open(path, flags)
