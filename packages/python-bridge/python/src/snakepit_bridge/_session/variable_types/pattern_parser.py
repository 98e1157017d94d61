"""Reads patterns. What is accepted, and every message, is the same in TypeScript: ``parse-pattern.ts``."""

from __future__ import annotations

import math
import re
from typing import Final

from .pattern_syntax import (
    ANY_CHARACTER,
    DIGITS,
    WHITE_SPACE,
    WORD_CHARACTERS,
    Alternatives,
    Characters,
    Edge,
    Node,
    Ranges,
    Repeat,
    Sequence,
    complement,
)

_MAX_DEPTH: Final = 20
"""Groups inside groups."""
_MAX_REPEATS: Final = 500
"""How often something may be repeated by number."""

_CLASSES: Final[dict[str, Ranges]] = {
    "d": DIGITS,
    "D": complement(DIGITS),
    "w": WORD_CHARACTERS,
    "W": complement(WORD_CHARACTERS),
    "s": WHITE_SPACE,
    "S": complement(WHITE_SPACE),
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_SPECIAL: Final = frozenset("\\^$.|?*+()[]{}/")
"""What has a meaning of its own, and stands for itself after a backslash."""
_HEX_DIGITS: Final = {"x": 2, "u": 4}
_HEX: Final = re.compile("[0-9A-Fa-f]+")
_SIMPLE_REPEATS: Final = {"*": (0, math.inf), "+": (1, math.inf), "?": (0, 1)}


class PatternError(ValueError):
    """A pattern is not one. The message says what is wrong and what to write instead."""


def parse_pattern(source: str) -> Node:
    """Read a pattern of the dialect that ``TextPattern`` describes.

    Raises:
        PatternError: it is not one.
    """
    return _Parser(source).parse()


class _Parser:
    __slots__ = ("_at", "_depth", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0

    def parse(self) -> Node:
        pattern = self._alternatives()
        if self._next() == ")":
            raise self._error("no group is open; write \\) for )")
        return pattern

    def _next(self) -> str:
        """Return the character that comes next; an empty text at the end."""
        return self._source[self._at : self._at + 1]

    def _takes(self, character: str) -> bool:
        if self._next() != character:
            return False
        self._at += 1
        return True

    def _error(self, problem: str, at: int | None = None) -> PatternError:
        return PatternError(f"at character {(self._at if at is None else at) + 1}: {problem}")

    def _alternatives(self) -> Node:
        options = [self._sequence()]
        while self._takes("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Alternatives(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._next() not in {"", "|", ")"}:
            parts.append(self._repeated())
        return Sequence(tuple(parts))

    def _repeated(self) -> Node:
        part = self._part()
        at = self._at
        repeats = self._repeats()
        if repeats is None:
            return part
        if isinstance(part, Edge):
            raise self._error(f"{part.symbol} cannot be repeated", at)
        again = self._at
        if self._repeats() is not None:
            raise self._error("two repeats follow one another; put the first into a group", again)
        return Repeat(part, *repeats)

    def _repeats(self) -> tuple[int, float] | None:
        simple = _SIMPLE_REPEATS.get(self._next())
        if simple is not None:
            self._at += 1
            return simple
        at = self._at
        if not self._takes("{"):
            return None
        least = self._count()
        most: float | None = least
        if self._takes(","):
            most = self._count()
            most = math.inf if most is None else most
        if least is None or most is None or not self._takes("}"):
            raise self._error("{ begins no repeat such as {2}, {2,} or {2,5}; write \\{ for {", at)
        if least > most:
            raise self._error(f"the repeat goes from {least} down to {most}", at)
        if (least if most == math.inf else most) > _MAX_REPEATS:
            raise self._error(f"a repeat is at most {_MAX_REPEATS} times", at)
        return least, most

    def _count(self) -> int | None:
        """Read a number of at most six digits, which is more than any that is accepted."""
        digits = ""
        while "0" <= self._next() <= "9":
            if len(digits) < 6:
                digits += self._next()
            self._at += 1
        return int(digits) if digits else None

    def _part(self) -> Node:
        at = self._at
        character = self._next()
        self._at += 1
        if character in "^$":
            return Edge(character)
        if character == ".":
            return ANY_CHARACTER
        if character == "(":
            return self._group(at)
        if character == "[":
            return self._character_class(at)
        if character == "\\":
            return Characters(self._escape(at, in_class=False))
        if character in "*+?":
            problem = f"nothing stands before {character} that it could repeat; write \\{character} for it"
            raise self._error(problem, at)
        if character in "{}]":
            raise self._error(f"write \\{character} for {character}", at)
        return Characters(_one(character))

    def _group(self, at: int) -> Node:
        if self._takes("?") and not self._takes(":"):
            raise self._error("of the groups that begin with (? only (?: is supported", at)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._error(f"groups lie deeper in one another than {_MAX_DEPTH}", at)
        inner = self._alternatives()
        if not self._takes(")"):
            raise self._error("the group is not closed; write \\( for (", at)
        self._depth -= 1
        return inner

    def _character_class(self, at: int) -> Node:
        negated = self._takes("^")
        ranges: list[tuple[int, int]] = []
        if self._next() == "]":
            raise self._error("nothing stands between the brackets; write \\] for ]", at)
        while not self._takes("]"):
            if self._next() == "":
                raise self._error("the bracket is not closed; write \\[ for [", at)
            ranges.extend(self._class_range(at))
        return Characters(tuple(ranges), negated)

    def _class_range(self, opening: int) -> Ranges:
        """Read one character of a class, one of the classes with a letter, or a range."""
        at = self._at
        first = self._class_member(opening)
        range_at = self._at
        if self._next() != "-" or self._source[range_at + 1 : range_at + 2] in {"]", ""}:
            return first
        self._at += 1
        last = self._class_member(opening)
        if not (_is_one(first) and _is_one(last)):
            raise self._error("a range goes from one character to another; write \\- for -", range_at)
        if first[0][0] > last[0][0]:
            raise self._error("the range goes backwards", at)
        return ((first[0][0], last[0][0]),)

    def _class_member(self, opening: int) -> Ranges:
        at = self._at
        character = self._next()
        self._at += 1
        if character == "\\":
            return self._escape(at, in_class=True)
        if character == "[":
            raise self._error("write \\[ for [", at)
        if character == "-":
            is_first = self._source[opening + 1 : at] in {"", "^"}
            if not is_first and self._next() != "]":
                raise self._error("write \\- for -", at)
        return _one(character)

    def _escape(self, at: int, *, in_class: bool) -> Ranges:
        """Read what follows a backslash."""
        letter = self._next()
        if letter == "":
            raise self._error("nothing follows the backslash", at)
        self._at += 1
        if letter in _SPECIAL or (in_class and letter == "-"):
            return _one(letter)
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter in _CONTROLS:
            return _one(_CONTROLS[letter])
        if letter in _HEX_DIGITS:
            return self._numbered_character(letter, _HEX_DIGITS[letter], at)
        if letter in "bB":
            raise self._error("boundaries of words are not supported", at)
        if "1" <= letter <= "9":
            raise self._error("references to groups are not supported", at)
        raise self._error(f"\\{letter} has no meaning", at)

    def _numbered_character(self, letter: str, digits: int, at: int) -> Ranges:
        hexadecimal = self._source[self._at : self._at + digits]
        if len(hexadecimal) != digits or not _HEX.fullmatch(hexadecimal):
            raise self._error(f"\\{letter} takes {digits} hexadecimal digits", at)
        self._at += digits
        code = int(hexadecimal, 16)
        if 0xD800 <= code <= 0xDFFF:
            raise self._error("half of a surrogate pair is no character; write the character itself", at)
        return ((code, code),)


def _one(character: str) -> Ranges:
    return ((ord(character), ord(character)),)


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]
