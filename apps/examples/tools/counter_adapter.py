"""An adapter: a class whose methods are tools. Each worker has one instance."""

from __future__ import annotations

from snakepit_bridge import Adapter, tool


class Counter(Adapter):
    """Keeps expensive state, here a vocabulary, between calls."""

    def setup(self) -> None:
        """Runs once in each worker, before its first call."""
        self.vocabulary: dict[str, int] = {}

    @tool
    def learn(self, text: str) -> int:
        """Adds the words of ``text``; returns the size of the vocabulary."""
        for word in text.lower().split():
            self.vocabulary.setdefault(word, len(self.vocabulary))
        return len(self.vocabulary)

    @tool
    def encode(self, text: str) -> list[int]:
        """Returns the number of each word; -1 for an unknown word."""
        return [self.vocabulary.get(word, -1) for word in text.lower().split()]
