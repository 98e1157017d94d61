"""Checks of literals, and literals as tags of the members of a union."""

from __future__ import annotations

import enum
import typing
from collections.abc import Sequence
from typing import Any

from .annotations import unqualified
from .checker import Check
from .enums import same, shown, wire_form
from .mismatch import Mismatch


def literal_check(values: Sequence[Any]) -> Check:
    """Returns a check that a value equals one of the literals and has its type."""
    forms = [(wire_form(_plain(value)), value) for value in values]
    integers = all(type(value) is int for value in values)
    strings = all(type(value) is str for value in values)

    def check(value: Any) -> Any:
        form = wire_form(_plain(value))
        for known, literal in forms:
            if same(known, form) and not (isinstance(value, float) and isinstance(literal, int)):
                return literal
        if strings and not isinstance(value, str):
            raise Mismatch.expected("str", value)
        if integers and not isinstance(value, int):
            raise Mismatch.expected("int", value)
        raise Mismatch(f"Invalid enum value {shown(value)}")

    return check


def literal_tags(annotation: Any) -> frozenset[Any] | None:
    """Returns the literals that a field accepts, converted by :func:`tag_of`; ``None`` if it accepts other values."""
    annotation, _ = unqualified(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return literal_tags(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is not typing.Literal:
        return None
    return frozenset(tag_of(_plain(each)) for each in typing.get_args(annotation) if _is_hashable(_plain(each)))


def tag_of(value: Any) -> Any:
    """Returns a literal as a key of tags, in which ``True`` and 1 differ."""
    return (type(value), value)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
