"""Arrays of numbers: numpy arrays, or those of the module ``array`` if numpy is not installed."""

from __future__ import annotations

import array
import math
import struct
from typing import TYPE_CHECKING, Any, Final, NoReturn

from .._libraries import if_loaded, install_command
from .remedies import array_remedy, masked_array_remedy, reject
from .unsendable import UnsendableError
from .wire_format import Block

if TYPE_CHECKING:
    from collections.abc import Callable

_DTYPE_OF_CODE: Final = {
    1: "bool",
    2: "int8",
    3: "int16",
    4: "int32",
    5: "int64",
    6: "uint8",
    7: "uint16",
    8: "uint32",
    9: "uint64",
    10: "float16",
    11: "float32",
    12: "float64",
    13: "complex64",
    14: "complex128",
    15: "datetime64",
    16: "timedelta64",
    17: "float128",
    18: "complex256",
}
_CODE_OF_KIND: Final = {
    "b1": 1,
    "i1": 2,
    "i2": 3,
    "i4": 4,
    "i8": 5,
    "u1": 6,
    "u2": 7,
    "u4": 8,
    "u8": 9,
    "f2": 10,
    "f4": 11,
    "f8": 12,
    "c8": 13,
    "c16": 14,
    "f16": 17,
    "c32": 18,
}
"""By kind and size in bytes, as in ``dtype.str``."""

_TIMED: Final = frozenset({15, 16})

_TYPECODES: Final = {2: "b", 3: "h", 4: "i", 5: "q", 6: "B", 7: "H", 8: "I", 9: "Q", 11: "f", 12: "d"}
"""The codes in the module ``array`` of the dtypes that it supports."""

_MAX_DIMENSIONS: Final = 64


def convert_array(value: array.array[Any]) -> Block:
    """Converts an ``array.array`` to an array of one dimension."""
    kind = "f" if value.typecode in "fd" else "i" if value.typecode.islower() else "u"
    code = _CODE_OF_KIND[f"{kind}{value.itemsize}"]
    if value.typecode in "uw":
        raise UnsendableError("an array of characters", "send its tounicode()")
    # An empty view cannot be cast.
    data = memoryview(value).cast("B") if value else memoryview(b"")
    return Block(_header(code, (len(value),), ""), data)


def find_numpy_conversion(kind: type) -> Callable[[Any], Any] | None:
    """Returns the conversion of instances of a numpy class; ``None`` for other classes."""
    numpy: Any = if_loaded("numpy")
    if numpy is None:
        return None
    masked: Any = if_loaded("numpy.ma")
    if masked is not None and issubclass(kind, masked.MaskedArray):
        return _reject_masked_array
    if issubclass(kind, numpy.ndarray):
        return _convert_ndarray
    return _convert_numpy_scalar if issubclass(kind, numpy.generic) else None


def read_array(description: bytes, take_buffer: Callable[[int], Any]) -> Any:
    """Decodes an array: a view of its buffer if the buffer is writable, else a copy.

    Raises:
        ValueError: the data is not an array.
        LookupError: the array requires numpy, which is not installed.
    """
    out_of_band, code, dimensions = struct.unpack_from(">BBB", description)
    if code not in _DTYPE_OF_CODE or dimensions > _MAX_DIMENSIONS or out_of_band > 1:
        raise ValueError("an array has an unknown dtype, place or number of dimensions")
    shape = struct.unpack_from(f">{dimensions}Q", description, 3)
    at = 3 + 8 * dimensions
    unit = ""
    if code in _TIMED:
        end = at + 1 + description[at]
        unit, at = description[at + 1 : end].decode("ascii"), end
    if out_of_band:
        (index,) = struct.unpack(">I", description[at:])
        data, at = take_buffer(index), 0
    else:
        data = description
    numpy = _numpy()
    if numpy is None:
        return _plain_array(code, shape, memoryview(data)[at:])
    name = f"{_DTYPE_OF_CODE[code]}[{unit}]" if unit else _DTYPE_OF_CODE[code]
    return _ndarray(numpy, name, shape, data, at)


def _convert_ndarray(value: Any) -> Block:
    """Converts a numpy array to its elements, in row-major order and little-endian."""
    numpy: Any = if_loaded("numpy")
    dtype = value.dtype
    description = dtype.str
    code, unit = _CODE_OF_KIND.get(description[1:]), ""
    if code is None:
        if dtype.kind not in "mM":
            raise UnsendableError(f"a numpy array of dtype {dtype}", array_remedy(value))
        code, unit = 15 if dtype.kind == "M" else 16, _unit(*numpy.datetime_data(dtype))
    if description[0] == ">":
        dtype = dtype.newbyteorder("<")
    rows = numpy.asarray(value, dtype, order="C")
    return Block(_header(code, rows.shape, unit), rows.reshape(-1).view(numpy.uint8).data)


def _reject_masked_array(value: Any) -> NoReturn:
    """Raises for an array that would lose its mask."""
    raise UnsendableError("a masked array", masked_array_remedy(value))


def _convert_numpy_scalar(value: Any) -> Any:
    """Returns the equivalent Python value, or a zero-dimensional array without one: nanoseconds, ``longdouble``."""
    numpy: Any = if_loaded("numpy")
    plain = value.item()
    if isinstance(value, (numpy.datetime64, numpy.timedelta64)) and (plain is None or isinstance(plain, int)):
        return _convert_ndarray(numpy.asarray(value))
    if isinstance(plain, numpy.generic):
        return _convert_ndarray(numpy.asarray(plain))
    if type(plain) is tuple:
        return reject(value)
    return plain


def _header(code: int, shape: tuple[int, ...], unit: str) -> bytes:
    described = struct.pack(f">BB{len(shape)}Q", code, len(shape), *shape)
    return described + bytes([len(unit)]) + unit.encode("ascii") if code in _TIMED else described


def _unit(name: str, multiple: int) -> str:
    if name == "generic":
        return ""
    return name if multiple == 1 else f"{multiple}{name}"


def _numpy() -> Any:
    loaded = if_loaded("numpy")
    if loaded is not None:
        return loaded
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def _ndarray(numpy: Any, name: str, shape: tuple[int, ...], data: Any, at: int) -> Any:
    try:
        dtype = numpy.dtype(name).newbyteorder("<")
    except TypeError as error:
        raise LookupError(f"numpy has no {name} on this machine") from error
    if math.prod(shape) * dtype.itemsize != len(data) - at:
        raise ValueError(f"an array of {len(data) - at} bytes has the shape {shape}")
    view = numpy.ndarray(shape, dtype, data, at) if len(data) > at else numpy.empty(shape, dtype)
    return view if view.flags.writeable else view.copy()


def _plain_array(code: int, shape: tuple[int, ...], data: memoryview) -> array.array[Any]:
    typecode = _TYPECODES.get(code)
    if typecode is None or len(shape) != 1:
        problem = f"an array of {_DTYPE_OF_CODE[code]} with the shape {shape} requires numpy"
        raise LookupError(f"{problem}; install it: {install_command('numpy')}")
    elements: array.array[Any] = array.array(typecode)
    elements.frombytes(data)
    if len(elements) != shape[0]:
        raise ValueError(f"an array of {len(elements)} elements has the shape {shape}")
    return elements
