"""Runs a worker from its start to its end."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from .._errors import headline_of
from .._system import keep_freed_memory
from .._tools import TargetError
from .._wire import ConnectionClosed, ProtocolViolation, UnsentRecords, connect
from .calls import ActiveCalls
from .ending import HOST_LOST, PROTOCOL, REJECTED, SETUP_FAILED, exit_within
from .execution.event_loop import EventLoop
from .execution.execution import SequentialExecution
from .execution.failures import failure_of_setup
from .handshake import Rejected, report_setup_failure, send_hello
from .start_permits import StartPermits
from .worker import Worker

if TYPE_CHECKING:
    from .._tools import AdapterInstance, LoadedAdapter
    from .handshake import WorkerBoot
    from .started_profile import StartedProfile

_REPORT_S = 5.0
_SWITCH_S = 0.001
"""While a tool computes, the receiver thread waits this long for the interpreter lock, after each of several system
calls, until it has interrupted a cancelled call. Python's default is 5 ms."""


def run_worker(boot: WorkerBoot, adapter: LoadedAdapter) -> int:
    """Sets the adapter up, connects and executes calls until the host ends the worker. Called by the main thread.

    The process may just have been forked, so all threads and connections of the worker are created here.

    Returns:
        The exit status, one of those in :mod:`.ending`.
    """
    # Exit handlers of tools run before this one, and may need the processes that it ends.
    atexit.register(_terminate_group, os.getpid())
    keep_freed_memory()
    sys.setswitchinterval(_SWITCH_S)
    event_loop = EventLoop()
    try:
        instance = adapter.instantiate()
        _set_up(instance, adapter.target, event_loop)
        concurrent = None if boot.profile == "process" else _start_profile(boot, adapter, instance)
    except TargetError as error:
        return run_failed_worker(boot, error)
    try:
        transport = connect(boot.transport, boot.address)
        # Calls are sent ahead, and answers are held, only where calls are executed one after another.
        is_plain = boot.transport == "socket" and concurrent is None
        permits = StartPermits.create(boot.address) if is_plain else None
        unsent = UnsentRecords.create(boot.address) if is_plain else None
        profile = None if concurrent is None else (concurrent.profile.capacity, concurrent.metadata)
        accept, first = send_hello(transport, boot, adapter.tools, profile=profile, permits=permits, unsent=unsent)
    except Rejected as rejected:
        return _fail(boot, f"the host rejected it: {rejected}", REJECTED)
    except ProtocolViolation as violation:
        return _fail(boot, str(violation), PROTOCOL)
    except ConnectionClosed as closed:
        return _fail(boot, str(closed), HOST_LOST)
    calls = ActiveCalls(permits) if concurrent is None else concurrent.calls
    execution = SequentialExecution(transport) if concurrent is None else concurrent.execution(transport)
    ending = Worker(transport, accept, instance, event_loop, execution=execution, calls=calls, boot=boot).run(first)
    if not ending.is_expected:
        _log(boot, ending.reason)
    if ending.kill_at is not None:
        exit_within(ending.kill_at - monotonic())
    return ending.exit_status


def run_failed_worker(boot: WorkerBoot, error: TargetError) -> int:
    """Connects only to report to the host why the worker cannot start.

    Returns:
        The exit status.
    """
    try:
        transport = connect(boot.transport, boot.address)
    except ConnectionClosed:
        return _fail(boot, str(error), SETUP_FAILED)
    with suppress(ConnectionClosed):
        report_setup_failure(transport, boot, failure_of_setup(error), _REPORT_S)
    return SETUP_FAILED


def preload(adapter: LoadedAdapter, profile: str) -> None:
    """Imports what workers of this adapter and profile need after their start.

    Done before they are forked, it costs time and memory once instead of in each of them.
    """
    if profile != "process":
        # Lazy, because of the start-up time. ctypes interrupts the tools of cancelled calls.
        import ctypes  # noqa: F401

        from . import started_profile  # noqa: F401
    if adapter.has_async_tools or profile == "async":
        # Lazy, because of the start-up time: it imports asyncio.
        from .execution import event_loop_calls  # noqa: F401
        from .requests import loop_wakeup  # noqa: F401


def _start_profile(boot: WorkerBoot, adapter: LoadedAdapter, instance: AdapterInstance) -> StartedProfile:
    # Lazy, because of the start-up time: most workers execute one call at a time.
    from .started_profile import StartedProfile

    return StartedProfile(boot, adapter, instance)


def _set_up(instance: AdapterInstance, target: str, event_loop: EventLoop) -> None:
    try:
        for hook in instance.setups:
            event_loop.finish(hook(), keep_context=True)
    except BaseException as error:
        raise TargetError(
            f"setup() of '{target}' raised {headline_of(error)}", exception=error, permanent=False
        ) from error


def _fail(boot: WorkerBoot, reason: str, status: int) -> int:
    _log(boot, reason)
    return status


def _log(boot: WorkerBoot, reason: str) -> None:
    # To the standard error of the process, the last lines of which the zygote keeps.
    print(f"snakepit worker {boot.worker_id} of pool '{boot.pool}': {reason}", file=sys.__stderr__, flush=True)


def _terminate_group(worker_pid: int) -> None:
    """Sends SIGTERM to the processes that tools have left in the group of this worker."""
    if os.getpgrp() == os.getpid() == worker_pid:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
