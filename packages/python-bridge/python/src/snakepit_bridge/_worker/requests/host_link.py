"""Sends requests to the host while a tool runs."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..._errors import Cancelled
from ..._proto.frames_pb2 import Batch
from ..._values import encode
from ..._wire import ConnectionClosed, fill_payload
from ..signals.signal_handlers import can_be_interrupted, postpone_handlers
from .credit_window import CreditWindow
from .host_request import HostRequest, HostStreamRequest
from .request_cancels import RequestCancels
from .request_errors import call_ended, connection_lost, reply_timeout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..._call import StateListener
    from ..._values import Encoded
    from ..._wire import Buffer, FrameTransport
    from ..calls import ActiveCalls, Call
    from ..lifecycle import Lifecycle
    from ..receive_turn import ReceiverWakeup, ReceiveTurn
    from ..signals.interruption import ToolInterruption
    from ..state_listeners import StateListeners
    from .request_table import RequestTable


class HostLink:
    """The channel of a worker to its host. One for each worker; any thread may use it.

    When the main thread sends a request, it receives itself until the reply has arrived: no other thread takes part in
    the round trip. For other threads the receiver thread receives.

    Payloads and values are any that can be sent; errors call a payload ``root``. Requests are sent on behalf of a call,
    and cancelled with it. A ``timeout`` is in seconds; without one a request waits until its call ends. All methods
    raise:

    - HostError: the host rejected the request or failed; ``DEADLINE_EXCEEDED`` when it did not answer in time,
      ``SHUTTING_DOWN`` when the connection is lost, ``CANCELLED`` when the call has ended.
    - SerializationError: the payload cannot be sent or is too large, or the reply cannot be decoded.
    - Cancelled, those that block: the call was cancelled. A cancelled call cannot send requests.
    - RuntimeError, those that block: it would block the worker's event loop, or a signal handler or finalizer has
      interrupted this thread while it waits for the host.
    """

    def __init__(
        self,
        *,
        transport: FrameTransport,
        requests: RequestTable,
        calls: ActiveCalls,
        listeners: StateListeners,
        lifecycle: Lifecycle,
        turn: ReceiveTurn,
        wakeup: ReceiverWakeup,
        interruption: ToolInterruption,
        max_payload_bytes: int,
    ) -> None:
        """Creates the channel. Called by the main thread."""
        self._transport = transport
        self._requests = requests
        self._cancels = RequestCancels(transport)
        self._calls = calls
        self._listeners = listeners
        self._lifecycle = lifecycle
        self._turn = turn
        self._wakeup = wakeup
        self._interruption = interruption
        self._max_payload_bytes = max_payload_bytes
        self._main_thread = threading.get_ident()

    def listen(self, listener: StateListener) -> None:
        """Notifies a listener of changed state from now on."""
        self._listeners.add(listener)

    def request(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> Any:
        """Sends a request and returns the value of the reply; blocks the thread."""
        is_main = self._expect_to_block(call)
        arrived = None if is_main else threading.Event()
        request = HostRequest(method, call, None if arrived is None else arrived.set)
        self._exchange(request, self._encode(payload, root), arrived, timeout)
        return request.value()

    def stream(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> Generator[Any, None, None]:
        """Requests a stream of values when the first is consumed; blocks the thread for each.

        The host never sends more than the credit that it was granted. Closing or dropping the generator cancels the
        request.
        """
        request = HostStreamRequest(method, call)
        until = None if timeout is None else monotonic() + timeout
        try:
            self._begin_stream(request, self._encode(payload, root), timeout)
            while True:
                if not request.chunks and not request.is_done:
                    self._wait_for_stream(request, until, timeout)
                if not request.chunks:
                    request.expect_end()
                    return
                value, credit = request.take()
                if credit and not request.is_done:
                    self._grant(request, credit)
                yield value
        finally:
            self._cancel(request)

    async def request_async(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> Any:
        """Sends a request and awaits the value of the reply, in a task on any event loop."""
        # Lazy, because of the start-up time: it imports asyncio.
        from .loop_wakeup import LoopWakeup

        wakeup = LoopWakeup(self._turn)
        request = HostRequest(method, call, wakeup.wake)
        until = None if timeout is None else monotonic() + timeout
        try:
            self._send(request, self._encode(payload, root), timeout)
            if not await wakeup.wait(lambda: request.is_done, until):
                raise reply_timeout(method, timeout)
        finally:
            self._cancel(request)
        return request.value()

    async def stream_async(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> AsyncGenerator[Any, None]:
        """Requests a stream of values when the first is consumed; awaits each in a task on any event loop.

        See :meth:`stream`.
        """
        # Lazy, because of the start-up time: it imports asyncio.
        from .loop_wakeup import LoopWakeup

        wakeup = LoopWakeup(self._turn)
        request = HostStreamRequest(method, call, wakeup.wake)
        until = None if timeout is None else monotonic() + timeout
        try:
            self._send(request, self._encode(payload, root), timeout, CreditWindow.INITIAL)
            while True:
                if not request.chunks and not await wakeup.wait(lambda: bool(request.chunks) or request.is_done, until):
                    raise reply_timeout(method, timeout)
                if not request.chunks:
                    request.expect_end()
                    return
                value, credit = request.take()
                if credit and not request.is_done:
                    self._grant(request, credit)
                yield value
        finally:
            self._cancel(request)

    @postpone_handlers
    def _exchange(
        self, request: HostRequest, encoded: Encoded, arrived: threading.Event | None, timeout: float | None
    ) -> None:
        until = None if timeout is None else monotonic() + timeout
        held = self._interruption.hold()
        try:
            _raise_if_cancelled(request.call)
            self._send(request, encoded, timeout)
            self._wait(request, arrived, until)
            _raise_if_cancelled(request.call)
            if not request.is_done:
                raise reply_timeout(request.method, timeout)
        except Cancelled:
            self._interruption.mark(held)
            raise
        finally:
            self._cancel(request)
            self._interruption.resume(held)

    @postpone_handlers
    def _begin_stream(self, request: HostStreamRequest, encoded: Encoded, timeout: float | None) -> None:
        self._expect_to_block(request.call)
        held = self._interruption.hold()
        try:
            _raise_if_cancelled(request.call)
            self._send(request, encoded, timeout, CreditWindow.INITIAL)
        except Cancelled:
            self._interruption.mark(held)
            raise
        finally:
            self._interruption.resume(held)

    @postpone_handlers
    def _wait_for_stream(self, request: HostStreamRequest, until: float | None, timeout: float | None) -> None:
        is_main = self._expect_to_block(request.call)
        held = self._interruption.hold()
        try:
            self._wait(request, None if is_main else request.arrived, until)
            _raise_if_cancelled(request.call)
            if not request.is_ready():
                raise reply_timeout(request.method, timeout)
        except Cancelled:
            self._interruption.mark(held)
            raise
        finally:
            self._interruption.resume(held)

    def _expect_to_block(self, call: Call | None) -> bool:
        """Checks that this thread may block. Returns whether it is the main thread."""
        if threading.get_ident() != self._main_thread:
            return False
        if call is not None and call.is_on_loop:
            raise RuntimeError(
                f"{call.tool}() is async: a blocking request would block the event loop; "
                "await the request, or send it in another thread (asyncio.to_thread)"
            )
        return True

    @postpone_handlers
    def _encode(self, payload: Any, root: str) -> Encoded:
        # Postponed, because the exception of a handler would be reported as a value that cannot be read.
        return encode(payload, root=root, max_bytes=self._max_payload_bytes)

    def _send(self, request: HostRequest, encoded: Encoded, timeout: float | None, credit: int = 0) -> None:
        lifecycle = self._lifecycle
        if not lifecycle.is_connected:
            raise connection_lost("the connection is lost" if lifecycle.ending is None else lifecycle.ending.reason)
        if request.call is not None and not self._calls.is_active(request.call):
            # The host would reject the request: it has removed the call.
            raise call_ended(request.call.tool)
        batch = Batch()
        telemetry = None if request.call is None else request.call.telemetry
        traceparent = None if telemetry is None else telemetry.locate(batch)
        message = batch.frames.add().request
        if traceparent is not None:
            message.traceparent = traceparent
        message.method = request.method
        if request.call is not None:
            message.call_id = request.call.id
        if timeout is not None:
            # 0 would mean no limit.
            message.remaining_ms = max(timeout * 1000, 0.001)
        if credit:
            message.streaming = True
            message.credit = credit
        fill_payload(message.payload, encoded)
        self._requests.add(request)
        message.id = request.id
        self._put(batch, encoded.buffers)
        if not lifecycle.is_connected:
            # Lost before the request was added, so that it was not failed with the others.
            self._requests.lose("the connection is lost")

    def _grant(self, request: HostRequest, chunks: int) -> None:
        batch = Batch()
        credit = batch.frames.add().credit
        credit.id = request.id
        credit.chunks = chunks
        self._put(batch)

    @postpone_handlers
    def _put(self, batch: Batch, buffers: Sequence[Buffer] = ()) -> None:
        held = self._interruption.hold()
        try:
            # The thread that receives notices the loss too, and fails all requests.
            with suppress(ConnectionClosed):
                self._transport.send(batch, buffers)
        finally:
            self._interruption.resume(held)

    def _cancel(self, request: HostRequest) -> None:
        """Cancels a request on the host, unless it is done. Also called by finalizers, at any moment."""
        if not request.is_done and self._lifecycle.is_connected:
            self._cancel_open(request)

    @postpone_handlers
    def _cancel_open(self, request: HostRequest) -> None:
        if not self._requests.remove(request):
            return
        held = self._interruption.hold()
        try:
            self._cancels.send(request.id)
        finally:
            # An exception would be lost in a finalizer.
            if self._interruption.release(held):
                self._wakeup.wake()

    def _wait(self, request: HostRequest, arrived: threading.Event | None, until: float | None) -> None:
        if arrived is None:
            self._turn.wait(request.is_ready, until, can_be_interrupted=can_be_interrupted())
            # From here on the receiver thread must receive cancellations.
            if self._wakeup.is_asleep:
                self._wakeup.wake()
            return
        with self._turn.needed():
            while True:
                arrived.clear()
                if request.is_ready():
                    return
                if not arrived.wait(None if until is None else max(0.0, until - monotonic())):
                    return


def _raise_if_cancelled(call: Call | None) -> None:
    if call is not None:
        call.raise_if_cancelled()
