"""Checks strings, choices and module paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .shown_value import counted, kind_of, listed, quoted
from .variable_error import invalid_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = "[A-Za-z_][A-Za-z0-9_]*"
_MODULE_PATH: Final = re.compile(rf"{_NAME}(?:\.{_NAME})*(?::{_NAME}(?:\.{_NAME})*)?")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MAX_MATCHED_CHARACTERS: Final = 5_000
"""The maximum number of characters of a string that a host matches against a pattern."""


def is_well_formed(text: str) -> bool:
    """Whether a string can be sent: it has no lone surrogate."""
    return text.isascii() or _LONE_SURROGATE.search(text) is None


def check_string(name: str, value: Any, constraints: Mapping[str, Any]) -> str:
    """Returns a value as a string."""
    if not isinstance(value, str):
        raise invalid_variable(name, "type", f" must be a string; got {kind_of(value)}")
    if not is_well_formed(value):
        problem = " must be a well-formed string; got one with a lone surrogate; replace it first"
        raise invalid_variable(name, "type", problem)
    _check_characters(name, value, constraints)
    return str.__str__(value)


def check_module(name: str, value: Any, constraints: Mapping[str, Any]) -> str:
    """Returns the path of a module or of an attribute of it. Whether it exists is not checked."""
    if isinstance(value, str) and _MODULE_PATH.fullmatch(value):
        _check_characters(name, value, constraints)
        return str.__str__(value)
    is_text = isinstance(value, str)
    shown = quoted(value) if is_text else kind_of(value)
    problem = f" must be a path such as pkg.mod or pkg.mod:Class; got {shown}"
    raise invalid_variable(name, "module" if is_text else "type", problem)


def check_choice(name: str, value: Any, constraints: Mapping[str, Any]) -> str:
    """Returns a value as a choice."""
    choices = constraints["choices"]
    if isinstance(value, str) and value in choices:
        return str.__str__(value)
    is_text = isinstance(value, str)
    shown = quoted(value) if is_text else kind_of(value)
    problem = f" must be one of {listed([quoted(choice) for choice in choices])}; got {shown}"
    raise invalid_variable(name, "choice" if is_text else "type", problem)


def _check_characters(name: str, text: str, constraints: Mapping[str, Any]) -> None:
    least, most, pattern = (constraints.get(each) for each in ("minLength", "maxLength", "pattern"))
    if least is not None and len(text) < least:
        raise _wrong_length(name, "at least", least, len(text))
    if most is not None and len(text) > most:
        raise _wrong_length(name, "at most", most, len(text))
    # The host checks whether it matches the pattern: only it has the pattern engine.
    if pattern is not None and len(text) > _MAX_MATCHED_CHARACTERS:
        allowed = counted(_MAX_MATCHED_CHARACTERS, "character")
        problem = f" must have at most {allowed}, because it has a pattern; got {len(text)}"
        raise invalid_variable(name, "length", problem)


def _wrong_length(name: str, bound: str, length: int, characters: int) -> Exception:
    return invalid_variable(name, "length", f" must have {bound} {counted(length, 'character')}; got {characters}")
