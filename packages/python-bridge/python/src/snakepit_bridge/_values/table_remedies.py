"""Remedies for tables and columns of pandas, Polars and Arrow."""

from __future__ import annotations

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
        return bool((accessor.nanosecond > 0).any())
    if kind == "m":
        return bool((accessor.nanoseconds > 0).any())
    return kind == "O" and any(_is_of_pandas(element) for element in column)


def _is_of_pandas(element: Any) -> bool:
    if type(element).__module__.partition(".")[0] != "pandas":
        return False
    if hasattr(element, "nanosecond") or hasattr(element, "nanoseconds"):
        return bool(getattr(element, "nanosecond", 0) or getattr(element, "nanoseconds", 0))
    return type(element).__name__ not in {"NAType", "NaTType"}


def _polars_remedy(value: Any) -> str | None:
    name = type(value).__name__
    if name == "LazyFrame":
        return "send value.collect().to_dict(as_series=False)"
    if name == "DataFrame":
        if any(_has_nanoseconds(dtype) for dtype in value.dtypes):
            return "send value.cast(polars.String).to_dict(as_series=False)"
        return "send value.to_dict(as_series=False)"
    if name == "Series":
        return "send value.cast(polars.String).to_list()" if _has_nanoseconds(value.dtype) else "send value.to_list()"
    return None


def _has_nanoseconds(dtype: Any) -> bool:
    """Whether a Polars dtype has nanoseconds, which a conversion to Python would truncate."""
    return getattr(dtype, "time_unit", None) == "ns" or str(dtype) == "Time"


def _arrow_remedy(value: Any) -> str | None:
    if hasattr(value, "as_py"):
        return "send str(value)" if "[ns" in str(value.type) else "send value.as_py()"
    if hasattr(value, "read_all"):
        return f"send value.read_all(){_arrow_calls(value.schema)}"
    if hasattr(value, "to_pydict"):
        return f"send value{_arrow_calls(value.schema)}"
    if hasattr(value, "to_pylist"):
        return f"send value{'.cast(pyarrow.string())' if '[ns' in str(value.type) else ''}.to_pylist()"
    return None


def _arrow_calls(schema: Any) -> str:
    """Returns the calls that convert a table to plain lists, and times with nanoseconds to strings."""
    if any("[ns" in str(kind) for kind in schema.types):
        columns = ", ".join(f"({name!r}, pyarrow.string())" for name in schema.names)
        return f".cast(pyarrow.schema([{columns}])){_arrow_lists(schema)}"
    return _arrow_lists(schema)


def _arrow_lists(schema: Any) -> str:
    return ".to_pydict()" if len(set(schema.names)) == len(schema.names) else '.to_pandas().to_dict("tight")'
