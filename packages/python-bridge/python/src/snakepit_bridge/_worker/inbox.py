"""What the host sends, and whose turn it is to receive it.

Usually the main thread receives a call, executes it and receives again: no other thread is involved. While a call
takes long, the attendant receives in its place. Whoever holds the lock ``_turn`` receives; the attendant keeps it
until it has received something while the main thread waits, and hands it over with that. So it takes no pipe to wake
the one or the other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import CANCEL_REASON_DEADLINE
from snakepit_bridge._wire import ConnectionClosed, ProtocolViolation

from .call import Call
from .ending import Ending

if TYPE_CHECKING:
    from snakepit_bridge._wire import FrameTransport, Received


class Inbox:
    """Calls that have arrived, and what else the host has said."""

    def __init__(self, transport: FrameTransport) -> None:
        self._transport = transport
        self._turn = threading.Lock()
        # Between asking for the turn and looking whether it was asked for: neither thread may miss the other.
        self._handing_over = threading.Lock()
        self._turn_wanted = False
        self.pending: deque[Call] = deque()
        """Calls that have not begun."""
        self.calls: dict[int, Call] = {}
        """Calls that have arrived and are not answered, by id."""
        self.ending: Ending | None = None
        """Set once the worker is to end."""
        self.is_connected = True
        """Whether anything can still arrive."""
        self.turns = 0
        """Grows whenever the main thread has received something."""
        self.on_arrival: Callable[[], None] | None = None
        """Called by the attendant, which then gives up its turn, when something arrived; for an event loop, which
        cannot wait for the turn."""
        self.on_ending: Callable[[], None] | None = None
        """Called by any thread when the end is decided."""

    def has_work(self) -> bool:
        """Whether the main thread has something to do other than to wait."""
        return bool(self.pending) or self.ending is not None

    def wait(self, ready: Callable[[], object]) -> None:
        """Main thread: receives, or lets the attendant receive, until something is so."""
        turn = self._turn
        while not ready():
            if not turn.acquire(False):
                if self._has_arrived(ready):
                    return
                turn.acquire()
                self._turn_wanted = False
            try:
                # Holding the turn means that nobody else is dealing with a batch: what it brought can be seen.
                if not ready():
                    self._receive(None)
                self.turns += 1
            finally:
                turn.release()

    def receive_ready(self) -> None:
        """Main thread: receives what is there without waiting; nothing when it is the attendant's turn."""
        if not self._turn.acquire(False):
            return
        try:
            self.turns += 1
            while self._receive(0) and self._transport.has_unread() and self.is_connected:
                pass
        finally:
            self._turn.release()

    def stand_in(self, next_timeout: Callable[[], float | None]) -> None:
        """Attendant: receives in place of the main thread until something arrives while that waits.

        Args:
            next_timeout: called before each wait; returns its seconds, or ``None`` to stop.
        """
        if not self._turn.acquire(False):
            return
        try:
            while not self._is_turn_wanted() and self.is_connected and (timeout := next_timeout()) is not None:
                if self._receive(timeout) and self.on_arrival is not None:
                    break
        finally:
            self._turn.release()
        if self.on_arrival is not None:
            self.on_arrival()

    def take(self, received: Received) -> None:
        """Deals with a batch that somebody else has received."""
        try:
            self._accept(received)
        except ProtocolViolation as violation:
            self._lose(violation)

    def abandon(self) -> None:
        """In a forked child: ends the main loop, should it be returned to, and leaves the calls alone."""
        self.is_connected = False
        self.ending = Ending.lost("this process is a fork of a worker")
        self.pending.clear()

    def finish(self, call: Call) -> None:
        """Forgets a call that has been answered."""
        self.calls.pop(call.id, None)

    def end(self, ending: Ending) -> None:
        """Decides that the worker ends; once that is decided, only that it ends harder or sooner."""
        if self.ending is None or self.ending.lets_calls_finish:
            self.ending = ending
        elif ending.kill_at is not None:
            self.ending = self.ending.before(ending.kill_at)
        if not ending.lets_calls_finish:
            for call in list(self.calls.values()):
                call.cancel("shutdown")
        if self.on_ending is not None:
            self.on_ending()

    def _has_arrived(self, ready: Callable[[], object]) -> bool:
        """Asks the attendant for the turn, unless it has received already what is waited for."""
        with self._handing_over:
            if ready():
                return True
            self._turn_wanted = True
            return False

    def _is_turn_wanted(self) -> bool:
        with self._handing_over:
            return self._turn_wanted

    def _receive(self, timeout: float | None) -> bool:
        """Receives and deals with one batch; ``False`` when there was none in time."""
        try:
            received = self._transport.receive(timeout)
            if received is None:
                return False
            self._accept(received)
        except ConnectionClosed as closed:
            self._lose(closed)
        return True

    def _lose(self, closed: ConnectionClosed) -> None:
        self.is_connected = False
        self._transport.close(str(closed))
        self.end((Ending.violated if isinstance(closed, ProtocolViolation) else Ending.lost)(str(closed)))

    def _accept(self, received: Received) -> None:
        batch, attachments = received
        taken = 0
        for frame in batch.frames:
            kind = frame.WhichOneof("kind")
            if kind == "call":
                message = frame.call
                call = Call(message, ())
                if attachments:
                    end = taken + len(message.args.buffer_lengths)
                    call.buffers = attachments[taken:end]
                    taken = end
                self.calls[call.id] = call
                self.pending.append(call)
            elif kind == "credit":
                if (streaming := self.calls.get(frame.credit.id)) is not None:
                    streaming.grant(frame.credit.chunks)
            elif kind == "cancel":
                deadline = frame.cancel.reason == CANCEL_REASON_DEADLINE
                if (cancelled := self.calls.get(frame.cancel.id)) is not None:
                    cancelled.cancel("deadline" if deadline else "cancelled")
            elif kind == "drain":
                self.end(Ending.drained())
            elif kind == "shutdown":
                self.end(Ending.shutdown(frame.shutdown.grace_ms / 1000))
            # The others belong to sessions and telemetry, which this worker has none of.
        if taken > len(attachments):
            raise ProtocolViolation(f"the host sent {len(attachments)} attachments where its frames name {taken}")
