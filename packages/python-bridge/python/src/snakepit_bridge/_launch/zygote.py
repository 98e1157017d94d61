"""The loop of the zygote: starts workers, reads their output, reaps them, and kills the remaining ones at its end."""

from __future__ import annotations

import os
import select
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

import msgspec

from .._system import children_of, handles_signal
from .._worker import LOST_GRACE_S
from .commands import Command, Kill, Ping, ReadStacks, Start, StartRequest, Stop, parse_command
from .control_groups import ControlGroup, ControlGroups
from .event_stream import EventStream
from .host_events import HostEvents
from .line_reader import LineReader
from .oom_kills import OomKills
from .orphans import kill_children, kill_orphans
from .process_exit import (
    READ_STACKS_SIGNAL,
    STACKS_AND_END_SIGNAL,
    STACKS_SIGNAL,
    ProcessExit,
    kill_group,
    next_exit,
)
from .signal_inbox import SignalInbox
from .worker_process import StartMethod, WorkerProcess, worker_name

# The number of workers to start before handling anything else.
_STARTS_AT_ONCE = 8
# A search for orphans may read the whole process table, so one search covers many exits.
_ORPHAN_SECONDS = 0.05
# A process that cannot be killed in this time hangs in the kernel.
_KILL_SECONDS = 2.0
_DRAIN_SECONDS = 1.0
# The grace period of workers after the death of the host; they enforce it too.
_HOST_GONE_SECONDS = LOST_GRACE_S


class _Serving(msgspec.Struct, frozen=True):
    """The zygote executes commands."""


class _Stopping(msgspec.Struct, frozen=True):
    """The host sent Stop or has died; workers have until the deadline to end."""

    deadline: float


class _Ending(msgspec.Struct, frozen=True):
    """The zygote must end at once: the remaining workers are killed."""


_State = _Serving | _Stopping | _Ending


class _Readable(Protocol):
    def fileno(self) -> int: ...


class Zygote:
    """One zygote, single-threaded."""

    def __init__(
        self, commands: LineReader, stream: EventStream, events: HostEvents, groups: ControlGroups | None = None
    ) -> None:
        """Creates the zygote; ``groups`` creates the control groups of its workers, if they have any."""
        self._commands = commands
        self._stream = stream
        self._events = events
        self._host_pid = os.getppid()
        self._inbox = SignalInbox((signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGCONT))
        self._selector = selectors.DefaultSelector()
        self._workers: dict[int, WorkerProcess] = {}
        self._waiting: deque[StartRequest] = deque()
        self._started = 0
        self._orphans_due: float | None = None
        self._oom_kills = OomKills()
        self._groups = groups
        self._group_of: dict[int, ControlGroup] = {}
        self._state: _State = _Serving()
        self._watch(self._commands, self._read_commands)
        self._watch(self._inbox, self._handle_signals)

    def abandon(self) -> None:
        """Closes the descriptors of the zygote in a forked worker."""
        # Through the selector, which would otherwise close the number of its descriptor again when it is collected.
        self._selector.close()
        for fd in (self._commands.fileno(), self._stream.fileno(), *self._inbox.fds):
            os.close(fd)
        for worker in self._workers.values():
            os.close(worker.output.fileno())
        # Tokens of workers that are not started yet: no worker may impersonate another.
        self._commands.wipe()
        for request in self._waiting:
            request.wipe()

    def run(self, method: StartMethod) -> None:
        """Serves the host until it sends Stop or dies; no worker is left afterwards."""
        self._handle_commands()
        while not self._is_done():
            self._start_waiting(method)
            self._watch_event_stream()
            for key, _ in self._selector.select(self._timeout()):
                key.data()
            self._kill_orphans_when_due()
        self._kill_all()
        if self._groups is not None:
            _remove_groups(self._groups)
        self._stream.drain(_DRAIN_SECONDS)

    def _is_done(self) -> bool:
        match self._state:
            case _Serving():
                return False
            case _Stopping(deadline):
                return not self._workers or deadline <= time.monotonic()
            case _Ending():
                return True

    def _timeout(self) -> float | None:
        """Seconds to wait for an event; ``None`` without a limit."""
        if self._waiting:
            return 0
        due = [] if self._orphans_due is None else [self._orphans_due]
        if isinstance(self._state, _Stopping):
            due.append(self._state.deadline)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _read_commands(self) -> None:
        if not self._commands.fill():
            # The host closes its end only when it dies.
            self._selector.unregister(self._commands)
            self._lose_host()
            return
        self._handle_commands()

    def _lose_host(self) -> None:
        """Starts the grace period of workers: they notice the loss of the host too, on their own connections."""
        self._change_state(_Stopping(time.monotonic() + _HOST_GONE_SECONDS))

    def _handle_commands(self) -> None:
        while (line := self._commands.take_line()) is not None:
            self._handle_command(parse_command(line))

    def _handle_command(self, command: Command) -> None:
        match command:
            case Start(workers):
                self._waiting.extend(workers)
                if not isinstance(self._state, _Serving):
                    self._reject_waiting()
            case Kill(worker_id, number):
                self._kill(worker_id, number)
            case ReadStacks(worker_id):
                self._read_stacks(worker_id)
            case Stop(grace_seconds):
                self._change_state(_Stopping(time.monotonic() + grace_seconds))
            case Ping():
                self._events.pong()

    def _change_state(self, state: _State) -> None:
        """Changes the state, which never returns to serving. The only place that does."""
        match self._state, state:
            case (_Stopping(sooner), _Stopping(later)):
                self._state = _Stopping(min(sooner, later))
            case (_Ending(), _):
                return
            case _:
                self._state = state
        self._reject_waiting()

    def _reject_waiting(self) -> None:
        while self._waiting:
            request = self._waiting.popleft()
            request.wipe()
            self._events.start_failed(request.worker_id, "the zygote is ending")

    def _kill(self, worker_id: str, number: signal.Signals) -> None:
        for request in self._waiting:
            if request.worker_id == worker_id:
                self._waiting.remove(request)
                request.wipe()
                self._events.start_failed(worker_id, "killed before it was started")
                return
        for worker in self._workers.values():
            if worker.worker_id == worker_id:
                if number == STACKS_SIGNAL:
                    worker.output.expect_stacks()
                    # Not to the group: its other processes would end with a core dump. The pid is not reused before the
                    # worker is reaped.
                    os.kill(worker.pid, number)
                    os.kill(worker.pid, signal.SIGCONT)
                elif number == STACKS_AND_END_SIGNAL:
                    worker.output.expect_stacks()
                    kill_group(worker.pid, number)
                    # A stopped process handles no other signal.
                    kill_group(worker.pid, signal.SIGCONT)
                else:
                    kill_group(worker.pid, number)
                return

    def _read_stacks(self, worker_id: str) -> None:
        for worker in self._workers.values():
            # Without its handler, the signal would end the worker.
            if worker.worker_id == worker_id and handles_signal(worker.pid, READ_STACKS_SIGNAL):
                worker.output.expect_dump()
                # The pid is not reused before the worker is reaped.
                os.kill(worker.pid, READ_STACKS_SIGNAL)
                return
        self._events.stacks_unavailable(worker_id)

    def _start_waiting(self, method: StartMethod) -> None:
        # Forks with little work in between: after each one, the first write to a page copies it. Only the first worker
        # is reported at once, because the start of the host waits for it.
        at_once = _STARTS_AT_ONCE if self._started else 1
        started = [self._start(method) for _ in range(min(len(self._waiting), at_once))]
        for worker in filter(None, started):
            self._watch(worker.output, partial(self._read_output, worker))
            self._events.started(worker)

    def _start(self, method: StartMethod) -> WorkerProcess | None:
        request = self._waiting.popleft()
        self._started += 1
        group: ControlGroup | None = None
        try:
            if self._groups is not None:
                group = self._groups.create(self._started)
                request = msgspec.structs.replace(request, control_group=str(group.path))
            worker = method.start(request, worker_name(self._started))
        except OSError as error:
            if group is not None:
                group.remove()
            self._events.start_failed(request.worker_id, f"the system failed to start a process: {error}", error)
            request.wipe()
            return None
        # Not in the worker, which has left with an exception.
        request.wipe()
        # At once: the next fork must close the descriptors of this worker.
        self._workers[worker.pid] = worker
        if group is not None:
            self._group_of[worker.pid] = group
        return worker

    def _read_output(self, worker: WorkerProcess) -> None:
        if worker.pid not in self._workers:
            # It was reaped in this round, and its pipe is closed.
            return
        output = worker.output.read()
        if output is None:
            self._selector.unregister(worker.output)
        elif output:
            self._events.output(worker.worker_id, output)

    def _handle_signals(self) -> None:
        signals = self._inbox.take()
        if signal.SIGCHLD in signals:
            self._reap()
        if signal.SIGCONT in signals and os.getppid() != self._host_pid:
            # The kernel sends it when the host dies; other processes may send it too.
            self._lose_host()
        if signals & {signal.SIGTERM, signal.SIGHUP}:
            self._change_state(_Ending())

    def _reap(self) -> None:
        while (end := next_exit(self._kill_group_of)) is not None:
            worker = self._workers.pop(end.pid, None)
            if worker is not None:
                self._report(worker, end)
            # Also after the end of an orphan: this process has adopted its children.
            self._orphans_due = self._orphans_due or time.monotonic() + _ORPHAN_SECONDS

    def _kill_group_of(self, pid: int) -> None:
        if pid in self._workers:
            kill_group(pid, signal.SIGKILL)

    def _report(self, worker: WorkerProcess, end: ProcessExit) -> None:
        if worker.output.fileno() in self._selector.get_map():
            self._selector.unregister(worker.output)
        output = worker.output.finish()
        if output:
            self._events.output(worker.worker_id, output)
        group = self._group_of.pop(worker.pid, None)
        is_killed_in_group = group is not None and group.has_oom_kill()
        self._events.exited(worker, end, end.signal == "SIGKILL" and (is_killed_in_group or self._oom_kills.claim()))
        if group is not None and self._groups is not None:
            self._groups.ended(group)

    def _kill_orphans_when_due(self) -> None:
        if self._orphans_due is not None and self._orphans_due <= time.monotonic():
            self._orphans_due = None
            kill_orphans(self._workers.values())
            if self._groups is not None and not self._groups.remove_ended():
                self._orphans_due = time.monotonic() + _ORPHAN_SECONDS

    def _kill_all(self) -> None:
        for pid in self._workers:
            kill_group(pid, signal.SIGKILL)
        deadline = time.monotonic() + _KILL_SECONDS
        self._reap()
        while (self._workers or children_of(os.getpid())) and time.monotonic() < deadline:
            kill_children()
            select.select([self._inbox], [], [], _ORPHAN_SECONDS)
            self._inbox.take()
            self._reap()

    def _watch(self, source: _Readable, act: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, act)

    def _watch_event_stream(self) -> None:
        """Waits until the host reads, only while data is buffered."""
        watching = self._stream.fileno() in self._selector.get_map()
        if self._stream.has_pending and not watching:
            self._selector.register(self._stream, selectors.EVENT_WRITE, self._stream.flush)
        elif watching and not self._stream.has_pending:
            self._selector.unregister(self._stream)


def _remove_groups(groups: ControlGroups) -> None:
    """Removes the groups of all workers. The kernel releases a group only after its last process was reaped."""
    deadline = time.monotonic() + _KILL_SECONDS
    while not groups.remove_ended() and time.monotonic() < deadline:
        time.sleep(_ORPHAN_SECONDS)
