"""Objects that are a set of named fields: dataclasses, named tuples, and those of msgspec, pydantic and attrs."""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .._libraries import if_loaded
from .models import find_model_conversion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class UnreadableFieldError(Exception):
    """The code of a field raised; the cause is what it raised.

    Attributes:
        name: the field as it is sent.
    """

    def __init__(self, name: str) -> None:
        """Name the field."""
        super().__init__(name)
        self.name = name


def find_record_conversion(kind: type, is_sendable: Callable[[type], bool]) -> Callable[[Any], Any] | None:
    """Return what makes a dict of an instance; None when its class is not known to have fields."""
    model = find_model_conversion(kind, is_sendable)
    if model is not None:
        return model
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        return _by_attributes(names, names)
    if hasattr(kind, "__struct_fields__"):
        return _struct_conversion(kind)
    if hasattr(kind, "__attrs_attrs__"):
        names = [attribute.name for attribute in kind.__attrs_attrs__]
        return _by_attributes(names, names)
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _named_tuple
    return None


def _struct_conversion(kind: Any) -> Callable[[Any], dict[str, Any]]:
    """Fields of a ``msgspec.Struct`` under the names that it is encoded with, and its tag where it has one."""
    fields = _by_attributes(kind.__struct_encode_fields__, kind.__struct_fields__)
    unset = if_loaded("msgspec").UNSET
    if any(default is unset for default in kind.__struct_defaults__):
        every = fields

        def fields(value: Any) -> dict[str, Any]:
            return {name: part for name, part in every(value).items() if part is not unset}

    tag, tag_field = kind.__struct_config__.tag, kind.__struct_config__.tag_field
    if tag is None:
        return fields
    return lambda value: {tag_field: tag, **fields(value)}


def _by_attributes(names: Sequence[str], attributes: Sequence[str]) -> Callable[[Any], dict[str, Any]]:
    if len(names) < 2:

        def read_one(value: Any) -> dict[str, Any]:
            return {name: _read(value, name, attribute) for name, attribute in zip(names, attributes, strict=True)}

        return read_one
    get = attrgetter(*attributes)

    def read(value: Any) -> dict[str, Any]:
        try:
            parts = get(value)
        except Exception:  # a property may raise anything; the same one raises again below, with its name
            parts = tuple(_read(value, name, attribute) for name, attribute in zip(names, attributes, strict=True))
        return dict(zip(names, parts, strict=True))

    return read


def _read(value: Any, name: str, attribute: str) -> Any:
    try:
        return getattr(value, attribute)
    except Exception as error:
        raise UnreadableFieldError(name) from error


def _named_tuple(value: Any) -> dict[str, Any]:
    return dict(zip(value._fields, value, strict=True))
