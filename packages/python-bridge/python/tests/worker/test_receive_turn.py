"""The hand-over of receiving: all interleavings of its two threads, a state machine of one, and real threads."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans

from snakepit_bridge._worker.receive_turn import ReceiverWakeup, ReceiveTurn

from .interleavings import DeadlockError, Schedule, ScheduledLock, explore


class ScheduledSource:
    """A connection on which batches arrive whenever the thread that receives is picked to run."""

    def __init__(self, schedule: Schedule, batches: int) -> None:
        self._schedule = schedule
        self._left = batches
        self._receiving = 0
        self.received = 0
        self.is_connected = True
        self.has_ended = False
        """Set when the main thread has finished: a receive of the receiver thread then times out."""

    def receive(self, timeout: float | None) -> bool:
        assert self._receiving == 0, "both threads receive"
        self._receiving += 1
        try:
            self._schedule.step("receive", lambda: self._left > 0 or timeout == 0 or self.has_ended)
            if self._left == 0:
                return False
            self._left -= 1
            # The batch is taken from the system here and dispatched later, as in the frame dispatcher.
            self._schedule.step("dispatch")
            self.received += 1
            return True
        finally:
            self._receiving -= 1

    def has_unread(self) -> bool:
        return False

    def has_arrived(self) -> bool:
        return self._left > 0

    def wait_for_arrival(self, timeout: float | None) -> bool:
        self._schedule.step("wait for arrival", lambda: self._left > 0)
        return True


def turn_of(schedule: Schedule, source: ScheduledSource, kind: type[ReceiveTurn] = ReceiveTurn) -> ReceiveTurn:
    names = iter(("turn", "handing over"))
    return kind(source, ReceiverWakeup(), lambda: ScheduledLock(schedule, next(names)))


def waits_for_each_batch(schedule: Schedule, kind: type[ReceiveTurn], *, batches: int) -> None:
    """The main thread waits for one batch after the other; the receiver thread replaces it twice."""
    source = ScheduledSource(schedule, batches)
    turn = turn_of(schedule, source, kind)
    seen = 0

    def main_thread() -> None:
        nonlocal seen
        for number in range(1, batches + 1):
            turn.wait(lambda number=number: source.received >= number)  # type: ignore[misc]
            seen += 1
        source.has_ended = True

    def receiver_thread() -> None:
        for _ in range(2):
            turn.stand_in(lambda: None if source.has_ended else 3600.0)

    schedule.run(main_thread, receiver_thread)
    assert (seen, source.received) == (batches, batches)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("batches", [1, 2] if os.environ.get("SNAKEPIT_LONG_TESTS") == "1" else [1])
def test_no_interleaving_deadlocks_or_loses_a_batch(batches: int) -> None:
    interleavings = explore(partial(waits_for_each_batch, kind=ReceiveTurn, batches=batches))
    assert interleavings > 50


class _IsInterrupted(ReceiveTurn):
    """A signal handler raises once while the main thread waits for the turn, after it was taken."""

    interrupts = 1

    def _wait_for_turn(self, until: float | None) -> bool:
        if self.interrupts == 0:
            return super()._wait_for_turn(until)
        self.interrupts -= 1
        self._interrupt()
        raise InterruptedError

    def _interrupt(self) -> None:
        super()._wait_for_turn(None)

    def wait(
        self, ready: Callable[[], object], until: float | None = None, *, can_be_interrupted: bool = False
    ) -> None:
        try:
            super().wait(ready, until, can_be_interrupted=True)
        except InterruptedError:
            super().wait(ready, until, can_be_interrupted=True)


class _IsInterruptedBefore(_IsInterrupted):
    """As above, before the turn was taken."""

    def _interrupt(self) -> None:
        pass


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", [_IsInterrupted, _IsInterruptedBefore])
def test_no_interleaving_deadlocks_or_loses_a_batch_when_a_handler_raises(kind: type[ReceiveTurn]) -> None:
    assert explore(partial(waits_for_each_batch, kind=kind, batches=1)) > 50


class _ChecksBeforeItRequests(ReceiveTurn):
    """Checks the condition and requests the turn in two steps: the receiver thread may dispatch a batch in between."""

    def _request_unless(self, ready: Callable[[], object]) -> bool:
        if ready():
            return False
        with self._handing_over:
            self._is_requested = True
        return True


class _ReceivesWithoutASecondCheck(ReceiveTurn):
    """Receives as soon as it has the turn, although the receiver thread may have received the batch before."""

    def _wait_once(self, ready: Callable[[], object], until: float | None, can_be_interrupted: bool) -> None:
        checks = iter((ready,))

        def only_once() -> object:
            check = next(checks, None)
            return check is not None and check()

        super()._wait_once(only_once, until, can_be_interrupted)


class _KeepsTheTurn(_IsInterrupted):
    """Does not release a turn that was taken before the handler raised."""

    def _wait_once(self, ready: Callable[[], object], until: float | None, can_be_interrupted: bool) -> None:
        try:
            super()._wait_once(ready, until, can_be_interrupted)
        except InterruptedError:
            self._turn.acquire(False)
            raise


@pytest.mark.timeout(600)
@pytest.mark.parametrize("broken", [_ChecksBeforeItRequests, _ReceivesWithoutASecondCheck, _KeepsTheTurn])
def test_the_exploration_finds_the_deadlock_without_each_rule(broken: type[ReceiveTurn]) -> None:
    with pytest.raises(DeadlockError):
        explore(partial(waits_for_each_batch, kind=broken, batches=1))


def test_an_event_loop_receives_every_batch_of_the_receiver_thread() -> None:
    def scenario(schedule: Schedule) -> None:
        source = ScheduledSource(schedule, 1)
        turn = turn_of(schedule, source)
        notified: list[int] = []

        def main_thread() -> None:
            # A loop: it looks when the descriptor becomes readable, and when it is notified.
            turn.receive_available()
            schedule.step("the loop sleeps", lambda: source.received > 0 and (turn.count > 0 or bool(notified)))
            source.has_ended = True

        def receiver_thread() -> None:
            turn.stand_in(lambda: None if source.has_ended else 3600.0)

        with turn.watched_by_loop(lambda: notified.append(source.received)):
            schedule.run(main_thread, receiver_thread)
        assert source.received == 1

    assert explore(scenario) > 5


class TurnMachine(RuleBasedStateMachine):
    """Any sequence of operations, one at a time: the turn is free between them and every batch is received once."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: deque[int] = deque()
        self.received: list[int] = []
        self.sent = 0
        self.notified = 0
        self.is_connected = True
        self.wakeup = ReceiverWakeup()
        self.turn = ReceiveTurn(self, self.wakeup)

    def receive(self, timeout: float | None) -> bool:
        if not self.arrived:
            assert timeout is not None, "it would wait forever"
            return False
        self.received.append(self.arrived.popleft())
        return True

    def has_unread(self) -> bool:
        return len(self.arrived) > 1

    def has_arrived(self) -> bool:
        return bool(self.arrived)

    def wait_for_arrival(self, timeout: float | None) -> bool:
        return bool(self.arrived)

    @rule()
    def arrive(self) -> None:
        self.sent += 1
        self.arrived.append(self.sent)

    @precondition(lambda self: self.arrived)
    @rule(can_be_interrupted=booleans())
    def main_thread_waits(self, can_be_interrupted: bool) -> None:
        before = self.turn.count
        goal = len(self.received) + 1
        self.turn.wait(lambda: len(self.received) >= goal, can_be_interrupted=can_be_interrupted)
        assert self.turn.count == before + 1

    @rule()
    def main_thread_waits_until_the_timeout(self) -> None:
        self.turn.wait(lambda: False, until=time.monotonic() - 1)

    @rule()
    def main_thread_receives_what_is_available(self) -> None:
        self.turn.receive_available()

    @rule()
    def receiver_thread_stands_in(self) -> None:
        assert self.turn.stand_in(lambda: 0.0 if self.arrived else None)
        assert not self.arrived

    @rule()
    def receiver_thread_stands_in_for_a_loop(self) -> None:
        notified: list[None] = []
        with self.turn.watched_by_loop(lambda: notified.append(None)):
            assert self.turn.stand_in(lambda: 0.0 if self.arrived else None)
        assert notified == [None]

    @rule()
    def another_thread_needs_the_receiver_thread(self) -> None:
        with self.turn.needed():
            assert self.turn.is_needed
            assert self.wakeup.wait(0)

    @invariant()
    def batches_are_received_once_and_in_order(self) -> None:
        assert self.received + list(self.arrived) == list(range(1, self.sent + 1))

    @invariant()
    def nothing_is_left_behind(self) -> None:
        assert not self.turn.is_needed
        assert not self.turn.is_watched_by_this_loop()


TurnMachine.TestCase.settings = settings(deadline=None, max_examples=60)
TestTurnMachine = TurnMachine.TestCase


class QueueSource:
    """A connection between real threads."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._batches: deque[int] = deque()
        self._receiving = threading.Lock()
        self.received: list[int] = []
        self.is_connected = True

    def send(self, batch: int) -> None:
        with self._arrived:
            self._batches.append(batch)
            self._arrived.notify()

    def receive(self, timeout: float | None) -> bool:
        assert self._receiving.acquire(blocking=False), "both threads receive"
        try:
            with self._arrived:
                if not self._arrived.wait_for(lambda: self._batches, timeout):
                    return False
                batch = self._batches.popleft()
            self.received.append(batch)
            return True
        finally:
            self._receiving.release()

    def has_unread(self) -> bool:
        return False

    def has_arrived(self) -> bool:
        return bool(self._batches)

    def wait_for_arrival(self, timeout: float | None) -> bool:
        with self._arrived:
            return self._arrived.wait_for(self.has_arrived, timeout)


def test_real_threads_hand_the_turn_over_repeatedly() -> None:
    source = QueueSource()
    turn = ReceiveTurn(source, ReceiverWakeup())
    is_done = threading.Event()
    stood_in = 0

    def receiver_thread() -> None:
        nonlocal stood_in
        while not is_done.is_set():
            stood_in += turn.stand_in(lambda: None if is_done.is_set() else 0.01)
            # It pauses between two turns, as for a tick: otherwise the main thread would hardly ever have one.
            is_done.wait(0.0001)

    thread = threading.Thread(target=receiver_thread)
    thread.start()
    try:
        for number in range(500):
            # Half of the batches arrive while the main thread waits, half of them before.
            sender = threading.Timer(0.0002, source.send, [number]) if number % 2 else None
            if sender is None:
                source.send(number)
            else:
                sender.start()
            turn.wait(lambda number=number: len(source.received) > number)  # type: ignore[misc]
            if sender is not None:
                sender.join()
    finally:
        is_done.set()
        thread.join()
    assert source.received == list(range(500))
    assert stood_in > 0
    assert turn.count > 0


def test_a_nested_wait_of_the_main_thread_is_rejected() -> None:
    source = QueueSource()
    turn = ReceiveTurn(source, ReceiverWakeup())
    source.send(1)
    calls: list[None] = []
    errors: list[str] = []

    def ready() -> bool:
        # The first call comes before the wait. Later ones stand for a finalizer or signal handler in the middle of it.
        calls.append(None)
        if len(calls) == 2:
            with pytest.raises(RuntimeError) as caught:
                turn.wait(lambda: False)
            errors.append(str(caught.value))
        return bool(source.received)

    turn.wait(ready)
    assert errors[0].startswith("the main thread is already waiting for the host")


def test_a_wait_of_a_finalizer_while_the_main_thread_receives_is_rejected() -> None:
    errors: list[str] = []

    class FinalizingSource(QueueSource):
        def receive(self, timeout: float | None) -> bool:
            with pytest.raises(RuntimeError) as caught:
                turn.wait(lambda: False)
            errors.append(str(caught.value))
            return super().receive(timeout)

    source = FinalizingSource()
    turn = ReceiveTurn(source, ReceiverWakeup())
    source.send(1)
    turn.receive_available()
    assert source.received == [1]
    assert errors[0].startswith("the main thread is already waiting for the host")
    turn.wait(lambda: source.received)
