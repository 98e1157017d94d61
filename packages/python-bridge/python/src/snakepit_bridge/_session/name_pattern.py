"""Which names are meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any


def is_pattern(text: str) -> bool:
    """Whether a text stands for several names: ``*`` for any text, ``?`` for one character."""
    return "*" in text or "?" in text


def matcher(pattern: str) -> Callable[[str], bool]:
    """Tells which names match a pattern, as the host does."""
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    matches = re.compile("".join(parts), re.DOTALL).fullmatch
    return lambda name: matches(name) is not None


class WatchedNames:
    """The variables that somebody watches."""

    __slots__ = ("_matchers", "_names", "payload")

    def __init__(self, names: Sequence[str]) -> None:
        """Reads names and patterns; none of them is all variables.

        Raises:
            TypeError: one is no text.
        """
        for each in names:
            if not isinstance(each, str):
                raise TypeError(f"the name of a variable is a str, not {type(each).__name__}")
        patterns = [each for each in names if is_pattern(each)] if names else ["*"]
        self.payload: dict[str, Any]
        """What the host is asked for. It knows names or one pattern; what is more than that is picked out here."""
        self._names = {each for each in names if not is_pattern(each)}
        self._matchers = [matcher(each) for each in patterns]
        if not patterns:
            self.payload = {"names": list(dict.fromkeys(names)), "pattern": None}
        elif len(patterns) == 1 and not self._names:
            self.payload = {"names": None, "pattern": patterns[0]}
        else:
            self.payload = {"names": None, "pattern": "*"}

    def __contains__(self, name: str) -> bool:
        return name in self._names or any(matches(name) for matches in self._matchers)
