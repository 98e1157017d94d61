"""What the host sends, and whose turn it is to receive it.

Usually the main thread receives a call, executes it and receives again: no other thread is involved. While a call
takes long, the attendant receives in its place. Whoever holds the lock ``_turn`` receives; the attendant keeps it
until it has received something while the main thread waits, and hands it over with that. So it takes no pipe to wake
the one or the other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from snakepit_bridge._proto.frames_pb2 import CANCEL_REASON_DEADLINE
from snakepit_bridge._tools import print_exception
from snakepit_bridge._wire import ConnectionClosed, ProtocolViolation

from .call import Call
from .ending import Ending
from .session_hooks import SessionOver

if TYPE_CHECKING:
    from snakepit_bridge._proto.frames_pb2 import Frame
    from snakepit_bridge._wire import FrameTransport, Received

    from .cancelled import CancelReason
    from .request_table import RequestTable
    from .state_listener import StateListener


class Inbox:
    """Calls that have arrived, and what else the host has said."""

    def __init__(self, transport: FrameTransport, requests: RequestTable, *, wants_sessions: bool) -> None:
        """Makes it. Called by the main thread.

        Args:
            transport: where everything comes from.
            requests: hears the host's replies.
            wants_sessions: whether the ends of sessions are to wait among the calls.
        """
        self._transport = transport
        self._requests = requests
        self._wants_sessions = wants_sessions
        self._main_thread = threading.get_ident()
        self._turn = threading.Lock()
        # Between asking for the turn and looking whether it was asked for: neither thread may miss the other.
        self._handing_over = threading.Lock()
        self._turn_wanted = False
        self._is_waiting = False
        self._counting = threading.Lock()
        self._attended = 0
        self.pending: deque[Call | SessionOver] = deque()
        """Calls that have not begun, and sessions that have ended."""
        self.listeners: list[StateListener] = []
        """Told at once of what concerns the host's state."""
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
        self.on_attended: Callable[[], None] | None = None
        """Called by any thread that begins to need the attendant to receive."""

    def has_work(self) -> bool:
        """Whether the main thread has something to do other than to wait."""
        return bool(self.pending) or self.ending is not None

    def wait(self, ready: Callable[[], object], until: float | None = None) -> None:
        """Main thread: receives, or lets the attendant receive, until something is so.

        Args:
            ready: says whether it is.
            until: when to give up, on the monotonic clock; ``None`` for never.

        Raises:
            RuntimeError: it waits already; a signal handler or a finaliser has got in between.
        """
        if ready():
            return
        if self._is_waiting:
            raise RuntimeError("the main thread waits for the host already; ask it after that, or in another thread")
        self._is_waiting = True
        try:
            while not ready() and (until is None or monotonic() < until):
                self._wait_once(ready, until)
        finally:
            self._is_waiting = False

    def _wait_once(self, ready: Callable[[], object], until: float | None) -> None:
        turn = self._turn
        if not turn.acquire(False):
            if self._has_arrived(ready):
                return
            try:
                if not turn.acquire(timeout=-1 if until is None else max(0.0, until - monotonic())):
                    return
            finally:
                self._turn_wanted = False
        try:
            # Holding the turn means that nobody else is dealing with a batch: what it brought can be seen.
            if not ready():
                self._receive(None if until is None else max(0.0, until - monotonic()))
            self.turns += 1
        finally:
            turn.release()

    @contextmanager
    def attended(self) -> Iterator[None]:
        """Has the attendant receive, unless the main thread does, as long as this lasts. For any thread that waits."""
        with self._counting:
            self._attended += 1
        try:
            if self.on_attended is not None:
                self.on_attended()
            yield
        finally:
            with self._counting:
                self._attended -= 1

    @property
    def is_attended(self) -> bool:
        """Whether somebody needs the attendant to receive."""
        return self._attended > 0

    def is_watched_by_this_loop(self) -> bool:
        """Whether the event loop that runs in this thread is the one that receives."""
        return self.on_arrival is not None and threading.get_ident() == self._main_thread

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

    def stand_in(self, next_timeout: Callable[[], float | None]) -> bool:
        """Attendant: receives in place of the main thread until something arrives while that waits.

        Args:
            next_timeout: called before each wait; returns its seconds, or ``None`` to stop.

        Returns:
            ``False`` when the main thread receives itself.
        """
        if not self._turn.acquire(False):
            return False
        try:
            while not self._is_turn_wanted() and self.is_connected and (timeout := next_timeout()) is not None:
                has_received = self._receive(timeout)
                # What is left unread makes nothing readable for the loop.
                if has_received and self.on_arrival is not None and not self._transport.has_unread():
                    break
        finally:
            self._turn.release()
        if self.on_arrival is not None:
            self.on_arrival()
        return True

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

    def is_open(self, call: Call) -> bool:
        """Whether a call was not answered yet. Any thread may ask."""
        return self.calls.get(call.id) is call

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
                self._cancel(call, "shutdown")
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

    def _cancel(self, call: Call, reason: CancelReason) -> None:
        call.cancel(reason)
        self._requests.notify(call)

    def _lose(self, closed: ConnectionClosed) -> None:
        self.is_connected = False
        self._transport.close(str(closed))
        self.end((Ending.violated if isinstance(closed, ProtocolViolation) else Ending.lost)(str(closed)))
        # After the end of their calls, which is what those are to hear of first.
        self._requests.lose(str(closed))

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
            elif kind == "reply":
                end = taken + len(frame.reply.value.buffer_lengths)
                self._requests.answer(frame.reply, attachments[taken:end])
                taken = end
            elif kind == "reply_chunk":
                end = taken + len(frame.reply_chunk.value.buffer_lengths)
                self._requests.add_chunk(frame.reply_chunk, attachments[taken:end])
                taken = end
            else:
                self._hear(kind, frame)
        if taken > len(attachments):
            raise ProtocolViolation(f"the host sent {len(attachments)} attachments where its frames name {taken}")

    def _hear(self, kind: str | None, frame: Frame) -> None:
        """Deals with a frame without a value."""
        if kind == "credit":
            if (streaming := self.calls.get(frame.credit.id)) is not None:
                streaming.grant(frame.credit.chunks)
        elif kind == "cancel":
            deadline = frame.cancel.reason == CANCEL_REASON_DEADLINE
            if (cancelled := self.calls.get(frame.cancel.id)) is not None:
                self._cancel(cancelled, "deadline" if deadline else "cancelled")
        elif kind == "invalidate":
            self._invalidate(frame.invalidate.session_id, tuple(frame.invalidate.keys))
        elif kind == "session_ended":
            self._end_session(frame.session_ended.session_id)
        elif kind == "drain":
            self.end(Ending.drained())
        elif kind == "shutdown":
            self.end(Ending.shutdown(frame.shutdown.grace_ms / 1000))
        # The others belong to telemetry, which this worker has none of.

    def _invalidate(self, session_id: str, keys: tuple[str, ...]) -> None:
        for listener in self.listeners:
            _tell(listener.invalidated, session_id, keys)

    def _end_session(self, session_id: str) -> None:
        for listener in self.listeners:
            _tell(listener.session_ended, session_id)
        if self._wants_sessions:
            self.pending.append(SessionOver(session_id))


def _tell(tell: Callable[..., None], *news: object) -> None:
    try:
        tell(*news)
    except Exception as error:
        # It must not stop the thread that receives.
        print_exception(error)
