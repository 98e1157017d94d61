"""Checks of enumerations, whose values may be of any type."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping, Sequence
from typing import Any

from .checker import Check, Checker
from .mismatch import Mismatch, type_name

_MAX_SHOWN = 60


def is_native_enum(kind: type[enum.Enum]) -> bool:
    """Whether msgspec can check an enumeration: its values are all strings or all integers."""
    types = {type(member.value) for member in kind}
    return types in ({str}, {int})


def enum_check(kind: type[enum.Enum], values: Sequence[Checker]) -> Check:
    """Returns a check that converts a value to the member that has it.

    Args:
        kind: the enumeration.
        values: the checkers of the types of its members' values, for types that have several forms on the wire.
    """
    known: dict[Any, enum.Enum] = {}
    others: list[tuple[Any, enum.Enum]] = []
    for member in kind.__members__.values():
        form = wire_form(member.value)
        try:
            known.setdefault(form, member)
        except TypeError:  # it is not hashable
            others.append((form, member))

    def find(value: Any) -> enum.Enum | None:
        form = wire_form(value)
        try:
            return known.get(form)
        except TypeError:
            return next((member for other, member in others if same(other, form)), None)

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        found = find(value)
        if found is not None:
            return found
        for checker in values:
            try:
                found = find(checker.check(value))
            except Mismatch:
                continue
            if found is not None:
                return found
        try:
            # Combined flags, and classes that define ``_missing_``.
            found_by_class = None if isinstance(value, bool) else kind(value)
            # The class would return a member of value True for 1.
            if found_by_class is not None and not isinstance(found_by_class.value, bool):
                return found_by_class
        except (ValueError, TypeError, KeyError):
            pass
        raise Mismatch(f"Invalid enum value {shown(value)}")

    return check


def shown(value: Any) -> str:
    """Returns a value for a message, shortened."""
    if isinstance(value, (str, int, float)):
        text = repr(value)
        return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
    return type_name(value)


def wire_form(value: Any) -> Any:  # noqa: PLR0911 - one answer for each type
    """Returns a form that is equal before and after a value is sent, and in which ``True`` differs from 1."""
    if isinstance(value, enum.Enum):
        return wire_form(value.value)
    if isinstance(value, bool):
        return ("bool", bool(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return wire_form({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return wire_form(dict(zip(value._fields, value, strict=True)))
    if isinstance(value, Mapping):
        return ("map", sorted(((repr(wire_form(key)), wire_form(each)) for key, each in value.items()), key=repr))
    if isinstance(value, (list, tuple)):
        return ("array", [wire_form(each) for each in value])
    if isinstance(value, (set, frozenset)):
        return ("set", sorted((wire_form(each) for each in value), key=repr))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ("bytes", bytes(value))
    if isinstance(value, float) and math.isnan(value):
        return ("nan",)
    # Numbers of different types may be equal; other values of different types are not.
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two forms are equal."""
    try:
        return bool(one == other)
    except Exception:  # arrays, and user classes
        return False
