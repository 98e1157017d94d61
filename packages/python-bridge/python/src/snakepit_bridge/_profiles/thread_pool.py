"""A pool of threads that are started on demand."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic


class ThreadPool:
    """Runs functions in at most a fixed number of threads, each as soon as a thread is free, in order.

    The most recently used thread is woken first. A thread that takes a function wakes the next thread if another
    function waits, so one wake-up suffices for functions that were added together.
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
        """A locked lock for each waiting thread, which waits for its release."""
        self._starting = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._is_stopped = False

    @property
    def size(self) -> int:
        """The maximum number of threads."""
        return self._size

    @property
    def waiting(self) -> int:
        """The number of functions that no thread has begun."""
        return len(self._functions)

    def add(self, function: Callable[[], object]) -> None:
        """Runs a function, which must not raise, as soon as a thread is free. Any thread may call this.

        Raises:
            RuntimeError: no thread can be started, and the pool has none.
        """
        self._functions.append(function)
        self._wake()

    def stop(self, timeout: float) -> None:
        """Ends the threads, after the functions that were added.

        Args:
            timeout: the maximum number of seconds to wait for them.
        """
        self._is_stopped = True
        until = monotonic() + timeout
        with self._starting:
            threads = list(self._threads)
        for _ in threads:
            self._wake_idle()
        for thread in threads:
            thread.join(max(0.0, until - monotonic()))

    def _wake(self) -> None:
        if not self._wake_idle() and len(self._threads) < self._size:
            self._start_thread()

    def _wake_idle(self) -> bool:
        try:
            self._idle.pop().release()
        except IndexError:
            return False
        return True

    def _start_thread(self) -> None:
        with self._starting:
            if len(self._threads) >= self._size or self._is_stopped:
                return
            thread = threading.Thread(target=self._run, name=f"{self._name}-{len(self._threads) + 1}", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The system allows no more threads: the existing ones take what waits.
                if not self._threads:
                    self._functions.clear()
                    raise
                return
            self._threads.append(thread)

    def _run(self) -> None:
        functions, idle = self._functions, self._idle
        wake_up = threading.Lock()
        wake_up.acquire()
        while True:
            try:
                function = functions.popleft()
            except IndexError:
                if self._is_stopped:
                    return
                idle.append(wake_up)
                # Who adds a function looks for an idle thread afterwards. So either this thread sees the function here,
                # or the other one sees this thread.
                if functions or self._is_stopped:
                    try:
                        idle.remove(wake_up)
                    except ValueError:
                        pass  # it is being woken
                    else:
                        continue
                wake_up.acquire()
                continue
            if functions:
                self._wake()
            function()
            # An idle thread must not keep the last call in memory.
            del function
