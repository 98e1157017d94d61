"""The programs of ``python -m snakepit_bridge``: the zygote, the spawned worker, and two reports."""

from __future__ import annotations

import faulthandler
import gc
import os
import select
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from .._system import (
    LimitError,
    WorkerLimits,
    adopt_orphans,
    die_with_parent,
    set_command_name,
    set_limits,
    thread_count,
    use_default_slice,
    yield_to_others,
)
from .._tools import TargetError, load_adapter, notice_recent_edits
from .._values import SerializationError
from .._worker import (
    WorkerBoot,
    exit_within,
    guard_signal_handlers,
    install_standard_streams,
    preload,
    run_failed_worker,
    run_worker,
)
from .boot import EVENT_FD, Boot, claim_stdin
from .control_groups import ControlGroups, ControlGroupsUnavailable
from .event_stream import EventStream
from .fork_method import ForkMethod
from .host_events import HostEvents
from .inherited_objects import InheritedObjects
from .line_reader import LineReader
from .shared_descriptors import describe_shared, open_descriptors
from .spawn_method import SpawnedBoot, SpawnMethod
from .worker_entry import bind_to_zygote, default_signals, enter_control_group, exit_with
from .worker_process import StartMethod
from .zygote import Zygote

if TYPE_CHECKING:
    from .._tools import LoadedAdapter
    from .commands import StartRequest

_NO_LIMITS = WorkerLimits()
_DRAIN_SECONDS = 5.0
# For the exit handlers and finalizers of the import. Two seconds after the death of the host, no process may be left,
# and workers have used one of them.
_SHUTDOWN_SECONDS = 2.0
_SHUTDOWN_WITHOUT_HOST_SECONDS = 0.75
_USAGE = """usage: python -m snakepit_bridge compatibility | environment | zygote | worker

compatibility MODULE_OR_FILE [--json]  reports whether the imported libraries are safe in threads and forked workers
environment [--json]                   describes the interpreter, processors, memory and accelerators

The Snakepit host starts a zygote and workers, and sends commands to their standard input."""


def main(arguments: list[str]) -> NoReturn:
    """Runs the program that the first argument names; the other arguments only show in the process table."""
    match arguments[:1]:
        case ["zygote"]:
            exit_with(_zygote_and_exit_soon)
        case ["worker"]:
            exit_with(_spawned_worker)
        case ["compatibility" | "environment" as command]:
            # Loaded here, so that the start of workers does not load them.
            from .._environment import run_command as describe_environment
            from .._import_report import run_command as report_compatibility

            run = report_compatibility if command == "compatibility" else describe_environment
            sys.exit(run(arguments[1:]))
        case ["--help" | "-h"]:
            sys.stdout.write(f"{_USAGE}\n")
            sys.exit(0)
        case _:
            sys.exit(_USAGE)


def _zygote_and_exit_soon() -> int:
    host_pid = os.getppid()
    status = _zygote()
    # Processes and threads of the import must not delay the end of the pool, or outlive the host.
    exit_within(_SHUTDOWN_SECONDS if os.getppid() == host_pid else _SHUTDOWN_WITHOUT_HOST_SECONDS)
    return status


def _zygote() -> int:
    stream = EventStream(_claim_event_fd())
    commands = LineReader(claim_stdin())
    # The host handles Ctrl-C in a terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # During the import no one reads the end of the command stream. No worker exists yet, so SIGKILL orphans none.
    die_with_parent(signal.SIGKILL)
    if _has_hung_up(commands):
        return 0
    set_command_name("snakepit-zygote")
    faulthandler.enable()
    events = HostEvents(stream)
    events.booted()
    line = commands.read_line()
    if line is None:
        return 0
    boot = Boot.parse(line)
    if boot.method == "fork":
        return _serve_forking(boot, commands, stream, events)
    groups, not_enforced = _control_groups(boot)
    return _serve(Zygote(commands, stream, events, groups), SpawnMethod(boot), events, not_enforced=not_enforced)


def _serve_forking(boot: Boot, commands: LineReader, stream: EventStream, events: HostEvents) -> int:
    inherited = InheritedObjects()
    before = open_descriptors()
    try:
        adapter = _load(boot)
    except TargetError as error:
        events.failed(error)
        stream.drain(_DRAIN_SECONDS)
        return 1
    if not adapter.fork_safe:
        events.not_fork_safe()
        stream.drain(_DRAIN_SECONDS)
        return 0
    shared = describe_shared(before, adapter.modules)
    preload(adapter, boot.profile)
    # Otherwise every worker would write the buffered output again.
    sys.stdout.flush()
    sys.stderr.flush()
    groups, not_enforced = _control_groups(boot)
    zygote = Zygote(commands, stream, events, groups)
    method = ForkMethod(lambda request: _run(boot, request, lambda: adapter), zygote.abandon, inherited)
    # Imported objects are shared with the workers as long as no one writes to them, the garbage collector included.
    gc.collect()
    inherited.collect()
    gc.freeze()
    status = _serve(zygote, method, events, shared, not_enforced=not_enforced)
    # At its own end, the zygote finalizes the objects of the import.
    gc.unfreeze()
    return status


def _serve(
    zygote: Zygote,
    method: StartMethod,
    events: HostEvents,
    shared: Sequence[str] = (),
    *,
    not_enforced: str | None,
) -> int:
    adopt_orphans()
    # Also for the first steps of the workers: starts must not delay the calls of others.
    yield_to_others()
    # From now on there may be workers and their processes: the loop ends them first. This signal also continues a
    # stopped process, which then detects that its host has died.
    die_with_parent(signal.SIGCONT)
    events.ready(thread_count(), shared, not_enforced)
    zygote.run(method)
    return 0


def _spawned_worker() -> int:
    reader = LineReader(claim_stdin())
    line = reader.read_line()
    os.close(reader.fileno())
    if line is None:
        return 0
    spawned = SpawnedBoot.parse(line)
    bind_to_zygote(spawned.zygote_pid, spawned.command_name)
    default_signals()
    faulthandler.enable()
    enter_control_group(spawned.request.control_group)
    return _run(spawned.boot, spawned.request, lambda: _load(spawned.boot))


def _run(boot: Boot, request: StartRequest, load: Callable[[], LoadedAdapter]) -> int:
    # Until now the worker has yielded like the zygote. Threads of the import and the set-up must not inherit that.
    use_default_slice()
    worker_boot = _worker_boot(boot, request)
    try:
        if boot.limits != _NO_LIMITS:
            set_limits(boot.limits)
        adapter = load()
    except LimitError as error:
        return run_failed_worker(worker_boot, TargetError(str(error)))
    except TargetError as error:
        return run_failed_worker(worker_boot, error)
    return run_worker(worker_boot, adapter)


def _load(boot: Boot) -> LoadedAdapter:
    # Imported modules may keep references to them.
    install_standard_streams()
    guard_signal_handlers()
    sys.path[:0] = boot.path
    notice_recent_edits()
    try:
        options = boot.options()
    except SerializationError as error:
        raise TargetError(f"the options of '{boot.target}' cannot be read: {error}") from error
    return load_adapter(boot.target, options, as_script=True)


def _control_groups(boot: Boot) -> tuple[ControlGroups | None, str | None]:
    """Returns the control groups that the limits need, or why the limits are not enforced."""
    if boot.limits.memory_mb is None and boot.limits.cpus is None:
        return None, None
    try:
        return ControlGroups.open(boot.limits), None
    except ControlGroupsUnavailable as unavailable:
        return None, str(unavailable)


def _worker_boot(boot: Boot, request: StartRequest) -> WorkerBoot:
    return WorkerBoot(
        worker_id=request.worker_id,
        token=request.token.decode(),
        transport=boot.transport,
        address=request.address,
        pool=boot.pool,
        run_id=boot.run_id,
        watch=boot.watch,
        profile=boot.profile,
        capacity=boot.capacity,
        thread_safety=boot.thread_safety,
    )


def _claim_event_fd() -> int:
    try:
        os.set_inheritable(EVENT_FD, False)
    except OSError:
        sys.exit(_USAGE)
    return EVENT_FD


def _has_hung_up(commands: LineReader) -> bool:
    """Whether the host died before this process registered the parent-death signal."""
    poll = select.poll()
    poll.register(commands.fileno(), 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))
