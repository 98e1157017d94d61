"""The loop of the launching program: starts workers, keeps their output, reaps them, and lets none outlive it."""

from __future__ import annotations

import os
import select
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from .._system import children_of
from .._worker import LOST_GRACE_S
from .commands import Command, Kill, Ping, Start, StartRequest, Stop, parse_command
from .event_stream import EventStream
from .host_events import HostEvents
from .line_reader import LineReader
from .oom_kills import OomKills
from .orphans import kill_children, kill_orphans
from .process_exit import STACKS_SIGNAL, ProcessExit, kill_group, next_exit
from .signal_inbox import SignalInbox
from .worker_process import StartMethod, WorkerProcess, worker_name

# Workers started before looking at anything else again.
_STARTS_AT_ONCE = 8
# Looking for orphans may mean reading the whole process table, so it is done for many exits at a time.
_ORPHAN_SECONDS = 0.05
# What cannot be killed in this time hangs in the kernel.
_LAST_SECONDS = 2.0
_LAST_WORDS_SECONDS = 1.0
# What workers have when the host is gone; they know this limit too.
_HOST_GONE_SECONDS = LOST_GRACE_S


@dataclass(frozen=True)
class _Serving:
    """The host asks, workers come and go."""


@dataclass(frozen=True)
class _Stopping:
    """The host said stop, or is gone; workers have until then to end by themselves."""

    deadline: float


@dataclass(frozen=True)
class _Ending:
    """This program was asked to end at once, or the time is up: whatever is left is killed."""


_Life = _Serving | _Stopping | _Ending


class _Readable(Protocol):
    def fileno(self) -> int: ...


class Zygote:
    """One launching program, single-threaded."""

    def __init__(self, commands: LineReader, stream: EventStream, events: HostEvents) -> None:
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
        self._life: _Life = _Serving()
        self._watch(self._commands, self._hear)
        self._watch(self._inbox, self._heed_signals)

    def abandon(self) -> None:
        """Closes what is open here; for a worker that was forked, in which none of it has any business."""
        # Through the selector, which would otherwise close its descriptor's number once more when it is collected.
        self._selector.close()
        for fd in (self._commands.fileno(), self._stream.fileno(), *self._inbox.fds):
            os.close(fd)
        for worker in self._workers.values():
            os.close(worker.output.fileno())
        # Tokens of workers that are still to be started: none of them must be able to pass for another.
        self._commands.wipe()
        for request in self._waiting:
            request.wipe()

    def run(self, method: StartMethod) -> None:
        """Serves the host until it says stop or is gone; afterwards no worker is left."""
        self._obey_commands()
        while not self._is_over():
            self._start_waiting(method)
            self._watch_for_room()
            for key, _ in self._selector.select(self._patience()):
                key.data()
            self._look_for_orphans()
        self._end_everything()
        self._stream.drain(_LAST_WORDS_SECONDS)

    def _is_over(self) -> bool:
        match self._life:
            case _Serving():
                return False
            case _Stopping(deadline):
                return not self._workers or deadline <= time.monotonic()
            case _Ending():
                return True

    def _patience(self) -> float | None:
        """Seconds to wait for something to happen; ``None`` for as long as it takes."""
        if self._waiting:
            return 0
        due = [] if self._orphans_due is None else [self._orphans_due]
        if isinstance(self._life, _Stopping):
            due.append(self._life.deadline)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _hear(self) -> None:
        if not self._commands.fill():
            # The host's end closes only when the host does not live any more.
            self._selector.unregister(self._commands)
            self._lose_host()
            return
        self._obey_commands()

    def _lose_host(self) -> None:
        """Workers see it too, on their own connections; those that do not end by themselves are killed."""
        self._become(_Stopping(time.monotonic() + _HOST_GONE_SECONDS))

    def _obey_commands(self) -> None:
        while (line := self._commands.take_line()) is not None:
            self._obey(parse_command(line))

    def _obey(self, command: Command) -> None:
        match command:
            case Start(workers):
                self._waiting.extend(workers)
                if not isinstance(self._life, _Serving):
                    self._refuse_waiting()
            case Kill(worker_id, number):
                self._kill(worker_id, number)
            case Stop(grace_seconds):
                self._become(_Stopping(time.monotonic() + grace_seconds))
            case Ping():
                self._events.pong()

    def _become(self, life: _Life) -> None:
        """The only place that changes what this program is doing; it never goes back to serving."""
        match self._life, life:
            case (_Stopping(sooner), _Stopping(later)):
                self._life = _Stopping(min(sooner, later))
            case (_Ending(), _):
                return
            case _:
                self._life = life
        self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        while self._waiting:
            request = self._waiting.popleft()
            request.wipe()
            self._events.start_failed(request.worker_id, "the launching program is ending")

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
                    # What the worker has started would end with a core dump. It is not reaped yet: the pid is its own.
                    os.kill(worker.pid, number)
                else:
                    kill_group(worker.pid, number)
                return

    def _start_waiting(self, method: StartMethod) -> None:
        # Fork after fork, with little in between: each one makes the next write to any page of ours copy it.
        started = [self._start(method) for _ in range(min(len(self._waiting), _STARTS_AT_ONCE))]
        for worker in filter(None, started):
            self._watch(worker.output, partial(self._keep_output, worker))
            self._events.started(worker)

    def _start(self, method: StartMethod) -> WorkerProcess | None:
        request = self._waiting.popleft()
        self._started += 1
        try:
            worker = method.start(request, worker_name(self._started))
        except OSError as error:
            self._events.start_failed(request.worker_id, f"the system refused to start a process: {error}", error)
            request.wipe()
            return None
        # Not in the worker, which has left by an exception.
        request.wipe()
        # At once: the next one to be forked must know which descriptors are not its own.
        self._workers[worker.pid] = worker
        return worker

    def _keep_output(self, worker: WorkerProcess) -> None:
        if worker.pid not in self._workers:
            # It was reaped in this very round, and its pipe is closed.
            return
        text = worker.output.read()
        if text is None:
            self._selector.unregister(worker.output)
        elif text:
            self._events.output(worker.worker_id, text)

    def _heed_signals(self) -> None:
        signals = self._inbox.take()
        if signal.SIGCHLD in signals:
            self._reap()
        if signal.SIGCONT in signals and os.getppid() != self._host_pid:
            # The kernel sends it when the host dies; anyone else may send it too.
            self._lose_host()
        if signals & {signal.SIGTERM, signal.SIGHUP}:
            self._become(_Ending())

    def _reap(self) -> None:
        while (end := next_exit(self._kill_group_of)) is not None:
            worker = self._workers.pop(end.pid, None)
            if worker is not None:
                self._report(worker, end)
            # Also after the end of a stranger, an orphan: its own children are ours now.
            self._orphans_due = self._orphans_due or time.monotonic() + _ORPHAN_SECONDS

    def _kill_group_of(self, pid: int) -> None:
        if pid in self._workers:
            kill_group(pid, signal.SIGKILL)

    def _report(self, worker: WorkerProcess, end: ProcessExit) -> None:
        if worker.output.fileno() in self._selector.get_map():
            self._selector.unregister(worker.output)
        text = worker.output.finish()
        if text:
            self._events.output(worker.worker_id, text)
        self._events.exited(worker, end, end.signal == "SIGKILL" and self._oom_kills.claim())

    def _look_for_orphans(self) -> None:
        if self._orphans_due is not None and self._orphans_due <= time.monotonic():
            self._orphans_due = None
            kill_orphans(self._workers.values())

    def _end_everything(self) -> None:
        for pid in self._workers:
            kill_group(pid, signal.SIGKILL)
        deadline = time.monotonic() + _LAST_SECONDS
        self._reap()
        while (self._workers or children_of(os.getpid())) and time.monotonic() < deadline:
            kill_children()
            select.select([self._inbox], [], [], _ORPHAN_SECONDS)
            self._inbox.take()
            self._reap()

    def _watch(self, source: _Readable, act: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, act)

    def _watch_for_room(self) -> None:
        """Waits for the host to read on only while there is something left to write."""
        watching = self._stream.fileno() in self._selector.get_map()
        if self._stream.is_waiting and not watching:
            self._selector.register(self._stream, selectors.EVENT_WRITE, self._stream.flush)
        elif watching and not self._stream.is_waiting:
            self._selector.unregister(self._stream)
