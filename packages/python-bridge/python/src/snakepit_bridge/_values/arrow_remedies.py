"""Remedies for tables, columns and scalars of Arrow."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .._libraries import if_loaded
from .time_ranges import is_beyond_python

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_arrow_remedy(value: Any) -> str | None:  # noqa: PLR0911 - one answer for each class
    """Returns the remedy for an object of Arrow; ``None`` without one."""
    pyarrow: Any = if_loaded("pyarrow")
    if isinstance(value, (pyarrow.Schema, pyarrow.Field, pyarrow.DataType)):
        return "send str(value)"
    if hasattr(value, "as_py"):
        return _scalar_remedy(value)
    if hasattr(value, "read_all"):
        usual = f"value.read_all(){_calls(value.schema, [()] * len(value.schema))}"
        always = f"value.read_all(){_calls(value.schema, [None] * len(value.schema))}"
        return f"send {usual}" if usual == always else f"send {usual}, or {always} if times are out of range in Python"
    if hasattr(value, "to_pydict"):
        return f"send value{_calls(value.schema, [_chunks(column) for column in value.columns])}"
    if hasattr(value, "to_pylist"):
        target = _target(value.type, "value.type", _chunks(value))
        return "send value.to_pylist()" if target is None else f"send value.cast({target}).to_pylist()"
    if isinstance(value, pyarrow.Tensor):
        return "send value.to_numpy()"
    return "send value.to_pybytes()" if isinstance(value, pyarrow.Buffer) else None


def _scalar_remedy(scalar: Any) -> str:
    if not scalar.is_valid or _target(scalar.type, "value.type", None) is None:
        return "send value.as_py()"
    target = _target(scalar.type, "value.type", [if_loaded("pyarrow").repeat(scalar, 1)])
    if target is None:
        return "send value.as_py()"
    return "send str(value)" if target == "pyarrow.string()" else f"send value.cast({target}).as_py()"


def _chunks(column: Any) -> list[Any]:
    return column.chunks if hasattr(column, "chunks") else [column]


def _calls(schema: Any, columns: Sequence[Sequence[Any] | None]) -> str:
    """Returns the calls that convert a table to plain lists, and times that Python cannot represent to others.

    Args:
        schema: the schema of the table.
        columns: the values of each column, as of ``_target()``.
    """
    is_unique = len(set(schema.names)) == len(schema.names)
    lists = ".to_pydict()" if is_unique else '.to_pandas().to_dict("tight")'
    sources = [f"value.schema.field({place}).type" for place in range(len(schema))]
    targets = [_target(*column) for column in zip(schema.types, sources, columns, strict=True)]
    if all(target is None for target in targets):
        return lists
    fields = ", ".join(
        f"({name!r}, {target or source})" for name, target, source in zip(schema.names, targets, sources, strict=True)
    )
    return f".cast(pyarrow.schema([{fields}])){lists}"


def _target(kind: Any, source: str, arrays: Sequence[Any] | None) -> str | None:  # noqa: PLR0911 - one for each type
    """Returns the type to cast to, if a conversion to Python would truncate nanoseconds or fail; ``None`` otherwise.

    Args:
        kind: the type of a column, or of a part of one.
        source: the expression of the type.
        arrays: the values; ``None`` if they may be beyond the ranges of Python.
    """
    types: Any = if_loaded("pyarrow").types
    if types.is_map(kind):
        keys = _part(kind.key_type, f"{source}.key_type", arrays, lambda array: array.keys)
        items = _part(kind.item_type, f"{source}.item_type", arrays, lambda array: array.items)
        if keys is None and items is None:
            return None
        return f"pyarrow.map_({keys or f'{source}.key_type'}, {items or f'{source}.item_type'})"
    if types.is_struct(kind):
        return _struct_target(kind, source, arrays)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = _part(kind.value_type, f"{source}.value_type", arrays, lambda array: array.flatten())
        size = f", {kind.list_size}" if types.is_fixed_size_list(kind) else ""
        function = "large_list" if types.is_large_list(kind) else "list_"
        return None if inner is None else f"pyarrow.{function}({inner}{size})"
    if types.is_dictionary(kind):
        return _part(kind.value_type, source, arrays, lambda array: array.dictionary)
    if "[ns" in str(kind):
        return "pyarrow.string()"
    if (types.is_timestamp(kind) or types.is_date(kind) or types.is_duration(kind)) and _is_beyond(kind, arrays):
        return _integer_type(kind)
    return None


def _part(kind: Any, source: str, arrays: Sequence[Any] | None, part_of: Any) -> str | None:
    """Returns the target of the elements of nested arrays, which are collected only if some could need one."""
    target = _target(kind, source, None)
    if target is None or arrays is None:
        return target
    return _target(kind, source, [part_of(array) for array in arrays])


def _struct_target(kind: Any, source: str, arrays: Sequence[Any] | None) -> str | None:
    columns = []
    is_changed = False
    for place in range(kind.num_fields):
        field = kind.field(place)
        same = f"{source}.field({place}).type"
        target = _part(field.type, same, arrays, lambda array, place=place: array.flatten()[place])
        is_changed = is_changed or target is not None
        columns.append(f"({field.name!r}, {target or same})")
    return f"pyarrow.struct([{', '.join(columns)}])" if is_changed else None


def _integer_type(kind: Any) -> str:
    return "pyarrow.int32()" if str(kind).startswith("date32") else "pyarrow.int64()"


def _is_beyond(kind: Any, arrays: Sequence[Any] | None) -> bool:
    pyarrow: Any = if_loaded("pyarrow")
    is_duration = pyarrow.types.is_duration(kind)
    unit = getattr(kind, "unit", "D" if pyarrow.types.is_date32(kind) else "ms")
    if arrays is None:
        # 64 bits for microseconds are fewer than 999,999,999 days.
        return not is_duration or unit != "us"
    is_zoned = getattr(kind, "tz", None) not in {None, "UTC"}
    times: Any = "duration" if is_duration else "zoned" if is_zoned else "moment"
    integers = pyarrow.int32() if unit == "D" else pyarrow.int64()
    # Casting loads the module as well.
    compute = importlib.import_module("pyarrow.compute")
    for array in arrays:
        counts = compute.min_max(array.cast(integers))
        if is_beyond_python((counts["min"].as_py(), counts["max"].as_py()), unit, times):
            return True
    return False
