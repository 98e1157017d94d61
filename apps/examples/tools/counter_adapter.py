"""An adapter: a class whose methods are tools and whose instance lives as long as its worker."""

from __future__ import annotations

from snakepit_bridge import Adapter, tool


class Counter(Adapter):
    """Keeps something expensive, here a vocabulary, between calls."""

    def setup(self) -> None:
        """Runs once in each worker, before its first call."""
        self.vocabulary: dict[str, int] = {}

    @tool
    def learn(self, text: str) -> int:
        """Adds the words of a text; returns how many words are known."""
        for word in text.lower().split():
            self.vocabulary.setdefault(word, len(self.vocabulary))
        return len(self.vocabulary)

    @tool
    def encode(self, text: str) -> list[int]:
        """Turns words into numbers; -1 for a word that is not known."""
        return [self.vocabulary.get(word, -1) for word in text.lower().split()]
