"""Executes tools that are not ``async``, on the main thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from snakepit_bridge._wire import ConnectionClosed

from .call_context import executing
from .failures import failure_of_call
from .interruption import run_interruptibly

if TYPE_CHECKING:
    from snakepit_bridge._tools import Tool
    from snakepit_bridge._tools.arguments import Bound

    from .attendant import Attendant
    from .call import Call
    from .call_contexts import CallContexts
    from .capture import Capture
    from .host_link import HostLink
    from .inbox import Inbox
    from .interruption import Interruption
    from .outbox import Outbox
    from .session_hooks import SessionHooks
    from .tool_box import ToolBox


class MainThreadCalls:
    """Executes one call after the other."""

    def __init__(
        self,
        *,
        contexts: CallContexts,
        tools: ToolBox,
        inbox: Inbox,
        outbox: Outbox,
        capture: Capture,
        interruption: Interruption,
        attendant: Attendant,
        host: HostLink,
        sessions: SessionHooks | None,
    ) -> None:
        self._contexts = contexts
        self._tools = tools
        self._inbox = inbox
        self._outbox = outbox
        self._capture = capture
        self._interruption = interruption
        self._attendant = attendant
        self._host = host
        self._sessions = sessions

    def execute(self, call: Call) -> None:
        """Executes a call and answers it. Raises nothing, whatever the tool does."""
        self._contexts.run(self._execute, call)

    def refuse(self, call: Call, error: Exception) -> None:
        """Answers a call that cannot be executed."""
        with suppress(ConnectionClosed):
            self._outbox.failure(call, failure_of_call(call, error))
        self._inbox.finish(call)

    def _execute(self, call: Call) -> None:
        executing.set(call)
        call.host = self._host
        self._interruption.call = call
        call.on_cancel = self._interruption.interrupt
        try:
            try:
                call.raise_if_given_up()
                tool = self._tools.tool_for(call)
                bound = self._tools.arguments_for(tool, call)
                if self._sessions is not None:
                    self._sessions.begin(call)
                if tool.streaming:
                    self._stream(call, tool, bound)
                else:
                    value = run_interruptibly(call, tool.function, *bound)
                    call.raise_if_given_up()
                    self._capture.flush()
                    self._outbox.result(call, value)
            except ConnectionClosed:
                raise
            except BaseException as error:
                self._capture.flush()
                self._outbox.failure(call, failure_of_call(call, error))
        except ConnectionClosed:
            # Nobody is left to answer; who receives next finds out too, and ends the worker.
            pass
        finally:
            self._interruption.call = None
            self._inbox.finish(call)
            call.detach()

    def _stream(self, call: Call, tool: Tool, bound: Bound) -> None:
        produced: Iterator[Any] = iter(run_interruptibly(call, tool.function, *bound))
        try:
            self._send_chunks(call, produced.__next__)
        finally:
            close = getattr(produced, "close", None)
            if close is not None:
                close()
        self._capture.flush()
        self._outbox.end(call)

    def _send_chunks(self, call: Call, produce: Callable[[], Any]) -> None:
        send = self._outbox.chunk

        def may_go_on() -> bool:
            return call.granted > call.chunks_sent or call.cancel_reason is not None

        while True:
            # As in run_interruptibly, written out: this is done for each chunk.
            try:
                try:
                    call.interruptible = True
                    call.raise_if_given_up()
                    value = produce()
                finally:
                    call.interruptible = False
            except StopIteration:
                return
            if call.granted <= call.chunks_sent:
                self._inbox.wait(may_go_on)
                # From here on somebody has to hear of cancellations.
                if self._attendant.dozing:
                    self._attendant.rouse()
            call.raise_if_given_up()
            send(call, value)
