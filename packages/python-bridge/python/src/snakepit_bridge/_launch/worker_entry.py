"""What a new process does to be a worker, whether it was forked or spawned."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from .._system import die_with_parent, set_command_name
from .process_exit import STACKS_SIGNAL

_DEFAULTED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGCONT)
_EXIT_INTERNAL = 70  # EX_SOFTWARE of sysexits.h


def bind_to_launcher(launcher_pid: int, command_name: str) -> None:
    """Ties this process to the launching program and ends it when that is dead already."""
    die_with_parent(signal.SIGKILL)
    if os.getppid() != launcher_pid:
        os._exit(0)
    set_command_name(command_name)


def default_signals() -> None:
    """Undoes the signal handling of the launching program and of whatever was imported there."""
    signal.set_wakeup_fd(-1)
    for each in _DEFAULTED:
        signal.signal(each, signal.SIG_DFL)
    # The fault handler runs at once, even while native code holds the interpreter.
    faulthandler.register(STACKS_SIGNAL, file=2, all_threads=True)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Forked(BaseException):
    """Raised in a new worker: what is on the stack is the launching program's, and is left behind."""

    def __init__(self, run: Callable[[], int]) -> None:
        """Takes what the worker does; it returns the exit status."""
        super().__init__()
        self.run = run


def exit_with(run: Callable[[], int]) -> NoReturn:
    """Ends the process with the status that ``run`` returns, and with an error status when it raises.

    The interpreter is shut down as that of any program: it waits for threads that are not daemons, runs ``atexit``
    handlers and finalizers, and closes files. The host limits how long that may take, and where there is none any more
    :func:`~snakepit_bridge._worker.ending.exit_within` does.
    """
    status = _EXIT_INTERNAL
    try:
        status = _run_here_or_forked(run)
    except BaseException:
        # Also SystemExit: a program ends by returning, so whatever else ends it is worth a traceback.
        traceback.print_exc()
    sys.exit(status)


def _run_here_or_forked(run: Callable[[], int]) -> int:
    try:
        return run()
    except Forked as forked:
        run_worker = forked.run
    return run_worker()
