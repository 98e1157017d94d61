"""Checks of numpy scalars and arrays, for functions whose module has imported numpy."""

from __future__ import annotations

import datetime
import typing
from collections.abc import Callable
from typing import Any

from ..._libraries import if_loaded
from .annotations import text_of
from .checker import Check, Checker
from .mismatch import Mismatch, type_name


def numpy_checker(annotation: Any, kind: type, arguments: tuple[Any, ...]) -> Checker | None:
    """Returns the checker of a numpy class; ``None`` for other classes.

    Args:
        annotation: the class with its arguments.
        kind: the class.
        arguments: the arguments of ``ndarray[shape, dtype[...]]``.
    """
    numpy: Any = if_loaded("numpy")
    if numpy is None or not hasattr(numpy, "generic"):
        return None
    if issubclass(kind, numpy.ndarray):
        check: Check | None = _array_check(numpy, kind, _scalar_of(arguments))
    elif issubclass(kind, numpy.generic):
        check = _scalar_check(numpy, kind)
    else:
        check = _dtype_check(numpy, kind) if issubclass(kind, numpy.dtype) else None
    return None if check is None else Checker(text_of(annotation), check, native=annotation, by="hook")


def _scalar_of(arguments: tuple[Any, ...]) -> Any:
    """Returns the class of the elements; ``None`` when the annotation does not specify it."""
    if len(arguments) != 2:
        return None
    scalar = typing.get_args(arguments[1])
    return scalar[0] if len(scalar) == 1 and isinstance(scalar[0], type) else None


def _array_check(numpy: Any, kind: Any, scalar: Any) -> Check:
    """Returns a check that converts elements of another type if no value changes."""
    plain = kind is numpy.ndarray
    expected = None if scalar is None or not issubclass(scalar, numpy.generic) or scalar is numpy.generic else scalar

    def check(value: Any) -> Any:
        if not isinstance(value, numpy.ndarray):
            # A Uint8Array without a shape arrives as bytes, and a typed array that passed through JSON as a dict.
            hint = "; send a typed array or ndarray()" if isinstance(value, (list, tuple, bytes, dict)) else ""
            raise Mismatch(f"Expected ndarray, got {type_name(value)}{hint}", of_type=not hint)
        if expected is not None and not numpy.issubdtype(value.dtype, expected):
            value = _converted(numpy, value, expected)
        if plain or isinstance(value, kind):
            return value
        try:
            return value.view(kind)
        except (ValueError, TypeError) as error:
            raise Mismatch(str(error)) from None

    return check


def _converted(numpy: Any, value: Any, expected: Any) -> Any:
    abstract = (numpy.number, numpy.integer, numpy.signedinteger, numpy.unsignedinteger, numpy.inexact, numpy.floating)
    if (
        expected not in (*abstract, numpy.complexfloating, numpy.character, numpy.flexible)
        and value.dtype.kind != "b"
        and numpy.can_cast(value.dtype, numpy.dtype(expected), "safe")
    ):
        return value.astype(expected)
    raise Mismatch(f"Expected array of {expected.__name__}, got array of {value.dtype}")


def _scalar_check(numpy: Any, kind: Any) -> Check | None:
    convert = _scalar_conversion(numpy, kind)
    if convert is None:
        return None

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if isinstance(value, numpy.ndarray) and value.ndim == 0 and issubclass(value.dtype.type, kind):
            # Scalars without a type in Python, such as dates in nanoseconds, arrive as arrays.
            return value[()]
        scalar = convert(value)
        if scalar is None:
            raise Mismatch.expected(kind.__name__, value)
        return scalar

    return check


def _scalar_conversion(numpy: Any, kind: Any) -> Callable[[Any], Any] | None:  # noqa: PLR0911 - one for each class
    """Returns a conversion of values from the wire, which returns ``None`` for a value of another type."""
    if issubclass(kind, numpy.bool_):
        return lambda value: kind(value) if isinstance(value, bool) else None
    if issubclass(kind, numpy.datetime64):
        return lambda value: _datetime(numpy, value)
    if issubclass(kind, numpy.timedelta64):
        return lambda value: kind(value) if isinstance(value, datetime.timedelta) else None
    if issubclass(kind, numpy.integer):
        return lambda value: _integer(numpy, kind, value)
    if issubclass(kind, numpy.floating):
        return lambda value: _floating(numpy, kind, value)
    if issubclass(kind, numpy.complexfloating):
        return lambda value: _complex(numpy, kind, value)
    if issubclass(kind, numpy.str_):
        return lambda value: kind(value) if isinstance(value, str) else None
    if issubclass(kind, numpy.bytes_):
        return lambda value: kind(value) if isinstance(value, (bytes, bytearray)) else None
    if kind in (numpy.number, numpy.inexact, numpy.generic):
        return lambda value: _natural(numpy, kind, value)
    return None


def _is_number(value: Any, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _integer(numpy: Any, kind: Any, value: Any) -> Any:
    if not _is_number(value, int):
        return None
    if kind in (numpy.integer, numpy.signedinteger):
        kind = numpy.int64
    elif kind is numpy.unsignedinteger:
        kind = numpy.uint64
    limits = numpy.iinfo(kind)
    if not limits.min <= value <= limits.max:
        raise Mismatch(f"Expected {kind.__name__}, got int out of its range ({limits.min} to {limits.max})")
    return kind(value)


def _floating(numpy: Any, kind: Any, value: Any) -> Any:
    if not _is_number(value, int, float):
        return None
    kind = numpy.float64 if kind is numpy.floating else kind
    return _finite(numpy, kind, value)


def _complex(numpy: Any, kind: Any, value: Any) -> Any:
    if not _is_number(value, int, float, complex):
        return None
    kind = numpy.complex128 if kind is numpy.complexfloating else kind
    return _finite(numpy, kind, value)


def _finite(numpy: Any, kind: Any, value: Any) -> Any:
    """Returns the converted number. It may be infinite only if the value itself is infinite."""
    try:
        with numpy.errstate(over="ignore"):
            scalar = kind(value)
    except OverflowError:
        raise Mismatch(f"Expected {kind.__name__}, got {type_name(value)} out of its range") from None
    if numpy.isinf(scalar) and not numpy.isinf(complex(value)):
        raise Mismatch(f"Expected {kind.__name__}, got {type_name(value)} out of its range")
    return scalar


def _natural(numpy: Any, kind: Any, value: Any) -> Any:
    """Converts a value for an abstract class: to the scalar that numpy creates for it."""
    if isinstance(value, (list, tuple, dict, set, frozenset)) or value is None:
        return None
    try:
        scalar = numpy.asarray(value)[()]
    except (ValueError, TypeError, OverflowError):
        return None
    return scalar if isinstance(scalar, kind) and not isinstance(scalar, numpy.object_) else None


def _datetime(numpy: Any, value: Any) -> Any:
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        # numpy does not support time zones, and assumes UTC.
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    if not isinstance(value, (str, datetime.date)):
        return None
    try:
        return numpy.datetime64(value)
    except ValueError as error:
        raise Mismatch(str(error)) from None


def _dtype_check(numpy: Any, kind: Any) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise Mismatch.expected("dtype", value)
        try:
            return numpy.dtype(value)
        except TypeError as error:
            raise Mismatch(str(error)) from None

    return check
