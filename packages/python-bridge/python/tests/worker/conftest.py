from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .host import Host
from .worker_process import WorkerServer

TOOLS = str(Path(__file__).parent / "tools.py")

Starter = Callable[..., Host]


@pytest.fixture(scope="session")
def worker_servers() -> Iterator[Callable[[str], WorkerServer]]:
    """Returns the program that starts the workers of a transport, which starts when the first test needs it."""
    servers: dict[str, WorkerServer] = {}

    def server(transport: str) -> WorkerServer:
        if transport not in servers:
            servers[transport] = WorkerServer(transport)
        return servers[transport]

    yield server
    for each in servers.values():
        each.close()


@pytest.fixture
def start(worker_servers: Callable[[str], WorkerServer]) -> Iterator[Starter]:
    """Starts workers; those that are left are ended after the test."""
    hosts: list[Host] = []

    def start(target: str = TOOLS, *, accept: bool = True, transport: str = "socket", **fields: Any) -> Host:
        names = ("environment", "log_timeout_s", "lost_grace_s", "new_session")
        options = {name: fields.pop(name) for name in names if name in fields}
        host = Host(worker_servers(transport), target, transport=transport, **options)
        hosts.append(host)
        if accept:
            host.accept(**fields)
        return host

    yield start
    for host in hosts:
        host.close()


@pytest.fixture
def host(start: Starter) -> Host:
    """An accepted worker, on the socket."""
    return start()
