"""Checks of objects with named fields: dataclasses, TypedDict, NamedTuple, and the classes of attrs and msgspec."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from .checker import Check, Checker, guarded
from .mismatch import Mismatch, names_secret


class Field(msgspec.Struct, frozen=True):
    """A field of a class, as an argument of its constructor."""

    name: str
    """Its name in the constructor."""
    keys: tuple[str, ...]
    """The keys that an object may use for it. Messages use the first."""
    checker: Checker
    required: bool
    converted_by_class: bool = False
    """Whether the class converts the value itself. Values that do not match are then passed to it."""


def field_of(name: str, keys: Sequence[str], checker: Checker, *, required: bool, by_class: bool = False) -> Field:
    """Returns a field. Its value is not shown when its name indicates a secret."""
    shown = guarded(checker) if checker.secret or any(map(names_secret, keys)) else checker
    return Field(name, tuple(dict.fromkeys(keys)), shown, required, by_class)


def record_check(
    fields: Sequence[Field], make: Callable[..., Any], *, forbid_unknown: bool = False, others: Sequence[str] = ()
) -> Check:
    """Returns a check of an object that constructs an instance from its fields. Unknown keys are ignored by default.

    Args:
        fields: the fields that the constructor takes.
        make: the constructor. A ValueError or TypeError that it raises means that the value is invalid.
        forbid_unknown: whether unknown keys are rejected.
        others: known keys that are not fields.
    """
    known = {*others, *(key for field in fields for key in field.keys)}

    def check(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Mismatch.expected("object", value)
        if forbid_unknown:
            for key in value:
                if key not in known:
                    raise Mismatch(f"Object contains unknown field {key}")
        return construct(make, (), checked_fields(fields, value))

    return check


def checked_fields(fields: Sequence[Field], value: Mapping[Any, Any]) -> dict[str, Any]:
    """Returns the values of the fields that an object has, by their names in the constructor.

    Raises:
        Mismatch: a field is invalid, or a required one is missing.
    """
    arguments: dict[str, Any] = {}
    for field in fields:
        key = next((key for key in field.keys if key in value), None)
        if key is not None:
            arguments[field.name] = _checked(field, value[key], key)
        elif field.required:
            raise Mismatch(f"Object missing required field {field.keys[0]}", is_public=True)
    return arguments


def named_tuple_check(kind: type, fields: Sequence[Field]) -> Check:
    """Returns a check of a named tuple in the form of an object or an array."""
    by_name = record_check(fields, kind)
    required = sum(field.required for field in fields)

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, (list, tuple)):
            if not isinstance(value, Mapping):
                raise Mismatch.expected("object or array", value)
            return by_name(value)
        if not required <= len(value) <= len(fields):
            lengths = str(required) if required == len(fields) else f"{required} to {len(fields)}"
            raise Mismatch(f"Expected array of length {lengths}, got {len(value)}", is_public=True)
        return construct(kind, [_checked(field, each, field.name) for field, each in zip(fields, value, strict=False)])

    return check


def construct(make: Callable[..., Any], positional: Sequence[Any], keywords: Mapping[str, Any] | None = None) -> Any:
    """Calls a constructor.

    Raises:
        Mismatch: the constructor rejects the values.
    """
    try:
        return make(*positional, **(keywords or {}))
    except Mismatch:
        raise
    except (ValueError, TypeError) as error:
        raise Mismatch(str(error) or type(error).__name__) from None


def is_typed_dict(kind: Any) -> bool:
    """Whether a class is a ``TypedDict`` of typing or typing_extensions."""
    return isinstance(kind, type) and issubclass(kind, dict) and hasattr(kind, "__required_keys__")


def is_named_tuple(kind: Any) -> bool:
    """Whether a class is a named tuple."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def is_generated(function: Any) -> bool:
    """Whether ``dataclass`` or attrs generated a method."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith("<")


def constructor_names(kind: type) -> frozenset[str] | None:
    """Returns the arguments of a constructor that was not generated; ``None`` when it accepts every name."""
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters):
        return None
    return frozenset(each.name for each in parameters)


def dataclass_init_fields(kind: Any) -> list[Any]:
    """Returns the parameters of a dataclass's constructor: its fields, and variables for ``__post_init__`` only."""
    ordinary = {field.name for field in dataclasses.fields(kind)}
    found = []
    for field in kind.__dataclass_fields__.values():
        is_init_variable = field._field_type.name == "_FIELD_INITVAR"
        if field.init and (field.name in ordinary or is_init_variable):
            found.append(field)
    return found


def _checked(field: Field, value: Any, key: str) -> Any:
    try:
        return field.checker.check(value)
    except Mismatch as mismatch:
        if field.converted_by_class:
            return value
        raise mismatch.within(f".{key}") from None
