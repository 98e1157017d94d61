"""Signals as data of a descriptor, which a loop reads instead of being interrupted."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from types import FrameType


class SignalInbox:
    """Collects signals; its descriptor is readable when a signal has arrived."""

    def __init__(self, signals: Iterable[signal.Signals]) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        # A full pipe only loses repetitions.
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for each in signals:
            signal.signal(each, _leave_to_wakeup_fd)

    def fileno(self) -> int:
        """The file descriptor that becomes readable."""
        return self._reader

    @property
    def fds(self) -> tuple[int, int]:
        """Both file descriptors, for a child to close."""
        return self._reader, self._writer

    def take(self) -> set[signal.Signals]:
        """Returns the signals that have arrived since the last call, each once."""
        try:
            return {signal.Signals(number) for number in os.read(self._reader, 4096)}
        except BlockingIOError:
            return set()


def _leave_to_wakeup_fd(_number: int, _frame: FrameType | None) -> None:
    """The interpreter writes the number to the wakeup descriptor only for signals that have a handler."""
