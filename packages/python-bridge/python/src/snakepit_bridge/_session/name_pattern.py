"""Patterns of names: which names ``*`` and ``?`` match."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._contract.payloads import VariablesWatchPayload


def is_pattern(name: str) -> bool:
    """Whether a string is a pattern: ``*`` matches any string, ``?`` one character."""
    return "*" in name or "?" in name


def matcher(pattern: str) -> Callable[[str], bool]:
    """Returns a function that checks whether a name matches a pattern, by the rules of the host."""
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    matches = re.compile("".join(parts), re.DOTALL).fullmatch
    return lambda name: matches(name) is not None


class WatchedNames:
    """The variables that a watch reports."""

    __slots__ = ("_matchers", "_names", "payload")

    def __init__(self, names: Sequence[str]) -> None:
        """Takes names and patterns; without any, all variables are watched.

        Raises:
            TypeError: one of them is not a string.
        """
        for each in names:
            if not isinstance(each, str):
                raise TypeError(f"the name of a variable must be a str; got {type(each).__name__}")
        patterns = [each for each in names if is_pattern(each)] if names else ["*"]
        self.payload: VariablesWatchPayload
        """The payload of the request. The host accepts names or one pattern; other combinations are filtered here."""
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
