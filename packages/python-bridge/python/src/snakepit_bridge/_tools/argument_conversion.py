"""Converts one argument to what its annotation says."""

from __future__ import annotations

import os
from typing import Any

import msgspec

# Wire values of these types are what they are: without this, msgspec would read text as base64.
_WIRE_TYPES = (bytes, bytearray, memoryview)


class UncheckableError(Exception):
    """The annotation is a class that values cannot be checked against, such as a protocol."""


class _Probe:
    """A value that no annotation but ``Any`` accepts."""


def convert(value: Any, annotation: Any) -> Any:
    """Converts a value that came over the wire.

    Raises:
        msgspec.ValidationError: the value does not fit.
        TypeError, UncheckableError: the annotation is one that cannot be checked.
    """
    return msgspec.convert(value, annotation, builtin_types=_WIRE_TYPES, dec_hook=_convert_custom)


def is_convertible(annotation: Any) -> bool:
    """Whether values can be checked against an annotation; if not they are passed as they are."""
    try:
        convert(_Probe(), annotation)
    except msgspec.ValidationError:
        return True
    except Exception:  # annotations are anybody's objects
        return False
    return True


def _convert_custom(wanted: type, value: Any) -> Any:
    """For classes that msgspec does not know; it checks afterwards that the result is an instance."""
    origin: Any = getattr(wanted, "__origin__", wanted)
    try:
        if not isinstance(origin, type) or isinstance(value, origin):
            return value
    except TypeError as error:
        # Not as it is: msgspec takes a TypeError of this function for a verdict on the value.
        raise UncheckableError from error
    if origin is complex and isinstance(value, (int, float)):
        return complex(value)
    if isinstance(value, str) and issubclass(origin, os.PathLike):
        return wanted(value)
    if isinstance(value, (bool, int, float, complex)) and _is_numpy_scalar(origin):
        return origin(value)
    validate = getattr(origin, "model_validate", None)  # Pydantic
    return value if validate is None else validate(value)


def _is_numpy_scalar(kind: type) -> bool:
    return any(base.__module__ == "numpy" and base.__name__ == "generic" for base in kind.__mro__)
