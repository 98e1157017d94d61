"""Decodes values for the fuzz battery, which writes blocks of inputs to standard input.

For each block it prints one line of JSON: the inputs that were not handled correctly, and the resources of this
process. Correct is a value, which can be encoded again and then be decoded, or a ``SerializationError``.

Usage: decode_values.py SLOW_MS
"""

from __future__ import annotations

import gc
import json
import struct
import sys
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from snakepit_bridge._system import ProcessUsage
from snakepit_bridge._values import SerializationError, decode, encode

_MAX_MESSAGE = 4_000

_uint32 = struct.Struct(">I")


def main() -> None:
    """Decodes blocks until the end of standard input."""
    slow_s = int(sys.argv[1]) / 1000
    source = sys.stdin.buffer
    usage = ProcessUsage()
    while header := source.read(_uint32.size):
        problems = []
        for place in range(_uint32.unpack(header)[0]):
            body, *buffers = (_read_part(source) for _ in range(_read_number(source)))
            started_at = perf_counter()
            problem = _problem(bytes(body), buffers)
            took_s = perf_counter() - started_at
            if problem is None and took_s > slow_s:
                problem = f"it took {took_s:.1f} s"
            if problem is not None:
                problems.append((place, problem))
        gc.collect()
        report = {"problems": problems, "rssBytes": usage.read().rss_bytes, "descriptors": _descriptors()}
        print(json.dumps(report), flush=True)


def _problem(body: bytes, buffers: list[bytearray]) -> str | None:
    try:
        value = decode(body, buffers)
    except SerializationError as error:
        return _error_problem(error)
    except BaseException as error:
        return f"decode() raised {type(error).__name__}: {error}"
    try:
        encoded = encode(value)
    except SerializationError as error:
        return _error_problem(error)
    except BaseException as error:
        return f"encode() raised {type(error).__name__}: {error}"
    try:
        decode(encoded.body, [bytearray(each) for each in encoded.buffers])
    except BaseException as error:
        return f"a decoded value was encoded to bytes that cannot be decoded: {error}"
    return None


def _error_problem(error: SerializationError) -> str | None:
    message = str(error)
    if error.code != "SERIALIZATION":
        return f"{error.code}: {message}"
    return f"the message of the error has {len(message)} characters" if len(message) > _MAX_MESSAGE else None


def _read_number(source: BinaryIO) -> int:
    number: int = _uint32.unpack(source.read(_uint32.size))[0]
    return number


def _read_part(source: BinaryIO) -> bytearray:
    return bytearray(source.read(_read_number(source)))


def _descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


if __name__ == "__main__":
    main()
