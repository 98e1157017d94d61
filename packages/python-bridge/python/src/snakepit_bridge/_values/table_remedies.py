"""Remedies for tables and columns of pandas, Polars and Arrow."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR
from typing import Any, Final

from .._libraries import if_loaded

_SAFE_KINDS: Final = "biufc"
"""Kinds of dtypes whose elements are numbers, including ``NaN`` for missing ones."""


def find_table_remedy(value: Any, root: str) -> str | None:
    """Returns the remedy for an object of pandas, Polars or Arrow; ``None`` for others.

    Args:
        value: the value that cannot be sent.
        root: the package of its class.
    """
    if root == "pandas":
        return _pandas_remedy(value)
    if root == "polars":
        return _polars_remedy(value)
    return _arrow_remedy(value) if root == "pyarrow" else None


def _pandas_remedy(value: Any) -> str | None:  # noqa: PLR0911 - one answer for each class
    pandas: Any = if_loaded("pandas")
    if value is pandas.NA or value is pandas.NaT:
        return "send None"
    if isinstance(value, pandas.DataFrame):
        return _frame_remedy("value", value)
    if isinstance(value, pandas.Series):
        return _frame_remedy("value.to_frame()", value.to_frame())
    if isinstance(value, pandas.MultiIndex) and len(set(value.names)) < value.nlevels and any(value.names):
        return "send value.to_list()"
    if isinstance(value, pandas.Index):
        return _frame_remedy("value.to_frame(index=False)", value.to_frame(index=False))
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return _frame_remedy("pandas.Series(value).to_frame()", pandas.Series(value).to_frame())
    if isinstance(value, (pandas.Period, pandas.Interval, pandas.DateOffset)):
        return "send str(value)"
    return None


def _frame_remedy(expression: str, frame: Any) -> str:
    """Returns the expression of a dict with the index, columns, data and names of a frame, all of which can be sent.

    Only ``to_dict("tight")`` keeps the index and columns of the same name.
    """
    index = [frame.index.get_level_values(level) for level in range(frame.index.nlevels)]
    columns = [frame.columns.get_level_values(level) for level in range(frame.columns.nlevels)]
    data = [frame.iloc[:, place] for place in range(frame.shape[1])]
    labels = expression
    if any(_needs_text(level) or _has_missing(level) for level in columns):
        labels = f"{expression}.set_axis({expression}.columns.map(str), axis=1)"
    if any(_needs_text(column) for column in data) or any(_needs_text(level) or _has_missing(level) for level in index):
        return f'send {labels}.reset_index(allow_duplicates=True).astype(str).to_dict("tight")'
    if any(_has_missing(column) for column in data):
        return f'send {labels}.astype(object).where({labels}.notna(), None).to_dict("tight")'
    return f'send {labels}.to_dict("tight")'


def _has_missing(column: Any) -> bool:
    """Whether a column contains ``NaT`` or ``NA``, which must be sent as ``None``."""
    kind = getattr(column.dtype, "kind", "O")
    is_numpy = type(column.dtype).__module__.startswith("numpy")
    return not (is_numpy and kind in _SAFE_KINDS) and bool(column.isna().any())


def _needs_text(column: Any) -> bool:
    """Whether a column contains pandas objects that only their ``str()`` represents without loss."""
    dtype = column.dtype
    name = type(dtype).__name__
    if name == "CategoricalDtype":
        return _needs_text(dtype.categories)
    if name in {"PeriodDtype", "IntervalDtype", "ArrowDtype"}:
        return True
    kind = getattr(dtype, "kind", "O")
    accessor = getattr(column, "dt", column)
    # Both are NaN for missing times.
    if kind == "M":
        is_outside = (accessor.year < MINYEAR).any() or (accessor.year > MAXYEAR).any()
        return bool(is_outside or (accessor.nanosecond > 0).any())
    if kind == "m":
        return bool((accessor.nanoseconds > 0).any())
    return kind == "O" and any(_is_of_pandas(element) for element in column)


def _is_of_pandas(element: Any) -> bool:
    if type(element).__module__.partition(".")[0] != "pandas":
        return False
    if hasattr(element, "nanosecond") or hasattr(element, "nanoseconds"):
        is_outside = not MINYEAR <= getattr(element, "year", MINYEAR) <= MAXYEAR
        return bool(is_outside or getattr(element, "nanosecond", 0) or getattr(element, "nanoseconds", 0))
    return type(element).__name__ not in {"NAType", "NaTType"}


def _polars_remedy(value: Any) -> str | None:
    name = type(value).__name__
    if name == "LazyFrame":
        return f"send value.collect(){_polars_calls(value.collect_schema(), 'value.collect_schema()')}"
    if name == "DataFrame":
        return f"send value{_polars_calls(value.schema, 'value.schema')}"
    if name == "Series":
        target = _polars_type(value.dtype, "value.dtype")
        return "send value.to_list()" if target is None else f"send value.cast({target}).to_list()"
    return None


def _polars_calls(schema: Any, source: str) -> str:
    """Returns the calls that convert a frame to plain lists, and times with nanoseconds to strings or counts.

    Args:
        schema: the schema of the frame.
        source: the expression of the schema.
    """
    targets = {name: _polars_type(dtype, f"{source}[{name!r}]") for name, dtype in schema.items()}
    casts = ", ".join(f"{name!r}: {target}" for name, target in targets.items() if target is not None)
    return f"{f'.cast({{{casts}}})' if casts else ''}.to_dict(as_series=False)"


def _polars_type(dtype: Any, source: str) -> str | None:
    """Returns the dtype to cast to, because a conversion to Python would truncate nanoseconds; ``None`` without any.

    Args:
        dtype: the dtype of a column, or of a part of one.
        source: the expression of the dtype.
    """
    base = dtype.base_type().__name__
    if base == "Datetime":
        return "polars.String" if dtype.time_unit == "ns" else None
    if base == "Time" or (base == "Duration" and dtype.time_unit == "ns"):
        # Polars cannot convert durations to strings, and truncates times.
        return "polars.Int64"
    if base in {"List", "Array"}:
        inner = _polars_type(dtype.inner, f"{source}.inner")
        size = f", {dtype.size}" if base == "Array" else ""
        return None if inner is None else f"polars.{base}({inner}{size})"
    if base == "Struct":
        sources = [f"{source}.fields[{place}].dtype" for place in range(len(dtype.fields))]
        targets = [_polars_type(field.dtype, place) for field, place in zip(dtype.fields, sources, strict=True)]
        if any(target is not None for target in targets):
            names = [field.name for field in dtype.fields]
            parts = [
                f"{name!r}: {target or place}" for name, target, place in zip(names, targets, sources, strict=True)
            ]
            return f"polars.Struct({{{', '.join(parts)}}})"
    return None


def _arrow_remedy(value: Any) -> str | None:  # noqa: PLR0911 - one answer for each class
    pyarrow: Any = if_loaded("pyarrow")
    if isinstance(value, (pyarrow.Schema, pyarrow.Field, pyarrow.DataType)):
        return "send str(value)"
    if hasattr(value, "as_py"):
        return "send str(value)" if "[ns" in str(value.type) else "send value.as_py()"
    if hasattr(value, "read_all"):
        return f"send value.read_all(){_arrow_calls(value.schema)}"
    if hasattr(value, "to_pydict"):
        return f"send value{_arrow_calls(value.schema)}"
    if hasattr(value, "to_pylist"):
        cast = f".cast({_arrow_type(value.type, 'value.type')})" if "[ns" in str(value.type) else ""
        return f"send value{cast}.to_pylist()"
    if isinstance(value, pyarrow.Tensor):
        return "send value.to_numpy()"
    return "send value.to_pybytes()" if isinstance(value, pyarrow.Buffer) else None


def _arrow_calls(schema: Any) -> str:
    """Returns the calls that convert a table to plain lists, and times with nanoseconds to strings."""
    if any("[ns" in str(kind) for kind in schema.types):
        types = [_arrow_type(kind, f"value.schema.field({place}).type") for place, kind in enumerate(schema.types)]
        columns = ", ".join(f"({name!r}, {target})" for name, target in zip(schema.names, types, strict=True))
        return f".cast(pyarrow.schema([{columns}])){_arrow_lists(schema)}"
    return _arrow_lists(schema)


def _arrow_type(kind: Any, source: str) -> str:
    """Returns a type that has strings in place of times with nanoseconds.

    Args:
        kind: the type of a column, or of a part of one.
        source: the expression of the type.
    """
    types: Any = if_loaded("pyarrow").types
    if "[ns" not in str(kind):
        return source
    if types.is_map(kind):
        parts = (_arrow_type(kind.key_type, f"{source}.key_type"), _arrow_type(kind.item_type, f"{source}.item_type"))
        return f"pyarrow.map_({', '.join(parts)})"
    if types.is_struct(kind):
        fields = [kind.field(place) for place in range(kind.num_fields)]
        targets = [_arrow_type(field.type, f"{source}.field({place}).type") for place, field in enumerate(fields)]
        columns = ", ".join(f"({field.name!r}, {target})" for field, target in zip(fields, targets, strict=True))
        return f"pyarrow.struct([{columns}])"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        size = f", {kind.list_size}" if types.is_fixed_size_list(kind) else ""
        function = "large_list" if types.is_large_list(kind) else "list_"
        return f"pyarrow.{function}({_arrow_type(kind.value_type, f'{source}.value_type')}{size})"
    return "pyarrow.string()"


def _arrow_lists(schema: Any) -> str:
    return ".to_pydict()" if len(set(schema.names)) == len(schema.names) else '.to_pandas().to_dict("tight")'
