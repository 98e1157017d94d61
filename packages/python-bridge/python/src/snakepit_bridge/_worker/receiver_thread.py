"""The second thread of a worker: heartbeats, receiving while a call takes long, and the kill at the end."""

from __future__ import annotations

import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING

from .ending import kill_own_group

if TYPE_CHECKING:
    from .calls import ActiveCalls
    from .heartbeat_sender import HeartbeatSender
    from .lifecycle import Lifecycle
    from .receive_turn import ReceiverWakeup, ReceiveTurn
    from .signals.interruption import ToolInterruption
    from .signals.signal_handlers import SignalHandlers
    from .worker_telemetry import WorkerTelemetry

_TICK_S = 0.005
"""A call takes long when the main thread has not had the turn from one tick to the next."""
_QUIET_TICKS = 2
_JOIN_S = 1.0


class ReceiverThread:
    """Receives in place of the main thread, at no cost to it while calls are short.

    While there is work, it checks at each tick whether the main thread has had the turn since the last one. Without
    work, or while the main thread itself waits for the host, it sleeps until the next heartbeat; it must be woken
    before the main thread continues without receiving.
    """

    def __init__(
        self,
        *,
        turn: ReceiveTurn,
        wakeup: ReceiverWakeup,
        lifecycle: Lifecycle,
        calls: ActiveCalls,
        heartbeats: HeartbeatSender,
        interruption: ToolInterruption,
        signals: SignalHandlers,
        telemetry: WorkerTelemetry,
    ) -> None:
        self._turn = turn
        self._wakeup = wakeup
        self._lifecycle = lifecycle
        self._calls = calls
        self._heartbeats = heartbeats
        self._interruption = interruption
        self._signals = signals
        self._telemetry = telemetry
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="snakepit-receiver", daemon=True)

    def start(self) -> None:
        """Starts the thread. From now on the end of the worker is enforced too."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; called when no code that could hang is left."""
        self._is_stopped = True
        self._wakeup.wake()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        while True:
            try:
                self._work()
            except MemoryError:
                # A tool has used up the memory. Without this thread, the worker would count as hung.
                sleep(_TICK_S)
            else:
                return

    def _work(self) -> None:
        turn, wakeup, calls, lifecycle = self._turn, self._wakeup, self._calls, self._lifecycle
        count = -1
        quiet = 0
        while (pause := self._run_tasks()) is not None:
            # One more tick after it was marked as asleep, so that no call that began in between is missed.
            sleeps = quiet > _QUIET_TICKS
            is_woken = wakeup.wait(pause if sleeps else min(pause, _TICK_S))
            if turn.is_needed and turn.stand_in(self._run_tasks):
                quiet = 0
                wakeup.is_asleep = False
            elif is_woken or turn.count != count:
                count = turn.count
                quiet = 0
                wakeup.is_asleep = False
            elif calls.by_id and lifecycle.is_connected and turn.stand_in(self._run_tasks):
                quiet = 0
            else:
                quiet += 1
                wakeup.is_asleep = quiet >= _QUIET_TICKS

    def _run_tasks(self) -> float | None:
        """Runs the tasks that are due. Returns the seconds until the next one; ``None`` when the thread must end."""
        if self._is_stopped:
            return None
        self._interruption.interrupt_when_overdue()
        self._signals.report()
        now = monotonic()
        due = min(self._heartbeats.send_when_due(now), self._telemetry.run_tasks(now))
        ending = self._lifecycle.ending
        if ending is not None and ending.kill_at is not None:
            if now >= ending.kill_at:
                kill_own_group(ending.exit_status)
            due = min(due, ending.kill_at)
        return max(0.0, due - now)
