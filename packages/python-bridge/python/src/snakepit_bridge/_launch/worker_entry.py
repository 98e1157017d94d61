"""The first and the last steps of a worker process, forked or spawned."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from .._system import die_with_parent, set_command_name
from .control_groups import ControlGroup
from .process_exit import READ_STACKS_SIGNAL, STACKS_SIGNAL

_DEFAULTED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGCONT)
_EXIT_INTERNAL = 70  # EX_SOFTWARE of sysexits.h


def bind_to_zygote(zygote_pid: int, command_name: str) -> None:
    """Makes this process end with the zygote, and ends it at once if the zygote is already dead."""
    die_with_parent(signal.SIGKILL)
    if os.getppid() != zygote_pid:
        os._exit(0)
    set_command_name(command_name)


def enter_control_group(path: str) -> None:
    """Moves this process into a control group, unless the path is empty. Its children will be in the group too.

    Raises:
        OSError: the system rejects it; the worker must not run without its limits.
    """
    if path:
        ControlGroup(Path(path)).add(os.getpid())


def default_signals() -> None:
    """Resets the signal handlers of the zygote and of the modules imported there."""
    signal.set_wakeup_fd(-1)
    for each in _DEFAULTED:
        signal.signal(each, signal.SIG_DFL)
    # The fault handler runs at once, even while native code holds the interpreter lock.
    for number in (STACKS_SIGNAL, READ_STACKS_SIGNAL):
        faulthandler.register(number, file=2, all_threads=True)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Forked(BaseException):
    """Raised in a forked worker, to unwind the stack of the zygote."""

    def __init__(self, run: Callable[[], int]) -> None:
        """Creates the exception; ``run`` runs the worker and returns its exit status."""
        super().__init__()
        self.run = run


def exit_with(run: Callable[[], int]) -> NoReturn:
    """Ends the process with the status that ``run`` returns, and with an error status when it raises.

    The interpreter shuts down like that of any program: it waits for threads that are not daemons, runs ``atexit``
    handlers and finalizers, and closes files. The host limits the time for that; without a host,
    :func:`~snakepit_bridge._worker.exit_within` does.
    """
    status = _EXIT_INTERNAL
    try:
        status = _run_here_or_forked(run)
    except BaseException:
        # Also SystemExit: the programs end by returning, so anything else needs a traceback.
        traceback.print_exc()
    sys.exit(status)


def _run_here_or_forked(run: Callable[[], int]) -> int:
    try:
        return run()
    except Forked as forked:
        run_worker = forked.run
    return run_worker()
