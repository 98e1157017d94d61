"""Routes the frames of the host to the calls, requests, sessions and the end of the worker that they are about."""

from __future__ import annotations

from select import POLLIN, poll
from time import monotonic
from typing import TYPE_CHECKING

from .._proto.frames_pb2 import CANCEL_REASON_DEADLINE
from .._wire import ConnectionClosed, ProtocolViolation
from .calls import Call, SessionEnd
from .ending import Ending
from .signals.signal_handlers import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._errors import CancelReason
    from .._proto.frames_pb2 import Frame
    from .._wire import FrameTransport, Received
    from .calls import ActiveCalls
    from .lifecycle import Lifecycle
    from .receive_turn import ReceiverWakeup
    from .requests.request_table import RequestTable
    from .state_listeners import StateListeners
    from .worker_telemetry import WorkerTelemetry


class FrameDispatcher:
    """Receives batches and dispatches their frames. Used by the thread that holds the turn."""

    def __init__(
        self,
        *,
        transport: FrameTransport,
        calls: ActiveCalls,
        requests: RequestTable,
        listeners: StateListeners,
        lifecycle: Lifecycle,
        wakeup: ReceiverWakeup,
        telemetry: WorkerTelemetry,
        queue_session_ends: bool,
        send_stacks: Callable[[int], None],
    ) -> None:
        """Creates the dispatcher.

        Args:
            transport: the connection to the host.
            calls: receives calls, credit and cancellations.
            requests: receives the replies to requests.
            listeners: receive notices of changed state.
            lifecycle: receives the decision to end, and the loss of the connection.
            wakeup: wakes the receiver thread, which enforces the end.
            telemetry: receives the settings of the host.
            queue_session_ends: whether ends of sessions are queued among the calls, for a hook of the adapter.
            send_stacks: sends the stacks of the worker as the response to a request with this ID.
        """
        self._transport = transport
        self._calls = calls
        self._requests = requests
        self._listeners = listeners
        self._lifecycle = lifecycle
        self._wakeup = wakeup
        self._telemetry = telemetry
        self._queue_session_ends = queue_session_ends
        self._send_stacks = send_stacks
        # Two, because only one thread at a time may use one.
        self._checked: poll | None = None
        self._awaited: poll | None = None

    @property
    def is_connected(self) -> bool:
        """Whether anything can still arrive."""
        return self._lifecycle.is_connected

    def has_unread(self) -> bool:
        """Whether the next batch was read from the system already, at least in part."""
        return self._transport.has_unread()

    def has_arrived(self) -> bool:
        """Whether :meth:`receive` would not wait. Called by one thread, which need not hold the turn."""
        if self._checked is None:
            self._checked = self._new_poll()
        return self._transport.has_unread() or bool(self._checked.poll(0))

    @interruptible
    def wait_for_arrival(self, timeout: float | None) -> bool:
        """Waits until :meth:`receive` would not wait; a signal handler may raise meanwhile, and nothing is lost.

        Args:
            timeout: seconds to wait; ``None`` waits forever.

        Returns:
            ``False`` when nothing arrived in time.
        """
        if self._awaited is None:
            self._awaited = self._new_poll()
        return self._transport.has_unread() or bool(self._awaited.poll(None if timeout is None else timeout * 1000))

    def _new_poll(self) -> poll:
        # Before the first look at what was read: from here on, gRPC makes the descriptor readable for what arrives.
        new = poll()
        new.register(self._transport.fileno(), POLLIN)
        return new

    def receive(self, timeout: float | None) -> bool:
        """Receives and dispatches one batch; ``False`` when none arrived in time."""
        try:
            received = self._transport.receive(timeout)
            if received is None:
                return False
            self._dispatch(received)
        except ConnectionClosed as closed:
            self._lose_connection(closed)
        return True

    def dispatch(self, received: Received) -> None:
        """Dispatches a batch that was received elsewhere."""
        try:
            self._dispatch(received)
        except ProtocolViolation as violation:
            self._lose_connection(violation)

    def _dispatch(self, received: Received) -> None:
        batch, attachments = received
        taken = 0
        active = self._calls.by_id
        now = monotonic()
        # A slice, because its iteration takes less time than that of the field.
        for frame in batch.frames[:]:
            # In a frame of another kind this is an empty message. An id is never 0, so no WhichOneof() is needed, which
            # costs more than everything else here.
            message = frame.call
            if call_id := message.id:
                if call_id in active:
                    raise ProtocolViolation(f"the host sent a call with the id {call_id}, which is in use")
                call = Call(message, call_id, now)
                if attachments:
                    end = taken + len(message.args.buffer_lengths)
                    call.buffers = attachments[taken:end]
                    taken = end
                self._calls.add(call)
                continue
            kind = frame.WhichOneof("kind")
            if kind == "reply":
                end = taken + len(frame.reply.value.buffer_lengths)
                self._requests.answer(frame.reply, attachments[taken:end])
                taken = end
            elif kind == "reply_chunk":
                end = taken + len(frame.reply_chunk.value.buffer_lengths)
                self._requests.add_chunk(frame.reply_chunk, attachments[taken:end])
                taken = end
            elif kind == "call":
                raise ProtocolViolation("the host sent a call with the id 0")
            else:
                self._dispatch_control(kind, frame)
        if taken > len(attachments):
            raise ProtocolViolation(f"the host sent {len(attachments)} attachments where its frames name {taken}")

    def _dispatch_control(self, kind: str | None, frame: Frame) -> None:
        """Dispatches a frame without a payload."""
        if kind == "credit":
            self._calls.grant(frame.credit.id, frame.credit.chunks)
        elif kind == "cancel":
            if (call := self._calls.by_id.get(frame.cancel.id)) is not None:
                self._cancel(call, "deadline" if frame.cancel.reason == CANCEL_REASON_DEADLINE else "cancelled")
        elif kind == "recall":
            self._calls.recall(frame.recall.ids)
        elif kind == "invalidate":
            self._listeners.invalidated(frame.invalidate.session_id, tuple(frame.invalidate.keys))
        elif kind == "session_ended":
            session_id = frame.session_ended.session_id
            self._listeners.session_ended(session_id)
            if self._queue_session_ends:
                self._calls.pending.append(SessionEnd(session_id))
        elif kind == "drain":
            self._end(Ending.drained())
        elif kind == "shutdown":
            self._end(Ending.shutdown(frame.shutdown.grace_ms / 1000))
        elif kind == "read_stacks":
            self._send_stacks(frame.read_stacks.id)
        elif kind == "telemetry_control":
            self._telemetry.control(frame.telemetry_control)
            self._wakeup.wake()

    def _cancel(self, call: Call, reason: CancelReason) -> None:
        call.cancel(reason)
        self._requests.notify(call)

    def _end(self, ending: Ending) -> None:
        self._lifecycle.end(ending)
        if not ending.lets_calls_finish:
            # Another worker can start them.
            ahead = self._calls.recall_all()
            for call in (*ahead, *self._calls.all()):
                self._cancel(call, "shutdown")
        self._wakeup.wake()

    def _lose_connection(self, closed: ConnectionClosed) -> None:
        self._lifecycle.disconnect()
        self._transport.close(str(closed))
        self._end((Ending.violated if isinstance(closed, ProtocolViolation) else Ending.lost)(str(closed)))
        # After the calls: a request must see that its call was cancelled before it fails.
        self._requests.lose(str(closed))
