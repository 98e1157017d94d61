"""Checks embeddings and tensors."""

from __future__ import annotations

import array
import math
import re
from typing import TYPE_CHECKING, Any, Final

from ..._libraries import if_loaded
from .exact_numbers import exact_float, exact_integer
from .number_array import as_number_array
from .shown_value import counted, kind_of, shown_number, shown_shape
from .variable_error import invalid_variable
from .variable_type import TENSOR_DTYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_INTEGER_DTYPE: Final = re.compile(r"u?int\d+")


def check_embedding(name: str, value: Any, constraints: Mapping[str, Any]) -> Any:
    """Returns the numbers of an embedding: float arrays unchanged, lists and integers as float64 ``array.array``."""
    if isinstance(value, (list, tuple)):
        _check_dimensions(name, len(value), constraints)
        return _floats_of(name, value)
    numbers = as_number_array(value)
    if numbers is None:
        expected = "a list or a one-dimensional array of numbers"
        raise invalid_variable(name, "type", f" must be {expected}; got {kind_of(value)}")
    is_float = numbers.dtype in {"float32", "float64"}
    if not is_float and not _INTEGER_DTYPE.fullmatch(numbers.dtype):
        problem = (
            f" must be an array of float32, float64 or integers; got dtype {numbers.dtype}; convert it to float32 first"
        )
        raise invalid_variable(name, "dtype", problem)
    if len(numbers.shape) != 1:
        shape = shown_shape(numbers.shape)
        raise invalid_variable(name, "shape", f" must be an array of one dimension; got shape {shape}")
    _check_dimensions(name, numbers.shape[0], constraints)
    if not is_float:
        return _floats_of(name, numbers.elements.tolist())
    _check_finite(name, numbers.elements)
    return value


def check_tensor(name: str, value: Any, constraints: Mapping[str, Any]) -> Any:
    """Returns a valid array of numbers or booleans unchanged."""
    numbers = as_number_array(value)
    if numbers is None:
        problem = f" must be an array; got {kind_of(value)}; create one with ndarray() (in Python, numpy.array())"
        raise invalid_variable(name, "type", problem)
    if numbers.dtype not in TENSOR_DTYPES:
        raise invalid_variable(name, "dtype", f" must be an array of numbers or booleans; got dtype {numbers.dtype}")
    dtype, shape = constraints.get("dtype"), constraints.get("shape")
    if dtype is not None and dtype != numbers.dtype:
        raise invalid_variable(name, "dtype", f" must have the dtype {dtype}; got {numbers.dtype}; convert it first")
    if shape is not None and not _has_shape(numbers.shape, shape):
        problem = f" must have the shape {shown_shape(shape)}; got {shown_shape(numbers.shape)}"
        raise invalid_variable(name, "shape", problem)
    return value


def _check_dimensions(name: str, numbers: int, constraints: Mapping[str, Any]) -> None:
    dimensions = constraints.get("dimensions")
    if dimensions is not None and numbers != dimensions:
        raise invalid_variable(name, "shape", f" must have {counted(dimensions, 'number')}; got {numbers}")


def _floats_of(name: str, numbers: Sequence[Any]) -> array.array[float]:
    floats = array.array("d")
    for index, number in enumerate(numbers):
        exact = exact_float(number)
        if exact is None:
            raise invalid_variable(name, "type", _not_a_float(number, index))
        floats.append(exact)
    _check_finite(name, floats)
    return floats


def _not_a_float(number: Any, index: int) -> str:
    integer = exact_integer(number)
    if integer is None:
        return f" must contain only numbers; got {kind_of(number)} at index {index}"
    got = f"{shown_number(integer)} at index {index}, which no float represents exactly"
    return f" must contain only floats; got {got}; round it first"


def _check_finite(name: str, floats: Any) -> None:
    index = _first_not_finite(floats)
    if index is not None:
        shown = shown_number(float(floats[index]))
        raise invalid_variable(name, "range", f" must contain only finite numbers; got {shown} at index {index}")


def _first_not_finite(floats: Any) -> int | None:
    numpy: Any = if_loaded("numpy")
    if numpy is None or not isinstance(floats, numpy.ndarray):
        return _first_false(map(math.isfinite, floats))
    finite = numpy.isfinite(floats)
    return None if finite.all() else int(finite.argmin())


def _first_false(verdicts: Iterable[bool]) -> int | None:
    return next((index for index, verdict in enumerate(verdicts) if not verdict), None)


def _has_shape(shape: Sequence[int], expected: Sequence[int | None]) -> bool:
    return len(shape) == len(expected) and all(
        size is None or size == actual for size, actual in zip(expected, shape, strict=True)
    )
