"""Keeps what signal handlers of the user's raise out of the worker's own code."""

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

from snakepit_bridge._proto.frames_pb2 import LOG_LEVEL_ERROR
from snakepit_bridge._tools import report_exception

if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    from .capture.log_sender import LogSender

# Ignored by default, so that it harms nobody where no handler is installed, and used by nearly nobody else; the Go
# runtime chose it for the same reasons (https://go.dev/src/runtime/signal_unix.go).
WORKER_SIGNAL = signal.SIGURG
"""The signal with which the worker interrupts a tool. Its handler is not guarded."""
_REPORT_INTERVAL_S = 0.1

# Where the worker's own code lies, and what it calls. A frame of any other file is the user's.
_OWN_FILES = (str(Path(__file__).parent.parent / "_"), "<frozen ")
_STANDARD_FILES = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 (as the interpreter spells it)
_OWN_PACKAGES = ("grpc", "google")
_SITE_PACKAGES = ("site-packages", "dist-packages")


class SignalHandlers:
    """Lets a handler raise in code of the user, and nowhere in the worker's own. There is one in a process.

    Python runs handlers on the main thread, between any two of its instructions: while it waits for a call, or in the
    middle of a record that it receives or sends. An exception there would end the worker or damage the connection. It
    is reported to the host instead.
    """

    def __init__(self) -> None:
        self._raised: deque[tuple[str, BaseException]] = deque(maxlen=100)
        self._postponed: BaseException | None = None
        self._reported_at = 0.0
        self._worker: tuple[CodeType, LogSender, Callable[[], None]] | None = None

    def connect(self, bottom: CodeType, sender: LogSender, on_raised: Callable[[], None]) -> None:
        """The worker begins; until then a handler may raise anywhere.

        Args:
            bottom: the code of the function in which the worker runs; what has called it does not matter.
            sender: sends what is raised.
            on_raised: called when something could not be sent at once, also in the middle of anything.
        """
        self._worker = (bottom, sender, on_raised)

    def disconnect(self) -> None:
        """The worker has ended."""
        self._worker = None

    def take(self, error: BaseException) -> bool:
        """Takes an exception that has come out of the user's code where no tool runs; ``False`` when it is another.

        That of a task that a tool has left running, or of a handler that was installed before the guard.
        """
        if not issubclass(type(error), (KeyboardInterrupt, SystemExit)) and not _was_raised_by_user(error):
            return False
        self._keep("code that runs between calls", error)
        return True

    def report(self) -> None:
        """Sends what has been raised. The attendant sends what could not be sent at once."""
        while self._raised and self._worker is not None:
            what, error = raised = self._raised.popleft()
            self._reported_at = monotonic()
            text = f"{what} raised an exception; the worker goes on\n{report_exception(error).traceback.rstrip()}"
            if not self._worker[1].try_send(LOG_LEVEL_ERROR, text):
                self._raised.appendleft(raised)
                return

    def handle(self, handler: Callable[..., Any], number: int, frame: FrameType | None) -> None:
        """Runs a handler; raises what it raises only where code of the user was interrupted."""
        try:
            handler(number, frame)
        except BaseException as error:
            if self._worker is None:
                raise
            if _runs_user_code(frame, self._worker[0]):
                if not _is_postponing(frame):
                    raise
                # As the signals themselves, several that arrive meanwhile count as one.
                self._postponed = error
                return
            self._keep(f"the handler of {signal.Signals(number).name}", error)

    def raise_postponed(self) -> None:
        """Raises what a handler has raised in a function that is marked with :func:`postpone_handlers`."""
        # All but the first comparison is for the rare case; the caller of a marked function may be marked as well.
        if self._postponed is None or threading.current_thread() is not threading.main_thread():
            return
        if not _is_postponing(sys._getframe(1)):
            error, self._postponed = self._postponed, None
            raise error

    def _keep(self, what: str, error: BaseException) -> None:
        self._raised.append((what, error))
        # Seldom from here: a handler that runs again and again would leave no time for anything else.
        if monotonic() - self._reported_at > _REPORT_INTERVAL_S:
            self.report()
        if self._raised and self._worker is not None:
            self._worker[2]()


_Function = TypeVar("_Function", bound=Callable[..., Any])
_postponing: set[CodeType] = set()


def postpone_handlers(function: _Function) -> _Function:
    """Marks a short function of the worker that code of the user calls, and that must not be left half done.

    What a handler raises while it runs, as a time limit by ``signal.alarm`` does during a ``print``, is raised when it
    returns: a lock would stay locked, and a record be sent in part.
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


def _is_postponing(frame: FrameType | None) -> bool:
    while frame is not None:
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
    """Guards the handlers that are installed from now on; before user code is imported, which may install some."""
    global _installed
    if _installed is None:
        guard = _installed = SignalHandlers()
        set_handler, get_handler = signal.signal, signal.getsignal

        def guarded_signal(signalnum: int, handler: Any) -> Any:
            is_guarded = callable(handler) and signalnum != WORKER_SIGNAL
            return _bare(set_handler(signalnum, _Guarded(handler, guard) if is_guarded else handler))

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
