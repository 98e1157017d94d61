from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge._values import SerializationError, decode, encode

from .notation import from_hex, from_notation, to_hex, to_notation

FOLDER = Path(__file__).parents[4] / "bridge-proto" / "vectors"


def read_vectors(name: str) -> list[dict[str, Any]]:
    """Returns the vectors of one file, which both languages share."""
    vectors: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return vectors


VALUES = [vector for name in ("scalars", "containers", "extensions", "arrays") for vector in read_vectors(name)]
SENT = [vector for vector in VALUES if "python" in vector["sentBy"]]
MALFORMED = read_vectors("malformed")


def name_of(vector):
    return vector["name"]


@pytest.mark.parametrize("vector", VALUES, ids=name_of)
def test_decodes_the_value_of_the_vector(vector):
    buffers = [bytearray(from_hex(buffer)) for buffer in vector["buffers"]]
    value = decode(from_hex(vector["body"]), buffers)
    assert to_notation(value) == vector.get("inPython", vector["value"])


@pytest.mark.parametrize("vector", SENT, ids=name_of)
def test_encodes_the_bytes_of_the_vector(vector):
    encoded = encode(from_notation(vector["value"]))
    assert to_hex(encoded.body) == vector["body"]
    assert [to_hex(bytes(buffer)) for buffer in encoded.buffers] == vector["buffers"]
    assert encoded.byte_length == len(encoded.body) + sum(buffer.nbytes for buffer in encoded.buffers)


@pytest.mark.parametrize("vector", MALFORMED, ids=name_of)
def test_rejects_malformed_data_without_allocating_memory(vector):
    tracemalloc.start()
    try:
        with pytest.raises(SerializationError) as failure:
            decode(from_hex(vector["body"]), [from_hex(buffer) for buffer in vector["buffers"]])
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert failure.value.code == "SERIALIZATION"
