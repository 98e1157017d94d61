"""The hand-over of receiving between the main thread and the receiver thread.

Usually the main thread receives a call, executes it and receives again, with no other thread involved. While a call
takes long, the receiver thread receives instead. The thread that holds the lock ``_turn`` receives. The receiver thread
keeps the turn until it has received something that the main thread waits for, and passes both on together. So neither
thread needs a pipe to wake the other.

Two rules prevent deadlocks and lost wake-ups; ``tests/worker/test_receive_turn.py`` explores all interleavings:

1. The main thread checks whether its condition holds and requests the turn in one step, under ``_handing_over``. The
   receiver thread checks for a request under the same lock, after it has dispatched a batch. So either the main thread
   sees the effect of the batch, or the receiver thread sees the request.
2. The main thread checks its condition again once it holds the turn: no other thread is dispatching a batch then.

While a tool waits, the user's signal handlers may raise: in a wait for the turn or for data, and nowhere else. The lock
of the turn has an owner, so that the main thread can release it when it does not know whether it was acquired.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from .signals.signal_handlers import interruptible

if TYPE_CHECKING:
    from types import TracebackType


class FrameSource(Protocol):
    """Receives frames from the host. Only the thread that holds the turn calls it."""

    @property
    def is_connected(self) -> bool:
        """Whether anything can still arrive."""
        ...

    def receive(self, timeout: float | None) -> bool:
        """Receives and dispatches one batch.

        Args:
            timeout: seconds to wait for it; ``None`` waits forever, 0 does not wait.

        Returns:
            ``False`` when no batch arrived in time.
        """
        ...

    def has_unread(self) -> bool:
        """Whether the next batch was read from the system already, at least in part."""
        ...

    def has_arrived(self) -> bool:
        """Whether :meth:`receive` would not wait."""
        ...

    def wait_for_arrival(self, timeout: float | None) -> bool:
        """Waits until :meth:`receive` would not wait; a signal handler may raise meanwhile, and nothing is lost.

        Args:
            timeout: seconds to wait; ``None`` waits forever.

        Returns:
            ``False`` when nothing arrived in time.
        """
        ...


class Lock(Protocol):
    """The operations of :class:`threading.RLock` that the hand-over uses.

    ``release()`` raises ``RuntimeError`` when the thread does not hold the lock.
    """

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

    def release(self) -> None: ...

    def __enter__(self) -> bool: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class ReceiveTurn:
    """Decides which thread receives."""

    def __init__(
        self,
        source: FrameSource,
        wakeup: ReceiverWakeup,
        create_lock: Callable[[], Lock] = threading.RLock,
        *,
        shares_loop: bool = False,
    ) -> None:
        """Creates the turn, which no thread holds. Called by the main thread.

        Args:
            source: receives and dispatches frames.
            wakeup: wakes the receiver thread.
            create_lock: creates the two locks of the hand-over.
            shares_loop: whether the event loop executes several calls at the same time. It is then idle most of the
                time, so the receiver thread only receives in its place when it leaves frames waiting.
        """
        self._source = source
        self._wakeup = wakeup
        self._main_thread = threading.get_ident()
        self._shares_loop = shares_loop
        self._turn = create_lock()
        self._handing_over = create_lock()
        self._is_requested = False
        self._is_waiting = False
        self._counting = threading.Lock()
        self._dependents = 0
        self._on_arrival: Callable[[], None] | None = None
        self.count = 0
        """Incremented whenever the main thread has had the turn."""

    def wait(
        self, ready: Callable[[], object], until: float | None = None, *, can_be_interrupted: bool = False
    ) -> None:
        """Main thread: receives, or lets the receiver thread receive, until a condition holds.

        Args:
            ready: checks the condition.
            until: when to stop waiting, on the monotonic clock; ``None`` for never.
            can_be_interrupted: whether signal handlers of the user can raise meanwhile. They do so only while nothing
                is being received, if the caller postpones them. This takes two more system calls.

        Raises:
            RuntimeError: the main thread waits already, and a signal handler or finalizer has interrupted it.
        """
        if ready():
            return
        if self._is_waiting:
            raise RuntimeError(
                "the main thread is already waiting for the host; send the request after that, or in another thread"
            )
        self._is_waiting = True
        try:
            while until is None or monotonic() < until:
                self._wait_once(ready, until, can_be_interrupted)
                if ready():
                    return
        finally:
            self._is_waiting = False

    def _wait_once(self, ready: Callable[[], object], until: float | None, can_be_interrupted: bool) -> None:
        turn = self._turn
        if not turn.acquire(False):
            if not self._request_unless(ready):
                return
            try:
                if not self._wait_for_turn(until):
                    return
            except BaseException:
                # A handler may have raised before or after the lock was acquired.
                with suppress(RuntimeError):
                    turn.release()
                raise
            finally:
                self._is_requested = False
        try:
            if not ready():
                source = self._source
                timeout = None if until is None else max(0.0, until - monotonic())
                if not can_be_interrupted:
                    source.receive(timeout)
                elif source.wait_for_arrival(timeout):
                    source.receive(0)
            self.count += 1
        finally:
            turn.release()

    @interruptible
    def _wait_for_turn(self, until: float | None) -> bool:
        return self._turn.acquire(timeout=-1 if until is None else max(0.0, until - monotonic()))

    def _request_unless(self, ready: Callable[[], object]) -> bool:
        """Requests the turn from the receiver thread unless the condition holds. Returns whether it was requested."""
        with self._handing_over:
            if ready():
                return False
            self._is_requested = True
            return True

    def receive_available(self) -> None:
        """Main thread: receives what has arrived, without waiting; nothing while the receiver thread has the turn."""
        if self._is_waiting or not self._turn.acquire(False):
            return
        source = self._source
        try:
            # A finalizer that runs meanwhile may not receive.
            self._is_waiting = True
            self.count += 1
            while source.receive(0) and source.has_unread() and source.is_connected:
                pass
        finally:
            self._is_waiting = False
            self._turn.release()

    def stand_in(self, next_timeout: Callable[[], float | None]) -> bool:
        """Receiver thread: receives in place of the main thread until that requests the turn.

        Args:
            next_timeout: called before each wait; returns its seconds, or ``None`` to stop.

        Returns:
            ``False`` when the main thread has the turn.
        """
        source = self._source
        if self._shares_loop and self._on_arrival is not None and not source.has_arrived():
            return False
        if not self._turn.acquire(False):
            return False
        try:
            while not self._has_request() and source.is_connected and (timeout := next_timeout()) is not None:
                has_received = source.receive(timeout)
                # Frames that were read already do not make the descriptor readable for the loop.
                if has_received and self._on_arrival is not None and not source.has_unread():
                    break
        finally:
            self._turn.release()
        # Read once: the main thread resets it when the loop stops.
        if (on_arrival := self._on_arrival) is not None:
            on_arrival()
        return True

    def _has_request(self) -> bool:
        with self._handing_over:
            return self._is_requested

    @contextmanager
    def needed(self) -> Iterator[None]:
        """Makes the receiver thread receive for the duration, unless the main thread does. For any waiting thread."""
        with self._counting:
            self._dependents += 1
        try:
            self._wakeup.wake()
            yield
        finally:
            with self._counting:
                self._dependents -= 1

    @property
    def is_needed(self) -> bool:
        """Whether a thread needs the receiver thread to receive."""
        return self._dependents > 0

    @contextmanager
    def watched_by_loop(self, on_arrival: Callable[[], None]) -> Iterator[None]:
        """Main thread: an event loop watches the connection for the duration.

        Args:
            on_arrival: called by the receiver thread, after it has released the turn, when something has arrived: the
                loop cannot wait for the turn.
        """
        self._on_arrival = on_arrival
        try:
            yield
        finally:
            self._on_arrival = None

    def is_watched_by_this_loop(self) -> bool:
        """Whether the event loop that runs in this thread watches the connection."""
        return self._on_arrival is not None and threading.get_ident() == self._main_thread


class ReceiverWakeup:
    """A binary semaphore that the receiver thread sleeps on. Any thread may wake it, also in a signal handler.

    It is a single lock, released to wake the thread and acquired by it. So there is no inner lock that an interrupted
    thread could hold, as :class:`threading.Event` has one.
    """

    __slots__ = ("_lock", "is_asleep")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()
        self.is_asleep = False
        """Whether it must be woken before the main thread runs code of the user."""

    def wake(self) -> None:
        """Makes the receiver thread check the main thread at once, and at each tick from now on."""
        self.is_asleep = False
        with suppress(RuntimeError):  # it was woken already
            self._lock.release()

    def wait(self, timeout: float) -> bool:
        """Receiver thread: sleeps until it is woken, for at most this many seconds. Returns whether it was woken."""
        return self._lock.acquire(timeout=timeout)
