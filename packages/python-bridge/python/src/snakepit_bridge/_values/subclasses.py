"""Subclasses of types that have a form on the wire: sent as their base class unless that would lose data."""

from __future__ import annotations

import decimal
import inspect
from collections import ChainMap, UserDict, deque
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from .unsendable import UnsendableError, name_of_class

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTENT: Final[tuple[tuple[type, str], ...]] = (
    (int, "int(value)"),
    (float, "float(value)"),
    (complex, "complex(value)"),
    (str, "str(value)"),
    (bytes, "bytes(value)"),
    (bytearray, "bytes(value)"),
    (datetime, "value.isoformat()"),
    (date, "value.isoformat()"),
    (time, "value.isoformat()"),
    (timedelta, "value.total_seconds()"),
    (decimal.Decimal, "str(value)"),
    (Mapping, "dict(value)"),
    (tuple, "list(value)"),
    (list, "list(value)"),
    (deque, "list(value)"),
    (set, "set(value)"),
    (frozenset, "set(value)"),
)
"""The expression for the content of a value in its base class."""

_OWN_STATE: Final = frozenset({(ChainMap, "maps"), (UserDict, "data")})
"""Public attributes in which mappings of the standard library keep their items."""


def guard_conversion(kind: type, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a conversion of a subclass that rejects instances with more data than their base class has."""
    if getattr(kind, "n_sequence_fields", None) is not None:
        return _guard_structure(kind, convert)
    slots = _slots_of(kind)
    if kind.__dictoffset__ == 0 and not slots and not issubclass(kind, (timedelta, datetime)):
        return convert

    def convert_whole(value: Any) -> Any:
        if isinstance(value, timedelta):
            _check_precision(value)
        names = _added_names(value, slots)
        if names:
            raise _lost(value, names)
        return convert(value)

    return convert_whole


def combine_conversions(kind: type, convert_fields: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a conversion of a class that has fields and extends a container or another type with content.

    Instances whose content equals their fields are sent as their fields: the outputs of many models are such dicts.
    """

    def convert_both(value: Any) -> Any:
        fields = convert_fields(value)
        if issubclass(kind, Mapping):
            holds_more = any(fields.get(key, value) is not item for key, item in value.items())
        else:
            holds_more = not isinstance(value, (list, tuple, set, frozenset, deque)) or len(value) > 0
        if holds_more:
            raise _lost(value, _field_names(kind))
        return fields

    return convert_both


def has_content(kind: type) -> bool:
    """Whether a class extends one whose instances have content other than attributes."""
    return issubclass(kind, tuple(base for base, _ in _CONTENT))


def _field_names(kind: Any) -> list[str]:
    names = getattr(kind, "__dataclass_fields__", None)
    return list(names) if names is not None else [attribute.name for attribute in kind.__attrs_attrs__]


def _slots_of(kind: type) -> list[str]:
    """Returns the slots of a class, except those of built-in classes."""
    names: list[str] = []
    for base in kind.__mro__:
        own = vars(base).get("__slots__", ())
        names.extend([own] if isinstance(own, str) else own)
    return [name for name in names if name not in {"__dict__", "__weakref__"}]


def _added_names(value: Any, slots: list[str]) -> list[str]:
    """Returns the names of the public attributes that are lost when a value is sent as its base class."""
    state = getattr(value, "__dict__", None)
    if state is None or state is value:
        state = {}
    attributes = dict(state)
    attributes.update((name, getattr(value, name)) for name in slots if hasattr(value, name))
    if not attributes:
        return []
    if isinstance(value, Mapping):
        attributes = _without_items(value, attributes)
    public = [name for name in attributes if not name.startswith("_")]
    return [name for name in public if not _is_behavior(attributes[name])]


def _without_items(value: Mapping[Any, Any], attributes: dict[str, Any]) -> dict[str, Any]:
    items = dict(value)
    if isinstance(value, dict) and not items and any(_is_filled(part) for part in attributes.values()):
        # The content is not in the items, which look empty.
        raise UnsendableError(name_of_class(type(value)), "send vars(value)")
    return {
        name: part
        for name, part in attributes.items()
        if items.get(name, attributes) is not part
        and not any(isinstance(value, owner) and name == known for owner, known in _OWN_STATE)
    }


def _is_filled(part: Any) -> bool:
    return isinstance(part, (Mapping, list, set)) and len(part) > 0


def _is_behavior(part: Any) -> bool:
    return inspect.isroutine(part) or isinstance(part, type)


def _check_precision(value: timedelta) -> None:
    if value != value:  # noqa: PLR0124 - only pandas.NaT differs from itself
        raise UnsendableError("NaT", "send None")
    # A pandas.Timedelta has 64 bits for the count of its unit.
    if not timedelta.min.days <= value.days <= timedelta.max.days:
        raise UnsendableError("a timedelta beyond 999,999,999 days", "send value.isoformat()")
    if getattr(value, "nanoseconds", 0) or timedelta(value.days, value.seconds, value.microseconds) != value:
        raise UnsendableError(
            "a timedelta with nanoseconds",
            'send value.isoformat(), which keeps them, or value.round("us")',
        )


def _lost(value: Any, names: list[str]) -> UnsendableError:
    content = next(expression for base, expression in _CONTENT if isinstance(value, base))
    parts = ", ".join(f'"{name}": value.{name}' for name in names)
    what = f"{name_of_class(type(value))} with the attribute {', '.join(names)}"
    return UnsendableError(what, f'send {{"content": {content}, {parts}}}')


def _guard_structure(kind: Any, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a conversion of a struct sequence that rejects fields beyond the elements, as of ``os.stat_result``."""
    if kind.n_fields == kind.n_sequence_fields:
        return convert

    def reject_fields(value: Any) -> Any:
        what = f"{name_of_class(kind)}, which has fields beyond its elements"
        raise UnsendableError(what, "send list(value) if the elements suffice, or a dict of the fields")

    return reject_fields
