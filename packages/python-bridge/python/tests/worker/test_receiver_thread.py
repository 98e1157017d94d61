"""The receiver thread without a worker."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from snakepit_bridge._worker.calls import ActiveCalls
from snakepit_bridge._worker.heartbeat_sender import HeartbeatSender
from snakepit_bridge._worker.lifecycle import Lifecycle
from snakepit_bridge._worker.receive_turn import ReceiverWakeup, ReceiveTurn
from snakepit_bridge._worker.receiver_thread import ReceiverThread
from snakepit_bridge._worker.signals.signal_handlers import SignalHandlers

if TYPE_CHECKING:
    from snakepit_bridge._wire import FrameTransport
    from snakepit_bridge._worker.execution.outbox import Outbox
    from snakepit_bridge._worker.receive_turn import FrameSource
    from snakepit_bridge._worker.signals.interruption import Interruption

PATIENCE_S = 60.0


class _Interruption:
    def interrupt_when_overdue(self) -> None:
        """No call is overdue."""


def test_the_report_of_a_handler_is_sent_however_long_the_connection_was_in_use() -> None:
    wakeup = ReceiverWakeup()
    signals = SignalHandlers()
    attempts: list[str] = []
    sent = threading.Event()

    def try_send(_level: int, message: str) -> bool:
        attempts.append(message)
        # More attempts than the thread makes before it sleeps until the next heartbeat: here, forever.
        if len(attempts) < 20:
            return False
        sent.set()
        return True

    unused = cast("FrameTransport", None)
    thread = ReceiverThread(
        turn=ReceiveTurn(cast("FrameSource", None), wakeup),
        wakeup=wakeup,
        lifecycle=Lifecycle(),
        calls=ActiveCalls(),
        heartbeats=HeartbeatSender(unused, ActiveCalls(), cast("Outbox", None), interval_s=0),
        interruption=cast("Interruption", _Interruption()),
        signals=signals,
    )
    signals.connect(try_send.__code__, try_send, wakeup.wake)
    thread.start()
    try:
        assert signals.take(KeyboardInterrupt("from a handler"))
        assert sent.wait(PATIENCE_S)
        assert "from a handler" in attempts[0]
    finally:
        thread.stop()
