"""Checks by msgspec, in C, of annotations that it supports completely."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from .checker import Check
from .mismatch import Mismatch

# Values of these types arrive as such. Without this option, msgspec would read strings as base64.
_WIRE_TYPES = (bytes, bytearray, memoryview)

Hook = Callable[[type, Any], Any]

REJECTIONS = (msgspec.ValidationError, TypeError, LookupError)
"""What a converter raises for a value that does not match. From 0.23 on, msgspec looks the fields of a class up in any
value with ``__getitem__``, such as an array, and raises what that raises."""


_PLAIN = frozenset({Any, None, type(None), bool, int, float, str, list, dict})
_COMPLETE = _PLAIN - {Any, list, dict}
_PLAIN_ORIGINS = frozenset({list, dict, tuple, typing.Union, getattr(types, "UnionType", typing.Union)})


class _Probe:
    """A value that no annotation but ``Any`` accepts."""


def converter(annotation: Any, hook: Hook | None = None) -> Callable[[Any], Any]:
    """Returns a function that converts a value from the wire, without an additional Python frame.

    It raises one of :data:`REJECTIONS` when the value does not match, or when msgspec does not support the annotation.

    Args:
        annotation: the type to convert to.
        hook: converts to classes that msgspec does not support. msgspec checks the class of the result.
    """
    if is_plain(annotation):
        return partial(msgspec.convert, type=annotation)
    return partial(msgspec.convert, type=annotation, builtin_types=_WIRE_TYPES, dec_hook=hook)


def conversion(annotations: Iterable[Any], hook: Hook) -> Callable[[Any, Any], Any]:
    """Returns a function that converts a map to a structure, its second argument, whose fields have these annotations.

    It converts like a :func:`converter`.
    """
    plain = all(map(is_plain, annotations))
    return msgspec.convert if plain else partial(msgspec.convert, builtin_types=_WIRE_TYPES, dec_hook=hook)


def is_plain(annotation: Any) -> bool:
    """Whether msgspec converts to it in the same way without options, which cost more than it does.

    That is so when it mentions neither binary data, which the options pass through, nor a class that needs the hook.
    """
    return _consists_of(annotation, _PLAIN)


def is_decodable(annotation: Any) -> bool:
    """Whether msgspec may also decode it from MessagePack: a value that it accepts has no part with an extension type.

    msgspec does not know those of Snakepit, but supports the standard timestamp.
    """
    return _consists_of(annotation, _COMPLETE)


def _consists_of(annotation: Any, parts: frozenset[Any]) -> bool:
    if typing.get_origin(annotation) in _PLAIN_ORIGINS:
        return all(part is ... or _consists_of(part, parts) for part in typing.get_args(annotation))
    try:
        return annotation in parts
    except Exception:  # it is not hashable, or a user object
        return False


def native_check(annotation: Any, hook: Hook | None = None) -> Check:
    """Returns a check by msgspec alone."""
    convert = converter(annotation, hook)

    def check(value: Any) -> Any:
        try:
            return convert(value)
        except msgspec.ValidationError as error:
            raise Mismatch.from_text(str(error)) from None

    return check


def knows(annotation: Any) -> bool:
    """Whether msgspec supports an annotation."""
    try:
        converter(annotation, _reject)(_Probe())
    except msgspec.ValidationError:
        return True
    except Exception:  # annotations are user objects, which may raise any exception
        return False
    return True


def _reject(_expected: type, value: Any) -> Any:
    raise Mismatch.expected("another type", value)
