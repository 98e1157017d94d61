"""Checks of lists, sets, tuples, mappings and similar classes, element by element."""

from __future__ import annotations

import collections
import collections.abc
import functools
import typing
from collections.abc import Callable, Mapping
from typing import Any

from .annotations import substitute, text_of, variables_of
from .checker import NOT_NATIVE, Check, Checker
from .mismatch import Mismatch, key_step, type_name
from .native import knows
from .standard_types import default_factory_of

_ARRAYS = (list, tuple, set, frozenset, collections.deque)
"""The class of arrays from the wire, and those that a caller in the same process may pass."""

SEQUENCES: dict[Any, Callable[[list[Any]], Any]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    collections.deque: collections.deque,
    collections.abc.Collection: list,
    collections.abc.Container: list,
    collections.abc.Iterable: list,
    collections.abc.Iterator: iter,
    collections.abc.MutableSequence: list,
    collections.abc.MutableSet: set,
    collections.abc.Reversible: list,
    collections.abc.Sequence: list,
    collections.abc.Set: set,
}
"""Classes with elements of one type, each with a function that creates one from a list."""

MAPPINGS: dict[Any, Callable[[dict[Any, Any]], Any]] = {
    dict: dict,
    collections.OrderedDict: collections.OrderedDict,
    collections.ChainMap: collections.ChainMap,
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
}
"""Classes with keys and values, each with a function that creates one from a dict."""


_EMPTY_TUPLES = (tuple[()], typing.Tuple[()])  # noqa: UP006 (they are not equal)

_CONSTRUCTED = (list, dict, set, frozenset, tuple, collections.deque)

_LEFT_TO_US = frozenset(
    {
        collections.deque,
        collections.OrderedDict,
        collections.ChainMap,
        collections.Counter,
        collections.defaultdict,
        collections.abc.Container,
        collections.abc.Iterable,
        collections.abc.Iterator,
        collections.abc.Reversible,
    }
)
"""Containers that msgspec does not support."""


def container_checker(
    of: Callable[[Any], Checker], annotation: Any, kind: Any, arguments: tuple[Any, ...]
) -> Checker | None:
    """Returns the checker of a container; ``None`` for other classes.

    Args:
        of: compiles the annotation of a part.
        annotation: the class with its arguments.
        kind: the class.
        arguments: the annotations of its parts; ``Any`` when the class is not parametrized.
    """
    first = arguments[0] if arguments else Any
    if kind is tuple:
        if (arguments and arguments[-1] is not ...) or annotation in _EMPTY_TUPLES:
            items = tuple(of(each) for each in arguments if each != ())
            return _checker(annotation, kind, tuple_check(items), *items)
        item = of(first)
        return _checker(annotation, kind, sequence_check(item, tuple), item)
    if kind in SEQUENCES:
        item = of(first)
        return _checker(annotation, kind, sequence_check(item, SEQUENCES[kind]), item)
    if kind is collections.Counter:
        key = of(first)
        return _checker(annotation, kind, mapping_check(key, of(int), collections.Counter), key)
    if kind is not collections.defaultdict and kind not in MAPPINGS:
        return None
    element = arguments[1] if len(arguments) > 1 else Any
    key, item = of(first), of(element)
    make: Callable[[dict[Any, Any]], Any]
    if kind is collections.defaultdict:
        make = functools.partial(collections.defaultdict, default_factory_of(element))
    else:
        make = MAPPINGS[kind]
    checker = _checker(annotation, kind, mapping_check(key, item, make), key, item)
    if key.hooked and checker.by == "parts":
        # msgspec does not call back for keys that are strings: it returns them unchanged.
        checker.native = NOT_NATIVE
    return checker


def container_subclass_checker(
    of: Callable[[Any], Checker], annotation: Any, kind: Any, arguments: tuple[Any, ...]
) -> Checker | None:
    """Returns the checker of a subclass of a container, such as ``class Stack(list[int])``."""
    if not issubclass(kind, _CONSTRUCTED):
        return None
    for base in getattr(kind, "__orig_bases__", kind.__bases__):
        parts = tuple(substitute(each, variables_of(kind, arguments)) for each in typing.get_args(base))
        found = container_checker(of, base, typing.get_origin(base) or base, parts)
        if found is not None:
            return Checker(
                text_of(annotation), _subclass_check(kind, found), native=annotation, by="hook", secret=found.secret
            )
    return None


def _checker(annotation: Any, kind: Any, check: Check, *parts: Checker) -> Checker:
    secret = any(part.secret for part in parts)
    if kind in _LEFT_TO_US:
        return Checker(text_of(annotation), check, native=annotation, by="hook", secret=secret)
    native = annotation if all(part.is_native for part in parts) and knows(annotation) else NOT_NATIVE
    return Checker(text_of(annotation), check, native=native, by="parts", secret=secret)


def sequence_check(item: Checker, make: Callable[[list[Any]], Any]) -> Check:
    """Returns a check of an array and its elements.

    Args:
        item: checks an element.
        make: creates the container from a list of elements.
    """

    def check(value: Any) -> Any:
        items = _checked_items(value, item)
        try:
            return make(items)
        except TypeError as error:  # elements of a set that are not hashable
            raise Mismatch(str(error)) from None

    return check


def tuple_check(items: tuple[Checker, ...]) -> Check:
    """Returns a check of an array of a fixed length."""

    def check(value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise Mismatch.expected("array", value)
        if len(value) != len(items):
            raise Mismatch(f"Expected array of length {len(items)}, got {len(value)}")
        return tuple(_at(each, item, f"[{index}]") for index, (each, item) in enumerate(zip(value, items, strict=True)))

    return check


def mapping_check(key: Checker, item: Checker, make: Callable[[dict[Any, Any]], Any]) -> Check:
    """Returns a check of an object or map with its keys and values.

    The keys of JavaScript objects are strings. Where keys cannot be strings, a string that is a number in canonical
    form is converted to that number.

    Args:
        key: checks a key.
        item: checks a value.
        make: creates the mapping from a dict.
    """

    def check(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Mismatch.expected("object", value)
        checked: dict[Any, Any] = {}
        origins: dict[Any, Any] = {}
        for each, element in value.items():
            name = _checked_key(each, key)
            try:
                if name in checked:
                    raise Mismatch(f"has the keys {origins[name]!r} and {each!r}, which become the same {key.text}")
                origins[name] = each
                checked[name] = _at(element, item, key_step(each))
            except TypeError as error:
                if isinstance(error, Mismatch):
                    raise
                raise Mismatch(f"has a key that cannot be hashed: {error}") from None
        return make(checked)

    return check


def _subclass_check(kind: Any, base: Checker) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        contents = base.check(value)
        try:
            return kind(contents)
        except (TypeError, ValueError) as error:
            raise Mismatch(str(error)) from None

    return check


def _checked_items(value: Any, item: Checker) -> list[Any]:
    if not isinstance(value, _ARRAYS):
        if hasattr(value, "typecode") or hasattr(value, "dtype"):
            raise Mismatch(f"Expected array, got {type_name(value)}; send Array.from() of it")
        raise Mismatch.expected("array", value)
    return [_at(each, item, f"[{index}]") for index, each in enumerate(value)]


def _at(value: Any, checker: Checker, step: str) -> Any:
    try:
        return checker.check(value)
    except Mismatch as mismatch:
        raise mismatch.within(step) from None


def _checked_key(value: Any, key: Checker) -> Any:
    try:
        return key.check(value)
    except Mismatch as mismatch:
        number = _number_of(value)
        if number is not None:
            try:
                return key.check(number)
            except Mismatch:
                pass
        shown = "a key" if key.secret else f"key {value!r}" if isinstance(value, str) else f"a key ({type_name(value)})"
        hint = "; to send keys that are not strings, send a Map" if isinstance(value, str) else ""
        raise Mismatch(f"{shown} must be {key.text}: {mismatch.describe('key')}{hint}") from None


def _number_of(text: Any) -> int | float | None:
    """Returns the number that JavaScript converts to this key of an object."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    for kind in (int, float):
        try:
            number: int | float = kind(text)
        except ValueError:
            continue
        if repr(number) == text:
            return number
    return None
