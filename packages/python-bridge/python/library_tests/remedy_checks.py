"""Checks that a value is rejected with a remedy that works."""

from __future__ import annotations

import re
from typing import Any

import networkx
import numpy
import pandas
import polars
import pyarrow
import pytest

from snakepit_bridge._values import SerializationError, decode, encode

_EXPRESSION = re.compile(r"; send (?P<expression>.*?)(?:, (?:or|which) .*| if .*|; .*)?$")
_NAMES = {"numpy": numpy, "pandas": pandas, "polars": polars, "pyarrow": pyarrow, "networkx": networkx}


def follow(value: Any, *, takes_alternative: bool = False) -> Any:
    """Returns what is received when the first remedy of a rejected value is sent, or the other one."""
    with pytest.raises(SerializationError) as failure:
        encode({"items": [1, value]})
    error = failure.value
    assert (error.code, error.path) == ("SERIALIZATION", "result.items[1]")
    found = _EXPRESSION.search(str(error))
    assert found is not None, str(error)
    expression = found["expression"]
    if takes_alternative:
        expression = str(error).partition(", or ")[2].partition(" if times ")[0]
    encoded = encode(eval(expression, {**_NAMES, "value": value}))  # noqa: S307
    return decode(encoded.body, [bytearray(buffer) for buffer in encoded.buffers])
