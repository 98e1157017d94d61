"""A pool of threads that are started on demand."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic


class ThreadPool:
    """Runs functions in at most a fixed number of threads, each as soon as a thread is free, in order.

    The most recently used idle thread is woken first, and only one at a time: a thread that takes a function wakes the
    next one if another function waits. So short functions that were added together run in few threads, without a
    contention for the interpreter lock, while a function that blocks delays none of the others.
    """

    def __init__(self, size: int, name: str) -> None:
        """Creates the pool without threads.

        Args:
            size: the maximum number of threads.
            name: the prefix of the names of the threads.
        """
        self._size = size
        self._name = name
        # Each operation on them is atomic, with and without the global interpreter lock.
        self._functions: deque[Callable[[], object]] = deque()
        self._idle: deque[threading.Lock] = deque()
        """A locked lock for each idle thread, which waits for its release."""
        self._waking = threading.Lock()
        """Locked from the decision to wake or start a thread until that thread has looked for a function."""
        self._threads: list[threading.Thread] = []
        self._is_stopped = False

    @property
    def size(self) -> int:
        """The maximum number of threads."""
        return self._size

    def add(self, function: Callable[[], object]) -> None:
        """Runs a function, which must not raise, as soon as a thread is free. Any thread may call this.

        Raises:
            RuntimeError: the pool has no thread and cannot start one. The function does not run.
        """
        self._functions.append(function)
        self._wake_one()

    def stop(self, timeout: float) -> None:
        """Ends the threads when they have run the functions that were added.

        Args:
            timeout: the maximum number of seconds to wait for them.
        """
        self._is_stopped = True
        until = monotonic() + timeout
        with suppress(IndexError):  # no thread is idle any longer
            while True:
                self._idle.pop().release()
        for thread in list(self._threads):
            with suppress(RuntimeError):  # it is being started
                thread.join(max(0.0, until - monotonic()))

    def _wake_one(self) -> None:
        """Wakes or starts a thread, unless one is being woken: that one looks for further functions."""
        if not self._waking.acquire(blocking=False):
            return
        try:
            self._idle.pop().release()
        except IndexError:
            if len(self._threads) == self._size or not self._start_thread():
                # All threads are busy. Each looks for a function before it becomes idle.
                self._waking.release()

    def _start_thread(self) -> bool:
        """Starts a thread; called by one thread at a time. Returns whether it was started."""
        name = f"{self._name}-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._run, name=name, daemon=True)
        # Before its start: the thread may start the next one at once.
        self._threads.append(thread)
        try:
            thread.start()
        except RuntimeError:
            self._threads.remove(thread)
            # The system allows no more threads: the existing ones take what waits.
            if self._threads:
                return False
            self._functions.clear()
            self._waking.release()
            raise
        return True

    def _run(self) -> None:
        functions, waking = self._functions, self._waking
        wake_up = threading.Lock()
        wake_up.acquire()
        is_woken = True
        while True:
            try:
                function = functions.popleft()
            except IndexError:
                if is_woken:
                    is_woken = False
                    waking.release()
                elif self._is_stopped:
                    return
                else:
                    is_woken = self._wait(wake_up) and not self._is_stopped
                continue
            if is_woken:
                is_woken = False
                waking.release()
            if functions:
                self._wake_one()
            function()
            # An idle thread must not keep the last call in memory.
            del function

    def _wait(self, wake_up: threading.Lock) -> bool:
        """Waits until this thread is woken; ``False`` when it need not, because a function was added."""
        self._idle.append(wake_up)
        # Who adds a function looks for an idle thread afterwards. So either this thread sees the function here, or the
        # other one sees this thread.
        if self._functions or self._is_stopped:
            try:
                self._idle.remove(wake_up)
            except ValueError:
                pass  # it is being woken
            else:
                return False
        wake_up.acquire()
        return True
