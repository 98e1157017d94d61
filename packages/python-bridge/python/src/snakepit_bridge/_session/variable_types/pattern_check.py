"""Matches strings against patterns in unit tests, where no host is available.

A host uses RE2, which matches in linear time. This module supports the syntax that RE2 and Python's ``re`` have in
common and rejects other patterns, so that a test never passes because of different semantics. ``re`` backtracks: a
pattern that a host matches at once may hang a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from .shown_value import quoted
from .variable_error import invalid_variable

_MAX_REPETITIONS: Final = 1_000
_ESCAPE: Final = r"\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[dDwWsS]|[aftnrv]|[!-/:-@\[-`{-~])"
_TOKEN: Final = re.compile(
    rf"""(?P<edge>\\[AzbB]|[$^])
    |(?P<escape>{_ESCAPE})
    |\[(?P<negation>\^?)(?P<members>\]?(?:{_ESCAPE}|[^\]\\\[])*)\]
    |(?P<repetition>\{{\d+(?:,\d*)?\}}|[*+?])(?P<lazy>\??)
    |(?P<syntax>\((?:\?:|\?P<[A-Za-z_][A-Za-z0-9_]*>|(?!\?))|[|).])
    |(?P<literal>[^\\\[*+?(])""",
    re.VERBOSE | re.DOTALL,
)
_MEMBER: Final = re.compile(rf"(?P<escape>{_ESCAPE})|(?P<literal>.)", re.DOTALL)
_EDGES: Final = {"^": r"\A", "$": r"\Z", r"\z": r"\Z"}
_CONTROLS: Final = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_SPACE: Final = r"\t\n\f\r "


def check_pattern(name: str, constraints: Mapping[str, Any], value: Any) -> None:
    """Checks a string returned by ``check_variable`` against the pattern of its variable, if there is one.

    Raises:
        VariableError: ``INVALID_ARGUMENT``, with the reason ``pattern`` when the string does not match, ``definition``
            when the pattern is invalid or needs a host.
    """
    pattern = constraints.get("pattern")
    if pattern is None:
        return
    try:
        expression = _compiled(pattern)
    except (re.error, OverflowError, ValueError) as error:
        problem = f": pattern must be a regular expression in RE2 syntax; got {quoted(pattern)}: {error}"
        raise invalid_variable(name, "definition", problem, "pattern") from None
    if expression.search(value) is None:
        problem = f" must match the pattern {quoted(pattern)}; got a string that does not match"
        raise invalid_variable(name, "pattern", problem)


@lru_cache(maxsize=200)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Returns the pattern, compiled by ``re``."""
    translated: list[str] = []
    position = 0
    was_repeated = False
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            raise ValueError(_not_supported(pattern, position))
        repetition = token["repetition"]
        if repetition is not None and was_repeated:
            raise ValueError(f"two consecutive repetitions at character {position + 1}")
        translated.append(_translated(token))
        was_repeated = repetition is not None
        position = token.end()
    return re.compile("".join(translated), re.ASCII)


def _translated(token: re.Match[str]) -> str:
    if token["edge"] is not None:
        return _EDGES.get(token["edge"], token["edge"])
    if token["escape"] is not None:
        return _escape(token["escape"], in_class=False)
    if token["members"] is not None:
        return f"[{token['negation']}{_class_members(token['members'])}]"
    if token["repetition"] is not None:
        counts = [int(count) for count in re.findall(r"\d+", token["repetition"])]
        if max(counts, default=0) > _MAX_REPETITIONS:
            raise ValueError(f"a repetition must be at most {_MAX_REPETITIONS} times; got {token['repetition']}")
        return str(token[0])
    return token["syntax"] or re.escape(token["literal"])


def _class_members(members: str) -> str:
    if not members:
        raise ValueError("a class must have members")
    return "".join(
        _escape(each["escape"], in_class=True)
        if each["escape"] is not None
        else each["literal"]
        if each["literal"] == "-"
        else re.escape(each["literal"])
        for each in _MEMBER.finditer(members)
    )


def _escape(escape: str, *, in_class: bool) -> str:
    letter = escape[1]
    if letter == "x":
        return re.escape(chr(int(escape[2:].strip("{}"), 16)))
    if letter == "s":
        # In RE2, unlike in Python, the vertical tab is not white space.
        return _SPACE if in_class else f"[{_SPACE}]"
    if letter == "S":
        if in_class:
            raise ValueError(r"\S in a class is not supported in unit tests; test the pattern with a host")
        return f"[^{_SPACE}]"
    if letter in _CONTROLS:
        return re.escape(_CONTROLS[letter])
    return escape if letter in "dDwW" else re.escape(letter)


def _not_supported(pattern: str, position: int) -> str:
    found = quoted(pattern[position : position + 3])
    return f"{found} at character {position + 1} is not supported in unit tests; test the pattern with a host"
