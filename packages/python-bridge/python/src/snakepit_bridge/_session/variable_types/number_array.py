"""Arrays of numbers: those of numpy and of the module ``array``."""

from __future__ import annotations

import array
from dataclasses import dataclass
from typing import Any

from ..._libraries import if_loaded


@dataclass(frozen=True)
class NumberArray:
    """The properties of an array."""

    elements: Any
    shape: tuple[int, ...]
    dtype: str
    """The name in numpy, without the byte order."""


def as_number_array(value: Any) -> NumberArray | None:
    """Returns the properties of an array of numbers; ``None`` for other values."""
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
    """Converts a numpy scalar to a Python number or boolean. Returns other values unchanged."""
    if type(value) in {int, float, bool, str}:
        return value
    numpy: Any = if_loaded("numpy")
    if numpy is None or not isinstance(value, (numpy.integer, numpy.floating, numpy.bool_)):
        return value
    # numpy derives durations from integers, and Python has no equivalent of longdouble.
    return value if isinstance(value, (numpy.timedelta64, numpy.longdouble)) else value.item()
