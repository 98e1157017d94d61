"""Remedies for tables and columns of pandas, Polars and Arrow."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, timedelta
from typing import Any, Final

from .._libraries import if_loaded
from .arrow_remedies import find_arrow_remedy
from .polars_remedies import find_polars_remedy

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
        return find_polars_remedy(value)
    return find_arrow_remedy(value) if root == "pyarrow" else None


def _pandas_remedy(value: Any) -> str | None:  # noqa: PLR0911 - one answer for each class
    pandas: Any = if_loaded("pandas")
    if value is pandas.NA or value is pandas.NaT:
        return "send None"
    if isinstance(value, pandas.DataFrame):
        return _frame_remedy("value", value)
    if isinstance(value, pandas.Series):
        return _frame_remedy("value.to_frame()", value.to_frame())
    if isinstance(value, pandas.MultiIndex) and len(set(value.names)) < value.nlevels and any(value.names):
        levels = [value.get_level_values(level) for level in range(value.nlevels)]
        if any(_needs_text(level) or _has_missing(level) for level in levels):
            return "send [list(map(str, labels)) for labels in value]"
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
        # A conversion of whole columns shows durations as nanoseconds, of which 64 bits are 292 years.
        cast = ".astype(object).astype(str)" if any(map(_is_of_durations, [*data, *index])) else ".astype(str)"
        return f'send {labels}.reset_index(allow_duplicates=True){cast}.to_dict("tight")'
    if any(_has_missing(column) for column in data):
        return f'send {labels}.astype(object).where({labels}.notna(), None).to_dict("tight")'
    return f'send {labels}.to_dict("tight")'


def _has_missing(column: Any) -> bool:
    """Whether a column contains ``NaT`` or ``NA``, which must be sent as ``None``."""
    kind = getattr(column.dtype, "kind", "O")
    is_numpy = type(column.dtype).__module__.startswith("numpy")
    return not (is_numpy and kind in _SAFE_KINDS) and bool(column.isna().any())


def _is_of_durations(column: Any) -> bool:
    return getattr(getattr(column.dtype, "categories", column).dtype, "kind", "O") == "m"


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
        is_outside = (accessor.days < timedelta.min.days).any() or (accessor.days > timedelta.max.days).any()
        return bool(is_outside or (accessor.nanoseconds > 0).any())
    return kind == "O" and any(_is_of_pandas(element) for element in column)


def _is_of_pandas(element: Any) -> bool:
    if type(element).__module__.partition(".")[0] != "pandas":
        return False
    if hasattr(element, "nanosecond") or hasattr(element, "nanoseconds"):
        has_year = MINYEAR <= getattr(element, "year", MINYEAR) <= MAXYEAR
        has_days = timedelta.min.days <= getattr(element, "days", 0) <= timedelta.max.days
        return bool(
            not (has_year and has_days) or getattr(element, "nanosecond", 0) or getattr(element, "nanoseconds", 0)
        )
    return type(element).__name__ not in {"NAType", "NaTType"}
