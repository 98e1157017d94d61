"""Formats values for messages. ``shown-value.ts`` does the same in TypeScript."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from .number_array import as_number_array, plain_number

_SHOWN_CHARACTERS: Final = 60
_LONG_INTEGER: Final = 10**40
"""Integers from this value on are too long to show."""

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FLOAT: Final = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?")


def quoted(text: str) -> str:
    """Returns a string in quotation marks, with special characters escaped and a long string truncated."""
    shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(shown, ensure_ascii=False))


def shown_number(value: float) -> str:
    """Formats a number as JavaScript does."""
    if isinstance(value, float):
        return _shown_float(value)
    return str(value) if -_LONG_INTEGER < value < _LONG_INTEGER else "an integer of more than 40 digits"


def kind_of(value: Any) -> str:  # noqa: PLR0911
    """Describes the type of a value. The value is not shown, since it may be a secret."""
    value = plain_number(value)
    if value is None:
        return "null"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, (list, tuple)):
        return "a list"
    array = as_number_array(value)
    if array is not None:
        return f"an array of {array.dtype} with the shape {shown_shape(array.shape)}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "bytes"
    if isinstance(value, AbstractSet):
        return "a set"
    return "a map" if isinstance(value, Mapping) else "an object"


def shown_setting(value: Any) -> str:
    """Formats a value of a definition."""
    value = plain_number(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return shown_number(value) if isinstance(value, (int, float)) else kind_of(value)


def shown_shape(shape: Sequence[int | None]) -> str:
    """Formats a shape, in which ``None`` stands for any size."""
    sizes = ["any" if size is None else str(size) for size in shape]
    return f"[{', '.join(sizes)}]"


def listed(strings: Sequence[str]) -> str:
    """Joins strings with commas. Of a long list, only the first ones are shown."""
    if len(strings) <= 10:
        return ", ".join(strings)
    return f"{', '.join(strings[:10])} and {len(strings) - 10} more"


def counted(count: int, one: str) -> str:
    """Formats a count with its noun in the singular or plural.

    Args:
        count: the count.
        one: the noun in the singular.
    """
    return f"{count} {one}{'' if count == 1 else 's'}"


def _shown_float(value: float) -> str:
    """Formats a float with the digits of ``repr`` and the exponents of JavaScript."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    match = _FLOAT.fullmatch(repr(float(value)))
    if match is None:
        raise ValueError(f"no float is written {value!r}")
    sign, whole, fraction, exponent = match.groups(default="")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Inserts the decimal point at a position (https://tc39.es/ecma262/#sec-numeric-types-number-tostring)."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{point - 1:+d}"
