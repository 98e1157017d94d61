"""Checks of classes of the standard library that have an obvious form: a path is a string, a fraction a number."""

from __future__ import annotations

import array
import datetime
import decimal
import fractions
import math
import os
import pathlib
import re
import typing
import uuid
from collections.abc import Callable
from typing import Any

from .checker import Check
from .mismatch import Mismatch

_BY_TEXT = frozenset(
    {
        ("ipaddress", "IPv4Address"),
        ("ipaddress", "IPv4Interface"),
        ("ipaddress", "IPv4Network"),
        ("ipaddress", "IPv6Address"),
        ("ipaddress", "IPv6Interface"),
        ("ipaddress", "IPv6Network"),
        ("zoneinfo", "ZoneInfo"),
    }
)
"""Classes that are constructed from a string, by module and name."""

_SCALARS = (str, int, float, bytes, bytearray, datetime.datetime, datetime.date, datetime.time, datetime.timedelta)

_NUMBERS = (int, float)

_finer_than_microseconds = re.compile(r"[.,]\d{6}0*[1-9]")

_FROM_PARTS: dict[type, Callable[[Any, Any], Any]] = {
    datetime.datetime: lambda kind, value: kind.combine(value.date(), value.timetz()),
    datetime.date: lambda kind, value: kind(value.year, value.month, value.day),
    datetime.time: lambda kind, value: kind(
        value.hour, value.minute, value.second, value.microsecond, value.tzinfo, fold=value.fold
    ),
    datetime.timedelta: lambda kind, value: kind(value.days, value.seconds, value.microseconds),
}
"""Makes an instance of a subclass; the constructors of these classes do not accept an instance of the base."""

_SAMPLES: tuple[Any, ...] = (1, 1.5, "", b"", [], {}, datetime.datetime.min)


def standard_check(kind: type, arguments: tuple[Any, ...]) -> Check | None:  # noqa: PLR0911 - one for each class
    """Returns the checker of a class that has an obvious form; ``None`` for other classes.

    Args:
        kind: the class.
        arguments: the values of its type variables.
    """
    if issubclass(kind, re.Pattern):
        return _pattern_check(arguments)
    if kind is complex:
        return _complex
    if issubclass(kind, os.PathLike) or kind is os.PathLike:
        return _path(kind)
    if issubclass(kind, fractions.Fraction):
        return _fraction(kind)
    if issubclass(kind, array.array):
        return _array
    if kind is datetime.tzinfo:
        return _time_zone
    return made_of_string(kind) if (kind.__module__, kind.__name__) in _BY_TEXT else None


def scalar_base(kind: type) -> type | None:
    """Returns the scalar type of the wire from which a class is derived."""
    for base in (*_SCALARS, decimal.Decimal, uuid.UUID, complex):
        if issubclass(kind, base) and kind is not base:
            return base
    return None


def made_of_string(kind: type) -> Check:
    """Returns a check of a class that is constructed from a string."""

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise Mismatch.expected(kind.__name__, value)
        return _constructed(kind, value)

    return check


def subclass_check(kind: type, base: type, check_base: Check) -> Check:
    """Returns a check of a subclass of a scalar type, such as ``class UserId(int)``.

    Args:
        kind: the class.
        base: the scalar type.
        check_base: the check of the scalar type.
    """
    # For example, subclasses in pandas, which parse more strings than their base does.
    reads_string = issubclass(base, (datetime.date, datetime.time, datetime.timedelta))

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        # The base has no nanoseconds, unlike the subclasses in pandas.
        if reads_string and isinstance(value, str) and _finer_than_microseconds.search(value):
            made = _constructed(kind, value)
        else:
            try:
                made = _derived(kind, base, check_base(value))
            except Mismatch:
                if not reads_string or not isinstance(value, (str, datetime.date)):
                    raise
                made = _constructed(kind, value)
        if not isinstance(made, kind):
            raise Mismatch.expected(kind.__name__, value)
        return made

    return check


def date_check(check_date: Check) -> Check:
    """Returns a check of a date. The error explains that a JavaScript ``Date`` is a point in time."""

    def check(value: Any) -> Any:
        if isinstance(value, datetime.datetime):
            raise Mismatch("Expected date, got datetime; send a PlainDate")
        return check_date(value)

    return check


def _pattern_check(arguments: tuple[Any, ...]) -> Check:
    """Returns a check of a regular expression in the form of a string."""
    expected: type = bytes if arguments == (bytes,) else str

    def check(value: Any) -> Any:
        if isinstance(value, re.Pattern):
            return value
        if not isinstance(value, expected):
            raise Mismatch.expected("Pattern", value)
        try:
            return re.compile(value)  # type: ignore[type-var, unused-ignore]
        except (re.error, RecursionError, OverflowError) as error:
            raise Mismatch(f"is not a regular expression: {error}") from None

    return check


def instance_check(kind: Any) -> Check:
    """Returns a check that accepts only instances of a class, or of a protocol that can be checked at run time."""
    name = kind.__name__

    def check(value: Any) -> Any:
        try:
            fits = isinstance(value, kind)
        except TypeError:
            fits = False
        if not fits:
            raise Mismatch(
                f"an argument cannot be converted to {name}; annotate the parameter with the type that is sent, "
                f"for example a dataclass, and construct {name} in the tool"
            )
        return value

    return check


def is_of_the_wire(kind: Any) -> bool:
    """Whether values from the wire are instances of a class without conversion, as of ``numbers.Real``."""
    return any(_is_instance(value, kind) for value in _SAMPLES)


def _is_instance(value: Any, kind: Any) -> bool:
    try:
        return isinstance(value, kind)
    except TypeError:
        return False


def _derived(kind: type, base: type, value: Any) -> Any:
    """Returns an instance of a subclass, with the value of an instance of its base."""
    from_parts = _FROM_PARTS.get(base)
    if base is uuid.UUID:
        return kind(int=value.int)
    try:
        return _constructed(kind, value)
    except Mismatch as mismatch:
        if from_parts is None:
            raise
        try:
            return from_parts(kind, value)
        except (ValueError, TypeError):
            raise mismatch from None


def _constructed(make: Callable[[Any], Any], value: Any) -> Any:
    try:
        return make(value)
    except (ValueError, TypeError, ArithmeticError, LookupError, OSError) as error:
        # str() of a KeyError is the repr() of its argument.
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise Mismatch(str(text)) from None


def _complex(value: Any) -> Any:
    if isinstance(value, complex):
        return value
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return _constructed(complex, value)
    raise Mismatch.expected("complex", value)


def _path(kind: type) -> Check:
    make = pathlib.Path if kind is os.PathLike else kind

    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise Mismatch.expected(kind.__name__, value)
        return _constructed(make, value)

    return check


def _fraction(kind: type) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float, str, decimal.Decimal, fractions.Fraction)):
            raise Mismatch.expected(kind.__name__, value)
        if isinstance(value, float) and not math.isfinite(value):
            raise Mismatch(f"Expected {kind.__name__}, got {value}")
        return _constructed(kind, value)

    return check


def _array(value: Any) -> Any:
    """Accepts typed arrays unchanged. Lists of integers become 64-bit arrays, lists of other numbers doubles."""
    if isinstance(value, array.array):
        return value
    if isinstance(value, list):
        if any(isinstance(each, bool) or not isinstance(each, _NUMBERS) for each in value):
            raise Mismatch("Expected array of numbers")
        code = "q" if value and all(isinstance(each, int) for each in value) else "d"
        return _constructed(lambda items: array.array(code, items), value)
    dtype = getattr(value, "dtype", None)
    if dtype is not None and getattr(value, "ndim", None) == 1:
        code = {"i": "bhiq", "u": "BHIQ", "f": "  fd"}.get(dtype.kind, "    ")[
            {1: 0, 2: 1, 4: 2, 8: 3}.get(dtype.itemsize, 0)
        ]
        if code != " ":
            return array.array(code, value.astype(dtype.newbyteorder("=")).tobytes())
    raise Mismatch.expected("array", value)


def _time_zone(value: Any) -> Any:
    if isinstance(value, datetime.tzinfo):
        return value
    if not isinstance(value, str):
        raise Mismatch.expected("tzinfo", value)
    import zoneinfo

    return _constructed(zoneinfo.ZoneInfo, value)


def default_factory_of(annotation: Any) -> Callable[[], Any] | None:
    """Returns the factory of the default values of a ``defaultdict``; ``None`` when there is no obvious one."""
    origin = typing.get_origin(annotation) or annotation
    return origin if origin in (int, float, str, bool, bytes, list, dict, set, complex) else None
