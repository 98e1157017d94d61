"""Checks strings, choices and paths of modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .shown_value import counted, kind_of, listed, quoted
from .text_pattern import MAX_MATCHED_CHARACTERS, TextPattern
from .variable_error import invalid_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = "[A-Za-z_][A-Za-z0-9_]*"
_MODULE_PATH: Final = re.compile(rf"{_NAME}(?:\.{_NAME})*(?::{_NAME}(?:\.{_NAME})*)?")
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")


def is_well_formed(text: str) -> bool:
    """Say whether a text can be sent: it has no half of a surrogate pair in it."""
    return text.isascii() or _HALF_PAIR.search(text) is None


def check_string(name: str, value: Any, constraints: Mapping[str, Any]) -> str:
    """Return the string that a value is."""
    if not isinstance(value, str):
        raise invalid_variable(name, "type", f" takes a string, not {kind_of(value)}")
    if not is_well_formed(value):
        problem = " has half of a surrogate pair in it, which cannot be sent; replace it first"
        raise invalid_variable(name, "type", problem)
    _check_characters(name, value, constraints)
    return str.__str__(value)


def check_module(name: str, value: Any, constraints: Mapping[str, Any]) -> str:
    """Return the path of a module or of something in it; whether it exists is not looked at."""
    if isinstance(value, str) and _MODULE_PATH.fullmatch(value):
        _check_characters(name, value, constraints)
        return str.__str__(value)
    is_text = isinstance(value, str)
    shown = quoted(value) if is_text else kind_of(value)
    problem = f" takes a path such as pkg.mod or pkg.mod:Class, not {shown}"
    raise invalid_variable(name, "module" if is_text else "type", problem)


def check_choice(name: str, value: Any, constraints: Mapping[str, Any]) -> str:
    """Return the choice that a value is."""
    choices = constraints["choices"]
    if isinstance(value, str) and value in choices:
        return str.__str__(value)
    is_text = isinstance(value, str)
    shown = quoted(value) if is_text else kind_of(value)
    problem = f" takes one of {listed([quoted(choice) for choice in choices])}, not {shown}"
    raise invalid_variable(name, "choice" if is_text else "type", problem)


def _check_characters(name: str, text: str, constraints: Mapping[str, Any]) -> None:
    least, most, pattern = (constraints.get(each) for each in ("minLength", "maxLength", "pattern"))
    if least is not None and len(text) < least:
        raise _wrong_length(name, "at least", least, len(text))
    if most is not None and len(text) > most:
        raise _wrong_length(name, "at most", most, len(text))
    if pattern is None:
        return
    if len(text) > MAX_MATCHED_CHARACTERS:
        allowed = counted(MAX_MATCHED_CHARACTERS, "character")
        raise invalid_variable(name, "length", f" has a pattern and so at most {allowed}, not {len(text)}")
    if not TextPattern.of(pattern).is_found_in(text):
        problem = f" must match the pattern {quoted(pattern)}, and the text given does not"
        raise invalid_variable(name, "pattern", problem)


def _wrong_length(name: str, bound: str, length: int, characters: int) -> Exception:
    return invalid_variable(name, "length", f" must have {bound} {counted(length, 'character')}, not {characters}")
