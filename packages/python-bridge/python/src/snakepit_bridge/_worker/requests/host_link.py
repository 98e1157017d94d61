"""Asks the host for something while a tool runs."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from snakepit_bridge._proto.frames_pb2 import Batch
from snakepit_bridge._values import encode
from snakepit_bridge._wire import ConnectionClosed

from .cancelled import Cancelled
from .credit_window import CreditWindow
from .host_error import call_over, connection_lost, late_answer
from .host_request import HostRequest, HostStreamRequest
from .request_cancels import RequestCancels
from .signal_handlers import postpone_handlers
from .wire_payload import fill_payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snakepit_bridge._values import Encoded
    from snakepit_bridge._wire import Buffer, FrameTransport

    from .attendant import Attendant
    from .call import Call
    from .inbox import Inbox
    from .interruption import Interruption
    from .request_table import RequestTable
    from .state_listener import StateListener


class HostLink:
    """A worker's requests to its host. One for each worker; any thread may use it.

    The main thread, when it asks, receives itself until the answer is there: no other thread has part in a round trip.
    For others the attendant receives.

    Payloads and values are any that can be sent; ``root`` is what a payload is called in errors. Requests are made on
    behalf of a call, and given up with it. A ``timeout`` is in seconds; without one a request waits for as long as its
    call lasts. What all methods raise:

    - HostError: the host has refused or failed; ``DEADLINE_EXCEEDED`` when it has not answered in time,
      ``SHUTTING_DOWN`` when the connection is over, ``CANCELLED`` when the call is over.
    - SerializationError: the payload cannot be sent or is too large, or the answer cannot be read.
    - Cancelled, those that block: the call was given up. A call that was given up can ask for nothing more.
    - RuntimeError, those that block: the worker's event loop would be blocked, or a signal handler or finaliser has got
      in between while this thread waits for the host already.
    """

    def __init__(
        self,
        *,
        transport: FrameTransport,
        requests: RequestTable,
        inbox: Inbox,
        interruption: Interruption,
        attendant: Attendant,
        max_payload_bytes: int,
    ) -> None:
        """Makes it. Called by the main thread."""
        self._transport = transport
        self._requests = requests
        self._cancels = RequestCancels(transport)
        self._inbox = inbox
        self._interruption = interruption
        self._attendant = attendant
        self._max_payload_bytes = max_payload_bytes
        self._main_thread = threading.get_ident()

    def listen(self, listener: StateListener) -> None:
        """Has a listener told of what the host says of its state, from now on."""
        self._inbox.listeners.append(listener)

    def request(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> Any:
        """Asks the host and waits for its answer, blocking the thread."""
        is_main = self._expect_to_block(call)
        arrived = None if is_main else threading.Event()
        request = HostRequest(method, call, None if arrived is None else arrived.set)
        encoded = self._encode(payload, root)
        until = None if timeout is None else monotonic() + timeout
        held = self._interruption.hold()
        try:
            _raise_if_given_up(call)
            self._send(request, encoded, timeout)
            self._wait(request, arrived, until)
            _raise_if_given_up(call)
            if not request.is_over:
                raise late_answer(method, timeout)
        except Cancelled:
            self._interruption.mark(held)
            raise
        finally:
            self._give_up(request)
            self._interruption.resume(held)
        return request.value()

    def stream(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> Generator[Any, None, None]:
        """Asks the host for a stream of values, when the first is wanted; blocks the thread for each.

        The host is never further ahead than the credit that it was granted. Closing the generator, or dropping it,
        tells it that no more is wanted.
        """
        request = HostStreamRequest(method, call)
        until = None if timeout is None else monotonic() + timeout
        try:
            self._begin_stream(request, self._encode(payload, root), timeout)
            while True:
                if not request.chunks and not request.is_over:
                    self._wait_for_stream(request, until, timeout)
                if not request.chunks:
                    request.expect_end()
                    return
                value, credit = request.take()
                if credit and not request.is_over:
                    self._grant(request, credit)
                yield value
        finally:
            self._give_up(request)

    async def request_async(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> Any:
        """Asks the host and waits for its answer, in a task on any event loop."""
        # Not at the top: it brings asyncio along.
        from .loop_bell import LoopBell

        bell = LoopBell(self._inbox)
        request = HostRequest(method, call, bell.ring)
        until = None if timeout is None else monotonic() + timeout
        try:
            self._send(request, self._encode(payload, root), timeout)
            if not await bell.wait(lambda: request.is_over, until):
                raise late_answer(method, timeout)
        finally:
            self._give_up(request)
        return request.value()

    async def stream_async(
        self, method: str, payload: Any, call: Call | None, *, timeout: float | None = None, root: str = "payload"
    ) -> AsyncGenerator[Any, None]:
        """Asks the host for a stream of values, when the first is wanted; waits for each in a task on any event loop.

        As :meth:`stream` otherwise.
        """
        from .loop_bell import LoopBell

        bell = LoopBell(self._inbox)
        request = HostStreamRequest(method, call, bell.ring)
        until = None if timeout is None else monotonic() + timeout
        try:
            self._send(request, self._encode(payload, root), timeout, CreditWindow.INITIAL)
            while True:
                if not request.chunks and not await bell.wait(lambda: bool(request.chunks) or request.is_over, until):
                    raise late_answer(method, timeout)
                if not request.chunks:
                    request.expect_end()
                    return
                value, credit = request.take()
                if credit and not request.is_over:
                    self._grant(request, credit)
                yield value
        finally:
            self._give_up(request)

    def _begin_stream(self, request: HostStreamRequest, encoded: Encoded, timeout: float | None) -> None:
        self._expect_to_block(request.call)
        held = self._interruption.hold()
        try:
            _raise_if_given_up(request.call)
            self._send(request, encoded, timeout, CreditWindow.INITIAL)
        except Cancelled:
            self._interruption.mark(held)
            raise
        finally:
            self._interruption.resume(held)

    def _wait_for_stream(self, request: HostStreamRequest, until: float | None, timeout: float | None) -> None:
        is_main = self._expect_to_block(request.call)
        held = self._interruption.hold()
        try:
            self._wait(request, None if is_main else request.arrived, until)
            _raise_if_given_up(request.call)
            if not request.is_ready():
                raise late_answer(request.method, timeout)
        except Cancelled:
            self._interruption.mark(held)
            raise
        finally:
            self._interruption.resume(held)

    def _expect_to_block(self, call: Call | None) -> bool:
        """Makes sure that this thread may wait; says whether it is the main thread."""
        if threading.get_ident() != self._main_thread:
            return False
        if call is not None and call.is_on_loop:
            raise RuntimeError(
                f"{call.tool}() is async: asking the host without await would block the event loop; "
                "await it, or ask in another thread (asyncio.to_thread)"
            )
        return True

    def _encode(self, payload: Any, root: str) -> Encoded:
        return encode(payload, root=root, max_bytes=self._max_payload_bytes)

    def _send(self, request: HostRequest, encoded: Encoded, timeout: float | None, credit: int = 0) -> None:
        inbox = self._inbox
        if not inbox.is_connected:
            raise connection_lost("the connection is over" if inbox.ending is None else inbox.ending.reason)
        if request.call is not None and not inbox.is_open(request.call):
            # The host knows it no longer, and would refuse this.
            raise call_over(request.call.tool)
        batch = Batch()
        message = batch.frames.add().request
        message.method = request.method
        if request.call is not None:
            message.call_id = request.call.id
        if timeout is not None:
            # 0 would be no limit.
            message.remaining_ms = max(timeout * 1000, 0.001)
        if credit:
            message.streaming = True
            message.credit = credit
        fill_payload(message.payload, encoded)
        self._requests.add(request)
        message.id = request.id
        self._put(batch, encoded.buffers)
        if not inbox.is_connected:
            # Lost before it was added, so that nobody has told it.
            self._requests.lose("the connection is over")

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
            # Whoever receives finds out too, and tells all that wait.
            with suppress(ConnectionClosed):
                self._transport.send(batch, buffers)
        finally:
            self._interruption.resume(held)

    def _give_up(self, request: HostRequest) -> None:
        """Tells the host that nobody waits for this any more, unless it is over. Also for finalisers, at any moment."""
        if request.is_over or not self._inbox.is_connected or not self._requests.remove(request):
            return
        held = self._interruption.hold()
        try:
            self._cancels.send(request.id)
        finally:
            # An exception would be lost in a finaliser.
            if self._interruption.release(held):
                self._attendant.rouse()

    def _wait(self, request: HostRequest, arrived: threading.Event | None, until: float | None) -> None:
        inbox = self._inbox
        if arrived is None:
            inbox.wait(request.is_ready, until)
            # From here on somebody has to hear of cancellations.
            if self._attendant.dozing:
                self._attendant.rouse()
            return
        with inbox.attended():
            while True:
                arrived.clear()
                if request.is_ready():
                    return
                if not arrived.wait(None if until is None else max(0.0, until - monotonic())):
                    return


def _raise_if_given_up(call: Call | None) -> None:
    if call is not None:
        call.raise_if_given_up()
