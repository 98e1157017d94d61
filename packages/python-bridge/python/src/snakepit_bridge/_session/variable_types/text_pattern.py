"""Patterns that texts are tried on."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from .pattern_parser import PatternError, parse_pattern
from .pattern_syntax import Alternatives, Characters, Edge, Node, Repeat, Sequence, size_of

_MAX_SOURCE_CHARACTERS: Final = 1_000
"""Characters of a pattern."""
_MAX_STEPS: Final = 500
"""Steps of a pattern, repeats written out."""

MAX_MATCHED_CHARACTERS: Final = 5_000
"""Characters of a text that a pattern is tried on."""

_Step = Characters | Edge | tuple[int, ...]
"""A character to read, an edge to stand at, or the places at which to go on."""


class TextPattern:
    """A pattern that means the same here and in TypeScript, where its dialect is described: ``text-pattern.ts``.

    Matching follows all possibilities at once, so its time is bounded by the length of the text times that of the
    pattern (https://swtch.com/~rsc/regexp/regexp1.html): no pattern and no text makes it run away.
    """

    __slots__ = ("_steps",)

    def __init__(self, source: str) -> None:
        """Use ``of``, which remembers."""
        if len(source) > _MAX_SOURCE_CHARACTERS:
            raise PatternError(f"it has more than {_MAX_SOURCE_CHARACTERS} characters; shorten it")
        pattern = parse_pattern(source)
        if size_of(pattern) > _MAX_STEPS:
            problem = f"with its repeats written out it has more than {_MAX_STEPS} steps; repeat less, or less of it"
            raise PatternError(problem)
        self._steps: list[_Step] = []
        _append(self._steps, pattern)

    @staticmethod
    @lru_cache(maxsize=200)
    def of(source: str) -> TextPattern:
        """Return the pattern.

        Raises:
            PatternError: it is no pattern of this dialect.
        """
        return TextPattern(source)

    def is_found_in(self, text: str) -> bool:
        """Say whether the pattern is found anywhere in a text."""
        end = len(text)
        steps = self._steps
        places: list[int] = []
        for position in range(end + 1):
            waiting = self._follow([0, *places], at_start=position == 0, at_end=position == end)
            if waiting is None:
                return True
            if position < end:
                character = text[position]
                places = [place + 1 for place in waiting if character in steps[place]]  # type: ignore[operator]
        return False

    def _follow(self, places: list[int], *, at_start: bool, at_end: bool) -> list[int] | None:
        """Return the steps that wait for a character, each once, however many ways lead there; None for a match."""
        steps = self._steps
        reached: set[int] = set()
        waiting: list[int] = []
        while places:
            place = places.pop()
            if place in reached:
                continue
            reached.add(place)
            if place == len(steps):
                return None
            step = steps[place]
            if isinstance(step, Characters):
                waiting.append(place)
            elif isinstance(step, tuple):
                places.extend(step)
            elif at_start if step.symbol == "^" else at_end:
                places.append(place + 1)
        return waiting


def _append(steps: list[_Step], node: Node) -> None:
    """Add the steps that find what a node describes."""
    if isinstance(node, Sequence):
        for part in node.parts:
            _append(steps, part)
    elif isinstance(node, Alternatives):
        _append_alternatives(steps, node)
    elif isinstance(node, Repeat):
        _append_repeat(steps, node)
    else:
        steps.append(node)


def _append_alternatives(steps: list[_Step], node: Alternatives) -> None:
    ends: list[int] = []
    for option in node.options[:-1]:
        fork = _reserve(steps)
        _append(steps, option)
        ends.append(_reserve(steps))
        steps[fork] = (fork + 1, len(steps))
    _append(steps, node.options[-1])
    for end in ends:
        steps[end] = (len(steps),)


def _append_repeat(steps: list[_Step], node: Repeat) -> None:
    for _ in range(node.least):
        _append(steps, node.part)
    if node.most == math.inf:
        fork = _reserve(steps)
        _append(steps, node.part)
        steps.append((fork,))
        steps[fork] = (fork + 1, len(steps))
        return
    forks: list[int] = []
    for _ in range(int(node.most) - node.least):
        forks.append(_reserve(steps))
        _append(steps, node.part)
    for fork in forks:
        steps[fork] = (fork + 1, len(steps))


def _reserve(steps: list[_Step]) -> int:
    """Keep a place for a step whose target is not known yet."""
    steps.append(())
    return len(steps) - 1
