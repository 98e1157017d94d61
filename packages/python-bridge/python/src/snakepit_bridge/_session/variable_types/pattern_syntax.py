"""What a pattern is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

LAST_CHARACTER: Final = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]
"""Characters: from and to, both ends included."""


@dataclass(frozen=True)
class Characters:
    """One of these characters; or one of all others."""

    ranges: Ranges
    negated: bool = False

    @cached_property
    def _ascii(self) -> frozenset[str]:
        return frozenset(character for character in map(chr, range(128)) if self._has(ord(character)))

    def __contains__(self, character: str) -> bool:
        return character in self._ascii if character < "\x80" else self._has(ord(character))

    def _has(self, code: int) -> bool:
        return any(first <= code <= last for first, last in self.ranges) != self.negated


@dataclass(frozen=True)
class Edge:
    """The text begins here, or ends here."""

    symbol: str
    """``^`` or ``$``."""


@dataclass(frozen=True)
class Sequence:
    """One after another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Alternatives:
    """One of these."""

    options: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """The same several times; ``most`` is ``math.inf`` for any number of times."""

    part: Node
    least: int
    most: float


Node = Characters | Edge | Sequence | Alternatives | Repeat

DIGITS: Final[Ranges] = ((0x30, 0x39),)
WORD_CHARACTERS: Final[Ranges] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
WHITE_SPACE: Final[Ranges] = ((0x09, 0x0D), (0x20, 0x20))

ANY_CHARACTER: Final = Characters(((0x0A, 0x0A),), negated=True)
"""All characters but a line feed."""


def complement(ranges: Ranges) -> Ranges:
    """Return the ranges between ranges that are in order."""
    starts = [0, *(last + 1 for _, last in ranges)]
    ends = [*(first - 1 for first, _ in ranges), LAST_CHARACTER]
    return tuple(zip(starts, ends, strict=True))


def size_of(node: Node) -> float:
    """Say how many steps a pattern becomes, before any are made: a small pattern of great repeats costs nothing."""
    if isinstance(node, Sequence):
        return 1 + sum(map(size_of, node.parts))
    if isinstance(node, Alternatives):
        return sum(size_of(option) + 1 for option in node.options)
    if isinstance(node, Repeat):
        size = size_of(node.part)
        return size * node.least + (size + 1) * (1 if node.most == math.inf else node.most - node.least)
    return 1
