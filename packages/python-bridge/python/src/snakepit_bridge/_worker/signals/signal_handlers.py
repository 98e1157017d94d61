"""Keeps exceptions of the user's signal handlers out of the worker's own code."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ..._errors import report_exception
from ..._proto.frames_pb2 import LOG_LEVEL_ERROR

if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    from ..._proto.frames_pb2 import LogLevel

# Ignored by default, so that it does no harm where no handler is installed, and rarely used; the Go runtime uses it for
# the same reasons (https://go.dev/src/runtime/signal_unix.go).
WORKER_SIGNAL = signal.SIGURG
"""The signal that interrupts a tool. Its handler is not guarded."""
# Reports that a handler sends itself, per interval. The receiver thread sends the rest, which may be at its next duty.
_IMMEDIATE_REPORTS = 10
_INTERVAL_S = 1.0

# The files of the worker's own code, and of what it calls. A frame of any other file belongs to the user.
_OWN_FILES = (str(Path(__file__).parents[2] / "_"), "<frozen ")
_STANDARD_FILES = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 (as the interpreter spells it)
_OWN_PACKAGES = ("grpc", "google")
_SITE_PACKAGES = ("site-packages", "dist-packages")


class SignalHandlers:
    """Lets a handler raise in code of the user, but not in the worker's own. One instance per process.

    Python runs handlers on the main thread, between any two instructions: while it waits for a call, or in the middle
    of a record that it receives or sends. An exception there would end the worker or corrupt the connection, so it is
    reported to the host instead.
    """

    def __init__(self) -> None:
        self.guarded: set[int] = set()
        """The numbers of the signals that have a guarded handler."""
        self._raised: deque[tuple[str, BaseException]] = deque(maxlen=100)
        self._postponed: BaseException | None = None
        self._reported_at: deque[float] = deque(maxlen=_IMMEDIATE_REPORTS)
        """When the last reports were sent, on the monotonic clock."""
        self._worker: tuple[CodeType, Callable[[LogLevel, str], bool], Callable[[], None]] | None = None

    def connect(self, bottom: CodeType, post: Callable[[LogLevel, str], bool], on_raised: Callable[[], None]) -> None:
        """Guards the worker from now on; until then a handler may raise anywhere.

        Args:
            bottom: the code of the function in which the worker runs; its callers are not checked.
            post: sends a record without blocking; returns whether it accepts it.
            on_raised: called when a report is left for the receiver thread, possibly from a signal handler.
        """
        self._worker = (bottom, post, on_raised)

    def disconnect(self) -> None:
        """Stops guarding: the worker has ended, or this process is a fork of it."""
        self._worker = None

    def take(self, error: BaseException) -> bool:
        """Reports an exception that code of the user has raised outside a tool; ``False`` for any other exception.

        It comes from a task that a tool has left running, or from a handler that was installed before the guard.
        A worker that has ended reports none, nor does a child that a tool has forked.
        """
        if self._worker is None:
            return False
        if not issubclass(type(error), (KeyboardInterrupt, SystemExit)) and not _was_raised_by_user(error):
            return False
        self._keep("code that runs between calls", error)
        return True

    def report(self) -> None:
        """Sends the pending reports. The receiver thread sends those that exceed the rate."""
        while self._worker is not None:
            try:
                # Another thread may take the last one at the same time.
                what, error = raised = self._raised.popleft()
            except IndexError:
                return
            self._reported_at.append(monotonic())
            message = f"{what} raised an exception; the worker continues\n{report_exception(error).traceback.rstrip()}"
            if not self._worker[1](LOG_LEVEL_ERROR, message):
                self._raised.appendleft(raised)
                return

    def handle(self, handler: Callable[..., Any], number: int, frame: FrameType | None) -> None:
        """Runs a handler; its exception propagates only when it has interrupted code of the user."""
        try:
            handler(number, frame)
        except BaseException as error:
            if self._worker is None:
                raise
            if _runs_user_code(frame, self._worker[0]):
                if not _is_postponing(frame):
                    raise
                # Like the signals themselves, several that arrive meanwhile count as one.
                self._postponed = error
                return
            self._keep(f"the handler of {signal.Signals(number).name}", error)

    def raise_postponed(self) -> None:
        """Raises the exception of a handler that interrupted a function marked with :func:`postpone_handlers`."""
        # All but the first comparison handles the rare case; the caller of a marked function may be marked too.
        if self._postponed is None or threading.current_thread() is not threading.main_thread():
            return
        if not _is_postponing(sys._getframe(1)):
            error, self._postponed = self._postponed, None
            raise error

    def _keep(self, what: str, error: BaseException) -> None:
        self._raised.append((what, error))
        # Rate-limited: a handler that runs again and again would leave no time for anything else.
        reported_at = self._reported_at
        if len(reported_at) < _IMMEDIATE_REPORTS or monotonic() - reported_at[0] > _INTERVAL_S:
            self.report()
        if self._raised and self._worker is not None:
            self._worker[2]()


_Function = TypeVar("_Function", bound=Callable[..., Any])
_postponing: set[CodeType] = set()
_interruptible: set[CodeType] = set()


def postpone_handlers(function: _Function) -> _Function:
    """Marks a short function of the worker that code of the user calls and that must not be interrupted.

    The exception of a handler, such as that of a time limit by ``signal.alarm`` during a ``print``, is raised when the
    function returns: otherwise a lock would stay locked, or a record would be sent in part. A function that waits long
    does so in one that is marked with :func:`interruptible`.
    """

    @functools.wraps(function)
    def run(*arguments: Any, **keywords: Any) -> Any:
        try:
            return function(*arguments, **keywords)
        finally:
            if _installed is not None:
                _installed.raise_postponed()

    _postponing.add(function.__code__)
    return run  # type: ignore[return-value]


def interruptible(function: _Function) -> _Function:
    """Marks a function in which a handler may raise at any point, although its caller postpones handlers."""
    _interruptible.add(function.__code__)
    return function


def can_be_interrupted() -> bool:
    """Whether handlers of the user can raise in this process."""
    return _installed is not None and bool(_installed.guarded)


def _is_postponing(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code not in _interruptible:
        if frame.f_code in _postponing:
            return True
        frame = frame.f_back
    return False


class _Guarded:
    """A handler with its guard."""

    def __init__(self, handler: Callable[..., Any], guard: SignalHandlers) -> None:
        self.handler = handler
        self._guard = guard

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._guard.handle(self.handler, number, frame)


def _bare(handler: Any) -> Any:
    return handler.handler if isinstance(handler, _Guarded) else handler


_installed: SignalHandlers | None = None


def guard_signal_handlers() -> SignalHandlers:
    """Guards the handlers that are installed from now on. Called before user code is imported."""
    global _installed
    if _installed is None:
        guard = _installed = SignalHandlers()
        set_handler, get_handler = signal.signal, signal.getsignal

        def guarded_signal(signalnum: int, handler: Any) -> Any:
            is_guarded = callable(handler) and signalnum != WORKER_SIGNAL
            if is_guarded:
                guard.guarded.add(signalnum)
            previous = set_handler(signalnum, _Guarded(handler, guard) if is_guarded else handler)
            if not is_guarded:
                guard.guarded.discard(signalnum)
            return _bare(previous)

        def guarded_getsignal(signalnum: int) -> Any:
            return _bare(get_handler(signalnum))

        signal.signal, signal.getsignal = guarded_signal, guarded_getsignal
    return _installed


def _runs_user_code(frame: FrameType | None, bottom: CodeType) -> bool:
    while frame is not None and frame.f_code is not bottom:
        if not _is_own(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


def _is_own(filename: str) -> bool:
    if filename.startswith(_OWN_FILES):
        return True
    parts = Path(filename).parts
    for each in _SITE_PACKAGES:
        if each in parts:
            return any(package in parts for package in _OWN_PACKAGES)
    return filename.startswith(_STANDARD_FILES)


def _was_raised_by_user(error: BaseException) -> bool:
    trace: TracebackType | None = error.__traceback__
    last = None
    while trace is not None:
        last = trace.tb_frame.f_code.co_filename
        trace = trace.tb_next
    return last is not None and not _is_own(last)
