"""What msgspec does: it checks in C whatever it knows completely."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from .checker import Check
from .mismatch import Mismatch

# Wire values of these types are what they are: without this, msgspec would read text as base64.
_WIRE_TYPES = (bytes, bytearray, memoryview)

Hook = Callable[[type, Any], Any]


class _Probe:
    """A value that no annotation but ``Any`` accepts."""


def convert(value: Any, annotation: Any, hook: Hook | None = None) -> Any:
    """Converts a value that came over the wire.

    Args:
        value: the value.
        annotation: what it is to become.
        hook: converts to classes that msgspec does not know; msgspec checks afterwards that it did.

    Raises:
        msgspec.ValidationError: the value does not fit.
        TypeError: msgspec does not know the annotation.
    """
    return msgspec.convert(value, annotation, builtin_types=_WIRE_TYPES, dec_hook=hook)


def native_check(annotation: Any, hook: Hook | None = None) -> Check:
    """A check that msgspec does alone."""

    def check(value: Any) -> Any:
        try:
            return convert(value, annotation, hook)
        except msgspec.ValidationError as error:
            raise Mismatch.from_text(str(error)) from None

    return check


def knows(annotation: Any) -> bool:
    """Whether msgspec can build a check for an annotation at all."""
    try:
        convert(_Probe(), annotation, _refuse)
    except msgspec.ValidationError:
        return True
    except Exception:  # annotations are anyone's objects
        return False
    return True


def _refuse(_expected: type, value: Any) -> Any:
    raise Mismatch.expected("another type", value)
