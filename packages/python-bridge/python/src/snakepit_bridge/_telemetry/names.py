"""The rule for the names of spans, events and measurements."""

from __future__ import annotations

import re
from typing import Final, Literal

MAX_NAME: Final = 128
"""The maximum number of characters of a name."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[.:/-][A-Za-z0-9_]+)*", re.ASCII)
_RESERVED: Final = "snakepit."
# The names that a process uses are few. A tool that creates names at run time must not fill the memory.
_MAX_KNOWN: Final = 1_024
_known: set[str] = set()


def check_name(kind: Literal["span", "event"], name: str) -> None:
    """Checks the name of a span or event. Costs the lookup in a set for a name that was checked before.

    Raises:
        TypeError: it is not a string.
        ValueError: it violates the rule, which the message contains.
    """
    if name in _known:
        return
    if not isinstance(name, str):
        raise TypeError(f"the name of {_a(kind)} must be a string; got {type(name).__name__}")
    if len(name) > MAX_NAME or _NAME.fullmatch(name) is None:
        raise ValueError(
            f"the name of {_a(kind)} must be at most {MAX_NAME} letters, digits and underscores, "
            "with parts separated by one of . : / -, and begin with a letter or underscore; "
            f"got {name[: MAX_NAME + 1]!r}; put what varies into an attribute"
        )
    if name.startswith(_RESERVED):
        raise ValueError(f"the name of {_a(kind)} must not begin with '{_RESERVED}', which is reserved; got {name!r}")
    if len(_known) < _MAX_KNOWN:
        _known.add(name)


class NameFilter:
    """Selects names."""

    __slots__ = ("_names", "_prefixes")

    def __init__(self, patterns: list[str]) -> None:
        """Creates the filter.

        Args:
            patterns: names; one that ends in ``.*`` stands for all that begin with it, and ``*`` for all.
        """
        self._names = frozenset(each for each in patterns if not each.endswith("*"))
        self._prefixes = tuple(each[:-1] for each in patterns if each.endswith("*"))

    def includes(self, name: str) -> bool:
        """Whether a name is selected."""
        return name in self._names or name.startswith(self._prefixes)


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "event" else f"a {kind}"
