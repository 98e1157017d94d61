"""Runs a worker from its start to its end."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from snakepit_bridge._tools import TargetError, headline_of
from snakepit_bridge._wire import ConnectionClosed, ProtocolViolation, connect

from .ending import exit_within
from .event_loop import EventLoop
from .exit_status import HOST_LOST, PROTOCOL, REFUSED, SETUP_FAILED
from .failures import failure_of_setup
from .handshake import Refused, apologise, greet
from .worker import Worker

if TYPE_CHECKING:
    from snakepit_bridge._tools import AdapterInstance, LoadedAdapter

    from .boot import WorkerBoot

_APOLOGY_S = 5.0


def run_worker(boot: WorkerBoot, adapter: LoadedAdapter) -> int:
    """Sets the adapter up, connects and executes calls until the host ends it. To be called by the main thread.

    Everything that it starts, threads and connection, starts here: the process may just have been forked.

    Returns:
        The status to exit with, one of :mod:`.exit_status`.
    """
    # What tools register runs before it, and may need the processes that it ends.
    atexit.register(_end_helpers, os.getpid())
    event_loop = EventLoop()
    try:
        instance = adapter.instantiate()
        _set_up(instance, adapter.target, event_loop)
    except TargetError as error:
        return run_failed_worker(boot, error)
    try:
        transport = connect(boot.transport, boot.address)
        welcome, first = greet(transport, boot, adapter.tools)
    except Refused as refused:
        return _give_up(boot, f"the host refused it: {refused}", REFUSED)
    except ProtocolViolation as violation:
        return _give_up(boot, str(violation), PROTOCOL)
    except ConnectionClosed as closed:
        return _give_up(boot, str(closed), HOST_LOST)
    ending = Worker(transport, welcome, instance, event_loop).run(first)
    if not ending.was_asked_for:
        _complain(boot, ending.reason)
    if ending.kill_at is not None:
        exit_within(ending.kill_at - monotonic())
    return ending.exit_status


def run_failed_worker(boot: WorkerBoot, error: TargetError) -> int:
    """Connects only to tell the host why there will be no worker.

    Returns:
        The status to exit with.
    """
    try:
        transport = connect(boot.transport, boot.address)
    except ConnectionClosed:
        return _give_up(boot, str(error), SETUP_FAILED)
    with suppress(ConnectionClosed):
        apologise(transport, boot, failure_of_setup(error), _APOLOGY_S)
    return SETUP_FAILED


def _set_up(instance: AdapterInstance, target: str, event_loop: EventLoop) -> None:
    try:
        for hook in instance.setups:
            event_loop.finish(hook(), keep_context=True)
    except BaseException as error:
        raise TargetError(
            f"setup() of '{target}' raised {headline_of(error)}", exception=error, permanent=False
        ) from error


def _give_up(boot: WorkerBoot, reason: str, status: int) -> int:
    _complain(boot, reason)
    return status


def _complain(boot: WorkerBoot, reason: str) -> None:
    # The process's own standard error, of which the launcher keeps the tail.
    print(f"snakepit worker {boot.worker_id} of pool '{boot.pool}': {reason}", file=sys.__stderr__, flush=True)


def _end_helpers(worker_pid: int) -> None:
    """Asks processes that tools have left in this worker's group to end."""
    if os.getpgrp() == os.getpid() == worker_pid:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
