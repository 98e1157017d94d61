"""The host for unit tests passes the same vectors as the host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge import HostError
from snakepit_bridge._local_host import LocalHost

_FILE = Path(__file__).parents[4] / "sessions" / "vectors" / "operations.json"
_CASES: list[dict[str, Any]] = json.loads(_FILE.read_text("utf-8"))


def echo(value: Any) -> Any:
    return value


def fail() -> None:
    raise ValueError("broken")


def count(to: int) -> Iterator[int]:
    yield from range(to)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["name"])
def test_the_local_host_passes_the_operation_vectors(case: dict[str, Any]) -> None:
    host = LocalHost(
        session_id="s",
        session_metadata={"user": "me"},
        variables={},
        programs={},
        host_tools={"echo": echo, "fail": fail, "count": count},
        finish=lambda value: value,
    )
    for request in case["requests"]:
        check(host, request)


def check(host: LocalHost, request: dict[str, Any]) -> None:
    method = request["method"]
    if "error" in request:
        with pytest.raises(HostError) as failure:
            execute(host, request)
        assert failure.value.code == request["error"]["code"], method
        expect_match(dict(failure.value.details), request["error"]["details"], method)
        return
    answer = execute(host, request)
    expect_match(answer, request.get("values", request.get("answer", {})), method)
    for path in request.get("absent", ()):
        *parents, last = path.split(".")
        inner = answer
        for name in parents:
            inner = inner[name]
        assert last not in inner


def execute(host: LocalHost, request: dict[str, Any]) -> Any:
    method, payload = request["method"], request.get("payload", {})
    if method not in ("variables.watch", "variables.reserve", "programs.reserve", "tools.stream"):
        return host.request(method, payload, None, root=method)
    stream = host.stream(method, payload, None, root=method)
    try:
        return list(stream if request.get("ends") or "error" in request else islice(stream, len(request["values"])))
    finally:
        stream.close()


def expect_match(actual: Any, expected: Any, path: str) -> None:
    """Compares the listed keys of dicts, lists element by element, and all other values."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert key in actual, f"{path}.{key} is missing in {actual}"
            expect_match(actual[key], value, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), f"{path}: {actual}"
        for index, value in enumerate(expected):
            expect_match(actual[index], value, f"{path}[{index}]")
    else:
        assert actual == expected, path
