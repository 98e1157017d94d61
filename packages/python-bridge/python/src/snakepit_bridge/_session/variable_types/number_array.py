"""Arrays of numbers: numpy's, and those of the module ``array``."""

from __future__ import annotations

import array
from dataclasses import dataclass
from typing import Any

from ..._libraries import if_loaded


@dataclass(frozen=True)
class NumberArray:
    """What is known of an array."""

    elements: Any
    shape: tuple[int, ...]
    dtype: str
    """As numpy names it, byte order aside."""


def as_number_array(value: Any) -> NumberArray | None:
    """Return what a value is as an array of numbers; None when it is none."""
    if isinstance(value, array.array):
        if value.typecode in "uw":
            return None
        kind = "float" if value.typecode in "fd" else "int" if value.typecode.islower() else "uint"
        return NumberArray(value, (len(value),), f"{kind}{8 * value.itemsize}")
    numpy: Any = if_loaded("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return NumberArray(value, value.shape, value.dtype.name)
    return None


def plain_number(value: Any) -> Any:
    """Return the number or boolean of Python that a scalar of numpy is; anything else as it is."""
    if type(value) in {int, float, bool, str}:
        return value
    numpy: Any = if_loaded("numpy")
    if numpy is None or not isinstance(value, (numpy.integer, numpy.floating, numpy.bool_)):
        return value
    # A duration is an integer to numpy, and a longdouble has no number in Python.
    return value if isinstance(value, (numpy.timedelta64, numpy.longdouble)) else value.item()
