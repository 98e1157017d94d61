"""The thread beside the main thread: heartbeats, receiving while a call takes long, and the end by force."""

from __future__ import annotations

import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from .ending import end_group

if TYPE_CHECKING:
    from .heart import Heart
    from .inbox import Inbox
    from .interruption import Interruption
    from .signal_handlers import SignalHandlers

_TICK_S = 0.005
"""A call takes long when it has run from one look to the next."""
_QUIET_TICKS = 2
_JOIN_S = 1.0


class Attendant:
    """Watches over the main thread without costing it anything while calls are short.

    While there is work it looks each tick whether the main thread has received since the last look. While there is
    none, or the main thread itself waits for the host, it sleeps until the next heartbeat; whoever then goes on
    without receiving has to rouse it.
    """

    def __init__(self, inbox: Inbox, heart: Heart, interruption: Interruption, signals: SignalHandlers) -> None:
        self._inbox = inbox
        self._heart = heart
        self._interruption = interruption
        self._signals = signals
        # A lock as a bell: released by whoever rings it, acquired by the thread that sleeps.
        self._bell = threading.Lock()
        self._bell.acquire()
        self._stopped = False
        self.dozing = False
        """Whether it must be roused when the main thread is about to run code of the user."""
        self._thread = threading.Thread(target=self._run, name="snakepit-attendant", daemon=True)

    def start(self) -> None:
        """Begins. From now on the worker's end is enforced too."""
        self._inbox.on_ending = self.rouse
        self._inbox.on_attended = self.rouse
        self._thread.start()

    def rouse(self) -> None:
        """Has it look at once, and each tick from now on. Any thread may call this."""
        self.dozing = False
        with suppress(RuntimeError):  # it rings already
            self._bell.release()

    def stop(self) -> None:
        """Ends the thread; called when nothing is left that could hang."""
        self._stopped = True
        self.rouse()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        inbox = self._inbox
        turns = -1
        quiet = 0
        while (pause := self._do_chores()) is not None:
            # It looks once more after it has said that it dozes: a call that began meanwhile has been missed by none.
            is_asleep = quiet > _QUIET_TICKS
            is_roused = self._bell.acquire(timeout=pause if is_asleep else min(pause, _TICK_S))
            if inbox.is_attended and inbox.stand_in(self._do_chores):
                quiet = 0
                self.dozing = False
            elif is_roused or inbox.turns != turns:
                turns = inbox.turns
                quiet = 0
                self.dozing = False
            elif inbox.calls and inbox.is_connected and inbox.stand_in(self._do_chores):
                quiet = 0
            else:
                quiet += 1
                self.dozing = quiet >= _QUIET_TICKS

    def _do_chores(self) -> float | None:
        """Does what is due and returns the seconds until something is; ``None`` when this thread is to end."""
        if self._stopped:
            return None
        self._interruption.interrupt_when_overdue()
        self._signals.report()
        now = monotonic()
        due = self._heart.beat_when_due(now)
        ending = self._inbox.ending
        if ending is not None and ending.kill_at is not None:
            if now >= ending.kill_at:
                end_group(ending.exit_status)
            due = min(due, ending.kill_at)
        return max(0.0, due - now)
