from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from snakepit_bridge._session.host_tools import host_tool_list
from snakepit_bridge._session.variables import variable_reads, variable_writes

from .recording_host import RecordingHost

Starter = Callable[..., RecordingHost]


class Blocking:
    """Makes an object with async methods usable as if they blocked, so that one test covers both kinds."""

    def __init__(self, host: RecordingHost, awaited: Any) -> None:
        self._host = host
        self._awaited = awaited

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._awaited, name)
        return (lambda *args, **keywords: self._host.run(method(*args, **keywords))) if callable(method) else method


@pytest.fixture(autouse=True)
def stopped_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops the clocks of the caches: tests count requests, and load may delay one by more than a second."""
    for module in (variable_reads, variable_writes, host_tool_list):
        monkeypatch.setattr(module, "monotonic", lambda: 1000.0)


@pytest.fixture
def start() -> Iterator[Starter]:
    """Creates hosts with a state."""
    hosts: list[RecordingHost] = []

    def start(*args: Any, **state: Any) -> RecordingHost:
        hosts.append(RecordingHost(*args, **state))
        return hosts[-1]

    yield start
    for host in hosts:
        host.close()


@pytest.fixture(params=["blocking", "awaited"])
def variables_of(request: pytest.FixtureRequest) -> Callable[[RecordingHost], Any]:
    """The variables of a session, in the form of both kinds of tools."""
    if request.param == "blocking":
        return lambda host: host.context().variables
    return lambda host: Blocking(host, host.async_context().variables)


@pytest.fixture(params=["blocking", "awaited"])
def programs_of(request: pytest.FixtureRequest) -> Callable[[RecordingHost], Any]:
    """The programs of a session, in the form of both kinds of tools."""
    if request.param == "blocking":
        return lambda host: host.context().programs
    return lambda host: Blocking(host, host.async_context().programs)
