"""Checks by msgspec, in C, of annotations that it supports completely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from .checker import Check
from .mismatch import Mismatch

# Values of these types arrive as such. Without this option, msgspec would read strings as base64.
_WIRE_TYPES = (bytes, bytearray, memoryview)

Hook = Callable[[type, Any], Any]


class _Probe:
    """A value that no annotation but ``Any`` accepts."""


def convert(value: Any, annotation: Any, hook: Hook | None = None) -> Any:
    """Converts a value from the wire.

    Args:
        value: the value.
        annotation: the type to convert it to.
        hook: converts to classes that msgspec does not support. msgspec checks the class of the result.

    Raises:
        msgspec.ValidationError: the value does not match.
        TypeError: msgspec does not support the annotation.
    """
    return msgspec.convert(value, annotation, builtin_types=_WIRE_TYPES, dec_hook=hook)


def native_check(annotation: Any, hook: Hook | None = None) -> Check:
    """Returns a check by msgspec alone."""

    def check(value: Any) -> Any:
        try:
            return convert(value, annotation, hook)
        except msgspec.ValidationError as error:
            raise Mismatch.from_text(str(error)) from None

    return check


def knows(annotation: Any) -> bool:
    """Whether msgspec supports an annotation."""
    try:
        convert(_Probe(), annotation, _reject)
    except msgspec.ValidationError:
        return True
    except Exception:  # annotations are user objects, which may raise any exception
        return False
    return True


def _reject(_expected: type, value: Any) -> Any:
    raise Mismatch.expected("another type", value)
