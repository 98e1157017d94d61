"""The same work for three profiles: a lookup that waits, and a computation."""

import asyncio
import threading
import time

from snakepit_bridge import thread_safe, tool


class Meter:
    """Counts how many calls run at the same time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0
        self.most = 0

    def __enter__(self) -> None:
        with self._changed:
            self._running += 1
            self.most = max(self.most, self._running)
            self._changed.notify_all()

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._running -= 1

    def wait_for(self, calls: int) -> None:
        """Waits until this many calls have run at the same time."""
        with self._changed:
            self._changed.wait_for(lambda: self.most >= calls)


meter = Meter()


@tool
@thread_safe
def look_up(seconds: float) -> int:
    """Waits in the thread of the call. Returns how many calls have run at the same time in this worker so far."""
    with meter:
        time.sleep(seconds)
        return meter.most


@tool
@thread_safe
def meet(calls: int) -> int:
    """Waits for other calls. Returns how many calls have run at the same time in this worker so far."""
    with meter:
        meter.wait_for(calls)
        return meter.most


@tool
async def look_up_async(seconds: float) -> int:
    """Waits on the event loop."""
    with meter:
        await asyncio.sleep(seconds)
        return meter.most


@tool
@thread_safe
def count_primes(below: int) -> int:
    """Computes in pure Python, which keeps the interpreter lock."""
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, below))
