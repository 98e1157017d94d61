"""The calls of a worker, from their arrival to their answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from .._call import CallContext, valid_traceparent
from .._errors import Cancelled

if TYPE_CHECKING:
    from .._call import HostChannel
    from .._errors import CancelReason
    from .._proto import frames_pb2
    from .._wire import Buffer
    from .start_permits import StartPermits
    from .telemetry.call_recording import CallRecording

_LARGE_BYTES = 1 << 16


class Call:
    """A call that has arrived and is not answered yet.

    The thread that receives writes ``cancel_reason`` and ``granted``; the main thread writes everything else. So no
    field needs a lock.

    What few calls need is read from the message on demand: each field of a message costs as much as ten attributes.
    """

    __slots__ = (
        "arrived_at",
        "buffers",
        "cancel_reason",
        "chunks_sent",
        "granted",
        "host",
        "id",
        "interrupted",
        "interruptible",
        "is_ahead",
        "is_on_loop",
        "is_recalled",
        "message",
        "on_cancel",
        "on_credit",
        "started_at",
        "streaming",
        "telemetry",
        "tool",
    )

    def __init__(self, message: frames_pb2.Call, call_id: int, arrived_at: float) -> None:
        """Creates the call.

        Args:
            message: the frame.
            call_id: the id in the message.
            arrived_at: when the message arrived, on the monotonic clock.
        """
        self.message = message
        self.buffers: Sequence[Buffer] = ()
        """The out-of-band buffers of the arguments."""
        self.id = call_id
        self.tool = message.tool
        self.is_ahead = message.ahead
        """Whether it must not be started without a permit."""
        self.is_recalled = False
        """Whether the host has taken it back: it must not be started, nor answered."""
        self.arrived_at = self.started_at = arrived_at
        """When it arrived, and when its execution began, on the monotonic clock."""
        self.streaming = message.streaming
        self.granted = message.credit if self.streaming else 0
        """The total number of chunks that may be sent."""
        self.chunks_sent = 0
        self.cancel_reason: CancelReason | None = None
        """Why the call was cancelled; ``None`` while it is not."""
        self.interruptible = False
        """Whether the main thread runs code of the user, where :class:`Cancelled` may be raised."""
        self.interrupted = False
        """Whether :class:`Cancelled` was raised; that happens once."""
        self.host: HostChannel
        """Sends requests on behalf of the call; set before the call is executed."""
        self.telemetry: CallRecording | None = None
        """Records spans and events; ``None`` when nothing is recorded."""
        self.is_on_loop = False
        """Whether the worker's event loop executes the call, which must not be blocked."""
        self.on_cancel: Callable[[], None] | None = None
        """Notifies the executor of the call that it was cancelled; called by any thread."""
        self.on_credit: Callable[[], None] | None = None
        """Notifies the executor of the call of new credit; called by any thread."""

    @property
    def deadline(self) -> float | None:
        """When the caller stops waiting, on the monotonic clock; ``None`` for never."""
        remaining = self.message.remaining_ms
        return self.arrived_at + remaining / 1000 if remaining else None

    @property
    def session_id(self) -> str | None:
        """The session of the call; ``None`` without one."""
        return self.message.session_id if self.message.HasField("session_id") else None

    @property
    def correlation_id(self) -> str:
        """Identifies the call in events, logs and errors."""
        return self.message.correlation_id

    @property
    def traceparent(self) -> str | None:
        """The W3C trace context of the caller; ``None`` without a valid one."""
        message = self.message
        return valid_traceparent(message.traceparent) if message.HasField("traceparent") else None

    def context(self) -> CallContext:
        """Returns the data of the call that the tool can read."""
        message = self.message
        return CallContext(
            correlation_id=message.correlation_id,
            session_id=self.session_id,
            traceparent=self.traceparent,
            metadata=MappingProxyType(dict(message.metadata)),
            deadline=self.deadline,
        )

    def cancel(self, reason: CancelReason) -> None:
        """Cancels the call; only the first reason counts."""
        if self.cancel_reason is None:
            self.cancel_reason = reason
            # Read once: the main thread resets it at the end of the call.
            if (on_cancel := self.on_cancel) is not None:
                on_cancel()

    def raise_if_cancelled(self, kind: type[Cancelled] = Cancelled) -> None:
        """Raises :class:`Cancelled` when the call was cancelled."""
        if self.cancel_reason is not None:
            raise kind(self.cancel_reason)

    def grant(self, chunks: int) -> None:
        """Allows this many more chunks to be sent."""
        self.granted += chunks
        if (on_credit := self.on_credit) is not None:
            on_credit()

    def take_arguments(self) -> tuple[bytes, Sequence[Buffer]]:
        """Returns the encoded arguments and their buffers, and releases them."""
        body, buffers = self.message.args.body, self.buffers
        if buffers:
            self.buffers = ()
        if len(body) > _LARGE_BYTES:
            # A protobuf message keeps its memory until it is dropped, even when its fields are cleared.
            message = self.message
            message.ClearField("args")
            self.message = type(message)()
            self.message.CopyFrom(message)
        return body, buffers

    def detach(self) -> None:
        """Drops the references to the executor, which refers to the call in turn."""
        self.on_cancel = None
        self.on_credit = None


@dataclass(frozen=True)
class SessionEnd:
    """A session has ended; queued among the calls, so that the hook runs between them."""

    session_id: str
    tool: ClassVar[str] = ""
    """No tool has this name, so none is looked up for it."""


class ActiveCalls:
    """Calls in the order of their arrival, and by id.

    The thread that receives adds calls; the main thread takes them from the queue and removes answered ones. Each
    operation on the queue and on the dictionary is atomic, so they need no lock.
    """

    __slots__ = ("_permits", "by_id", "pending")

    def __init__(self, permits: StartPermits | None = None) -> None:
        """Creates the collection.

        Args:
            permits: the permits for calls that were sent ahead; ``None`` when the host sends none ahead.
        """
        self._permits = permits
        self.pending: deque[Call | SessionEnd] = deque()
        """Calls that have not begun, and sessions that have ended."""
        self.by_id: dict[int, Call] = {}
        """Calls that are not answered."""

    def add(self, call: Call) -> None:
        """Adds a call that has arrived."""
        self.by_id[call.id] = call
        self.pending.append(call)

    def next(self) -> Call | SessionEnd | None:
        """Main thread: returns the first item of the queue, and leaves it there.

        Returns:
            ``None`` when nothing may begin: the queue is empty, or a call was sent ahead and there is no permit for it.
        """
        pending = self.pending
        while pending:
            first = pending[0]
            if isinstance(first, SessionEnd) or not first.is_ahead:
                return first
            may_start = False if first.is_recalled or self._permits is None else self._permits.take(first.id)
            if may_start is None:
                return None
            if may_start:
                first.is_ahead = False
                return first
            pending.popleft()
            self.remove(first)
        return None

    def recall(self, call_ids: Iterable[int]) -> None:
        """Drops calls that have not started and that the host has taken back.

        Others are not dropped: a call that was not sent ahead or has started must be answered, and can be cancelled.
        """
        for call_id in call_ids:
            call = self.by_id.get(call_id)
            if call is not None and call.is_ahead:
                self.remove(call)
                # The main thread may be taking it from the queue.
                call.is_recalled = True
                call.buffers = ()

    def start_none_ahead(self) -> None:
        """Main thread: starts no more calls that were sent ahead, because they could not be answered.

        Their permits stay in the pipe, so the host knows that they have not started.
        """
        self._permits = None

    def recall_all(self) -> list[Call]:
        """Drops all calls that were sent ahead and have not started, because the worker ends.

        Returns:
            The calls. The main thread may be starting one of them, which must be cancelled like the active ones.
        """
        ahead = [call for call in self.all() if call.is_ahead]
        self.recall([call.id for call in ahead])
        return ahead

    def grant(self, call_id: int, chunks: int) -> None:
        """Grants credit to a streaming call; ignored when the call was answered already."""
        if (call := self.by_id.get(call_id)) is not None:
            call.grant(chunks)

    def is_active(self, call: Call) -> bool:
        """Whether a call is not answered yet. Any thread may call this."""
        return self.by_id.get(call.id) is call

    def remove(self, call: Call) -> None:
        """Removes a call that was answered."""
        self.by_id.pop(call.id, None)

    def all(self) -> list[Call]:
        """Returns a copy of the active calls, the oldest first. Any thread may call this."""
        return list(self.by_id.values())
