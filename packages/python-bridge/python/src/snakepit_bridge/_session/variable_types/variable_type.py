"""The types of variables, and the constraints of each."""

from __future__ import annotations

from typing import Final, Literal, get_args

VariableType = Literal["string", "integer", "float", "boolean", "choice", "module", "embedding", "tensor"]
"""The type of a variable."""

VARIABLE_TYPES: Final[tuple[str, ...]] = get_args(VariableType)

CONSTRAINTS_OF: Final[dict[str, tuple[str, ...]]] = {
    "string": ("minLength", "maxLength", "pattern"),
    "integer": ("min", "max"),
    "float": ("min", "max"),
    "boolean": (),
    "choice": ("choices",),
    "module": ("minLength", "maxLength", "pattern"),
    "embedding": ("dimensions",),
    "tensor": ("shape", "dtype"),
}
"""The constraints of each type, by their names on the wire."""

TENSOR_DTYPES: Final = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
)
