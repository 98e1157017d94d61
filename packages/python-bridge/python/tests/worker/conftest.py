from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .host import Host

TOOLS = str(Path(__file__).parent / "tools.py")

Starter = Callable[..., Host]


@pytest.fixture
def start() -> Iterator[Starter]:
    """Starts workers; those that are left are ended after the test."""
    hosts: list[Host] = []

    def start(target: str = TOOLS, *, welcome: bool = True, transport: str = "socket", **fields: Any) -> Host:
        options = {key: fields.pop(key) for key in ("start_new_session", "env", "cwd") if key in fields}
        host = Host(target, transport=transport, **options)
        hosts.append(host)
        if welcome:
            host.welcome(**fields)
        return host

    yield start
    for host in hosts:
        host.close()


@pytest.fixture
def host(start: Starter) -> Host:
    """A worker that was welcomed, on the socket."""
    return start()
