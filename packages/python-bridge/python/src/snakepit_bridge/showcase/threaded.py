"""An adapter for the thread profile: the three ways in which threads can safely share an instance."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from .._thread_safety import (
    RequestTracker,
    ThreadLocal,
    ThreadSafeAdapter,
    ThreadSafetyReport,
    locked,
    thread_safety_report,
)
from .._tools import tool

_STOP_WORDS = ("a", "an", "and", "of", "or", "the", "to")


class ThreadedAdapter(ThreadSafeAdapter):
    """Tools that several threads may execute at the same time.

    What they share is read-only (``stop_words``), different for each thread (``random``), or used only while a lock is
    held (``counts``).
    """

    def __init__(self, *, stop_words: list[str] | None = None, seed: int = 1) -> None:
        """Creates the adapter.

        Args:
            stop_words: words that are not counted; default: a few English ones.
            seed: seeds the random numbers of each thread.
        """
        # Read-only: nothing changes it after the constructor, so threads need no lock.
        self.stop_words = frozenset(_STOP_WORDS if stop_words is None else stop_words)
        # Thread-local: each thread creates its own generator, on first use.
        self.random = ThreadLocal(lambda: Random(seed))  # noqa: S311 (not for secrets)
        # Locked: only the methods with @locked use it.
        self.counts: Counter[str] = Counter()
        self.tracker = RequestTracker()

    @tool
    def count_words(self, text: str) -> dict[str, int]:
        """Counts the words of a string, and adds them to the counts of this worker."""
        with self.tracker:
            words = Counter(each for each in text.lower().split() if each not in self.stop_words)
            self._add(words)
            return dict(words)

    @tool
    def draw(self, count: int) -> dict[str, Any]:
        """Returns random numbers from the generator of the thread that executes the call."""
        with self.tracker:
            random = self.random.get()
            return {"thread": threading.current_thread().name, "numbers": [random.random() for _ in range(count)]}

    @tool
    def top_words(self, limit: int = 10) -> Iterator[dict[str, Any]]:
        """Streams the most frequent words, from a copy that was made while the lock was held."""
        for word, count in self._most_common(limit):
            yield {"word": word, "count": count}

    @tool
    def get_stats(self) -> dict[str, Any]:
        """Returns the requests of this worker in total, at present and by thread."""
        return {**self.tracker.statistics()}

    @tool
    def report(self) -> ThreadSafetyReport:
        """Returns the report about thread safety of this worker."""
        return thread_safety_report()

    @locked
    def _add(self, words: Counter[str]) -> None:
        self.counts.update(words)

    @locked
    def _most_common(self, limit: int) -> list[tuple[str, int]]:
        return self.counts.most_common(limit)
