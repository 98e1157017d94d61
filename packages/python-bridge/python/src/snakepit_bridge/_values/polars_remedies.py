"""Remedies for frames and columns of Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .time_ranges import is_beyond_python

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def find_polars_remedy(value: Any) -> str | None:
    """Returns the remedy for an object of Polars; ``None`` without one."""
    name = type(value).__name__
    if name == "LazyFrame":
        schema = value.collect_schema()
        source = "value.collect_schema()"
        usual = f"value.collect(){_calls(schema, source, dict.fromkeys(schema, ()))}"
        always = f"value.collect(){_calls(schema, source, dict.fromkeys(schema))}"
        return f"send {usual}" if usual == always else f"send {usual}, or {always} if times are out of range in Python"
    if name == "DataFrame":
        columns = {name: [value.get_column(name)] for name in value.schema}
        return f"send value{_calls(value.schema, 'value.schema', columns)}"
    if name == "Series":
        target = _target(value.dtype, "value.dtype", [value])
        return "send value.to_list()" if target is None else f"send value.cast({target}).to_list()"
    return None


def _calls(schema: Any, source: str, columns: Mapping[str, Sequence[Any] | None]) -> str:
    """Returns the calls that convert a frame to plain lists, and times that Python cannot represent to others.

    Args:
        schema: the schema of the frame.
        source: the expression of the schema.
        columns: the values of each column, as of ``_target()``.
    """
    targets = {name: _target(dtype, f"{source}[{name!r}]", columns[name]) for name, dtype in schema.items()}
    casts = ", ".join(f"{name!r}: {target}" for name, target in targets.items() if target is not None)
    return f"{f'.cast({{{casts}}})' if casts else ''}.to_dict(as_series=False)"


def _target(dtype: Any, source: str, columns: Sequence[Any] | None) -> str | None:
    """Returns the dtype to cast to, if a conversion to Python would truncate nanoseconds or fail; ``None`` otherwise.

    Args:
        dtype: the dtype of a column, or of a part of one.
        source: the expression of the dtype.
        columns: the columns with the values; ``None`` if they may be beyond the ranges of Python.
    """
    base = dtype.base_type().__name__
    if base in {"List", "Array"}:
        inner = _target(dtype.inner, f"{source}.inner", None)
        if inner is not None and columns is not None:
            inner = _target(dtype.inner, f"{source}.inner", [column.explode() for column in columns])
        size = f", {dtype.size}" if base == "Array" else ""
        return None if inner is None else f"polars.{base}({inner}{size})"
    if base == "Struct":
        return _struct_target(dtype, source, columns)
    if base == "Datetime" and dtype.time_unit == "ns":
        return "polars.String"
    if base == "Time" or (base == "Duration" and dtype.time_unit == "ns"):
        # Polars cannot convert durations to strings, and truncates times.
        return "polars.Int64"
    if base in {"Date", "Datetime", "Duration"} and _is_beyond(dtype, base, columns):
        return "polars.Int64"
    return None


def _struct_target(dtype: Any, source: str, columns: Sequence[Any] | None) -> str | None:
    parts = []
    is_changed = False
    for place, field in enumerate(dtype.fields):
        inner = None if columns is None else [column.struct.field(field.name) for column in columns]
        same = f"{source}.fields[{place}].dtype"
        target = _target(field.dtype, same, inner)
        is_changed = is_changed or target is not None
        parts.append(f"{field.name!r}: {target or same}")
    return f"polars.Struct({{{', '.join(parts)}}})" if is_changed else None


def _is_beyond(dtype: Any, base: str, columns: Sequence[Any] | None) -> bool:
    unit = "D" if base == "Date" else dtype.time_unit
    if columns is None:
        # 64 bits for microseconds are fewer than 999,999,999 days.
        return base != "Duration" or unit == "ms"
    is_zoned = base == "Datetime" and dtype.time_zone not in {None, "UTC"}
    kind: Any = "duration" if base == "Duration" else "zoned" if is_zoned else "moment"
    counts = [column.to_physical() for column in columns]
    return any(is_beyond_python((count.min(), count.max()), unit, kind) for count in counts)
