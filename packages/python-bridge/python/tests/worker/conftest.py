from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .host import Host
from .worker_process import WorkerServer

TOOLS = str(Path(__file__).parent / "tools.py")

Starter = Callable[..., Host]
Servers = Callable[[str, bool], WorkerServer]


@pytest.fixture(scope="session")
def worker_servers() -> Iterator[Servers]:
    """Returns the program that starts the workers of a transport, which starts when the first test needs it.

    It imports what most workers need, unless the second argument is false.
    """
    servers: dict[tuple[str, bool], WorkerServer] = {}

    def server(transport: str, preloads: bool) -> WorkerServer:
        key = (transport, preloads)
        if key not in servers:
            servers[key] = WorkerServer(transport, preloads=preloads)
        return servers[key]

    yield server
    for each in servers.values():
        each.close()


@pytest.fixture
def start(worker_servers: Servers) -> Iterator[Starter]:
    """Starts workers; those that are left are ended after the test."""
    hosts: list[Host] = []

    def start(
        target: str = TOOLS, *, accept: bool = True, transport: str = "socket", preloads: bool = True, **fields: Any
    ) -> Host:
        names = ("capacity", "environment", "log_timeout_s", "lost_grace_s", "new_session", "profile")
        options = {name: fields.pop(name) for name in names if name in fields}
        host = Host(worker_servers(transport, preloads), target, transport=transport, **options)
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
