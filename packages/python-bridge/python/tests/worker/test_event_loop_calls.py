"""The wait of the event loop for calls."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

from snakepit_bridge._wire.socket_transport import SocketTransport
from snakepit_bridge._worker.calls import ActiveCalls
from snakepit_bridge._worker.ending import Ending
from snakepit_bridge._worker.execution.call_contexts import CallContexts
from snakepit_bridge._worker.execution.event_loop_calls import EventLoopCalls
from snakepit_bridge._worker.execution.tool_box import ToolBox
from snakepit_bridge._worker.lifecycle import Lifecycle
from snakepit_bridge._worker.receive_turn import ReceiverWakeup, ReceiveTurn

UNUSED = cast("Any", None)


def test_a_late_notice_of_the_receiver_thread_does_not_stop_the_loop_of_a_teardown() -> None:
    host, worker = socket.socketpair()
    loop = asyncio.new_event_loop()
    wakeup = ReceiverWakeup()
    lifecycle = Lifecycle()
    lifecycle.end(Ending.drained())
    calls = EventLoopCalls(
        loop=loop,
        contexts=CallContexts(),
        transport=SocketTransport(worker),
        tools=ToolBox({}),
        calls=ActiveCalls(),
        lifecycle=lifecycle,
        turn=ReceiveTurn(UNUSED, wakeup),
        wakeup=wakeup,
        outbox=UNUSED,
        capture=UNUSED,
        host=UNUSED,
        sessions=None,
        telemetry=UNUSED,
    )
    calls.serve()
    calls._advance_soon()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    host.close()
    worker.close()
