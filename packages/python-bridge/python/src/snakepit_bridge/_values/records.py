"""Objects with named fields: dataclasses, named tuples, and classes of msgspec, pydantic and attrs."""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .._libraries import if_loaded
from .models import find_model_conversion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class UnreadableFieldError(Exception):
    """Reading a field raised an exception, which is the cause.

    Attributes:
        name: the name under which the field is sent.
    """

    def __init__(self, name: str) -> None:
        """Creates the error."""
        super().__init__(name)
        self.name = name


def find_record_conversion(kind: type, is_sendable: Callable[[type], bool]) -> Callable[[Any], Any] | None:
    """Returns the conversion of an instance to a dict; ``None`` when the class has no known fields."""
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
    """Returns a conversion to the encoded names of the fields of a ``msgspec.Struct``, and its tag if it has one."""
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
        except Exception:  # a property may raise any exception; it raises again below, where its name is known
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
