"""Objects that are a set of named fields: dataclasses, named tuples, and those of msgspec, pydantic and attrs."""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def find_record_conversion(kind: type) -> Callable[[Any], dict[str, Any]] | None:
    """Return what makes a dict of an instance; None when its class is not known to have fields."""
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        return _by_attributes(names, names)
    if hasattr(kind, "__struct_fields__"):
        return _struct_conversion(kind)
    if callable(getattr(kind, "model_dump", None)):
        return _dump
    if hasattr(kind, "__attrs_attrs__"):
        names = [attribute.name for attribute in kind.__attrs_attrs__]
        return _by_attributes(names, names)
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _named_tuple
    return None


def _struct_conversion(kind: Any) -> Callable[[Any], dict[str, Any]]:
    """Fields of a ``msgspec.Struct`` under the names that it is encoded with, and its tag where it has one."""
    fields = _by_attributes(kind.__struct_encode_fields__, kind.__struct_fields__)
    tag, tag_field = kind.__struct_config__.tag, kind.__struct_config__.tag_field
    if tag is None:
        return fields
    return lambda value: {tag_field: tag, **fields(value)}


def _by_attributes(names: Sequence[str], attributes: Sequence[str]) -> Callable[[Any], dict[str, Any]]:
    if len(names) < 2:
        return lambda value: {
            name: getattr(value, attribute) for name, attribute in zip(names, attributes, strict=True)
        }
    get = attrgetter(*attributes)
    return lambda value: dict(zip(names, get(value), strict=True))


def _dump(value: Any) -> Any:
    return value.model_dump()


def _named_tuple(value: Any) -> dict[str, Any]:
    return dict(zip(value._fields, value, strict=True))
