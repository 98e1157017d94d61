"""Checks of lists, sets, tuples, mappings and their relatives, element by element."""

from __future__ import annotations

import collections
import collections.abc
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .checker import Check, Checker
from .mismatch import Mismatch, key_step, type_name

_ARRAYS = (list, tuple, set, frozenset, collections.deque)
"""What an array of the wire is, and what a caller in the same process may pass as one."""

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
"""Classes of elements of one type, each with what makes one of a list."""

MAPPINGS: dict[Any, Callable[[dict[Any, Any]], Any]] = {
    dict: dict,
    collections.OrderedDict: collections.OrderedDict,
    collections.ChainMap: collections.ChainMap,
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
}
"""Classes of keys and values, each with what makes one of a dict."""


def sequence_check(item: Checker, make: Callable[[list[Any]], Any]) -> Check:
    """Checks the elements of an array.

    Args:
        item: checks an element.
        make: makes what is wanted of the list of them.
    """

    def check(value: Any) -> Any:
        items = _checked_items(value, item)
        try:
            return make(items)
        except TypeError as error:  # elements of a set that cannot be hashed
            raise Mismatch(str(error)) from None

    return check


def tuple_check(items: tuple[Checker, ...]) -> Check:
    """Checks an array of a fixed length."""

    def check(value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise Mismatch.expected("array", value)
        if len(value) != len(items):
            raise Mismatch(f"Expected array of length {len(items)}, got {len(value)}")
        return tuple(_at(each, item, f"[{index}]") for index, (each, item) in enumerate(zip(value, items, strict=True)))

    return check


def mapping_check(key: Checker, item: Checker, make: Callable[[dict[Any, Any]], Any]) -> Check:
    """Checks the keys and values of an object or map.

    Objects of JavaScript have strings as keys: a string that is a number in its usual form is taken for the number
    where strings are no keys.

    Args:
        key: checks a key.
        item: checks a value.
        make: makes what is wanted of the dict of them.
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
                    raise Mismatch(f"has the keys {origins[name]!r} and {each!r}, which are the same {key.text}")
                origins[name] = each
                checked[name] = _at(element, item, key_step(each))
            except TypeError as error:
                if isinstance(error, Mismatch):
                    raise
                raise Mismatch(f"has a key that cannot be one: {error}") from None
        return make(checked)

    return check


def counter_check(key: Checker, count: Checker) -> Check:
    """Checks a map of counts."""
    return mapping_check(key, count, lambda counts: collections.Counter(counts))


def default_dict_check(key: Checker, item: Checker, factory: Callable[[], Any] | None) -> Check:
    """Checks a map, and lets missing keys have the empty value of the annotated type."""
    return mapping_check(key, item, lambda entries: collections.defaultdict(factory, entries))


def subclass_maker(kind: type, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Makes an instance of a class of containers that has a constructor of its own."""

    def construct(contents: Any) -> Any:
        try:
            return kind(make(contents))
        except (TypeError, ValueError) as error:
            raise Mismatch(str(error)) from None

    return construct


def _checked_items(value: Any, item: Checker) -> list[Any]:
    if not isinstance(value, _ARRAYS):
        raise Mismatch.expected("array", value)
    return [_at(each, item, f"[{index}]") for index, each in enumerate(_ordered(value))]


def _ordered(value: Any) -> Iterable[Any]:
    return value  # type: ignore[no-any-return]


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
    """The number that JavaScript writes like this as a key of an object."""
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
