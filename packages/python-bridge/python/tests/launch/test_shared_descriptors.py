from __future__ import annotations

import asyncio
import gc
import logging
import mmap
import os
import select
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest

from snakepit_bridge._launch.shared_descriptors import describe_shared, open_descriptors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    # Descriptors that earlier tests have dropped must not be closed in the middle of a test.
    gc.collect()
    with ExitStack() as stack:
        yield stack


def run(command: str) -> int:
    """The exit code of a Python program."""
    return subprocess.run([sys.executable, "-c", command], check=False, capture_output=True).returncode  # noqa: S603


def test_network_connections_are_described_with_their_addresses(opened: ExitStack) -> None:
    """L4: with the variable that holds them."""
    listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
    port = listener.getsockname()[1]
    before = open_descriptors()
    module = ModuleType("tools")
    module.connection = opened.enter_context(socket.create_connection(("127.0.0.1", port)))  # type: ignore[attr-defined]
    fd = module.connection.fileno()
    assert describe_shared(before, [module]) == [
        f"a connection to 127.0.0.1:{port} (descriptor {fd} of tools.connection)"
    ]


def test_a_lazy_object_is_not_evaluated_when_the_variable_is_searched_for(opened: ExitStack) -> None:
    """L4: isinstance() would evaluate it."""

    class Lazy:
        @property
        def __class__(self) -> type:
            raise RuntimeError("evaluated")

        @__class__.setter
        def __class__(self, kind: type) -> None: ...

    before = open_descriptors()
    module = ModuleType("tools")
    module.settings = Lazy()  # type: ignore[attr-defined]
    module.listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))  # type: ignore[attr-defined]
    assert describe_shared(before, [module])[0].endswith("of tools.listener)")


def test_sockets_of_every_kind_are_described(opened: ExitStack, tmp_path: Path) -> None:
    """L4: listeners, datagrams, unix sockets, pairs."""
    before = open_descriptors()
    listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
    unix = opened.enter_context(socket.socket(socket.AF_UNIX))
    unix.bind(str(tmp_path / "socket"))
    unix.listen()
    client = opened.enter_context(socket.socket(socket.AF_UNIX))
    client.connect(str(tmp_path / "socket"))
    datagram = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    pair = [opened.enter_context(each) for each in socket.socketpair()]
    described = describe_shared(before, [])
    port = listener.getsockname()[1]
    assert f"a socket that listens on 127.0.0.1:{port} (descriptor {listener.fileno()})" in described
    assert f"a socket that listens on {tmp_path}/socket (descriptor {unix.fileno()})" in described
    assert f"a connection to {tmp_path}/socket (descriptor {client.fileno()})" in described
    assert f"a socket bound to 0.0.0.0:0 (descriptor {datagram.fileno()})" in described
    assert f"a socket pair (descriptor {pair[0].fileno()})" in described


@pytest.mark.parametrize("with_table", [False, True])
def test_database_files_are_described(opened: ExitStack, tmp_path: Path, with_table: bool) -> None:
    """L4: and looking at them does not drop their locks."""
    path = tmp_path / "cache.db"
    before = open_descriptors()
    connection = sqlite3.connect(path, isolation_level=None)
    opened.callback(connection.close)
    if with_table:
        connection.execute("CREATE TABLE t (x)")
    connection.execute("BEGIN EXCLUSIVE")
    [described, *_] = describe_shared(before, [])
    assert described.startswith(f"the SQLite database {path} (descriptor ")
    # A separate process, because locks belong to a process.
    command = f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0).execute('BEGIN EXCLUSIVE')"
    assert run(command) != 0


def test_pipes_event_loops_and_files_with_a_position_are_named(opened: ExitStack, tmp_path: Path) -> None:
    """L4: descriptors through which one process would receive the data of another."""
    (tmp_path / "data.txt").write_text("0123456789")
    before = open_descriptors()
    for end in os.pipe():
        opened.callback(os.close, end)
    epoll = opened.enter_context(select.epoll())
    loop = asyncio.new_event_loop()
    opened.callback(loop.close)
    module = ModuleType("tools")
    module.data = opened.enter_context((tmp_path / "data.txt").open())  # type: ignore[attr-defined]
    described = describe_shared(before, [module])
    assert sum(each.startswith("a pipe (") for each in described) == 2
    assert f"an event loop's epoll object (descriptor {epoll.fileno()})" in described
    assert "a socket pair" in " ".join(described)
    assert (
        f"the file {tmp_path}/data.txt, whose position is shared (descriptor {module.data.fileno()} of tools.data)"
        in described
    )


def test_shareable_descriptors_are_not_described(opened: ExitStack, tmp_path: Path) -> None:
    """L4: log files, mapped files, devices."""
    (tmp_path / "mapped").write_bytes(b"x" * 4096)
    before = open_descriptors()
    handler = logging.FileHandler(tmp_path / "log")
    opened.callback(handler.close)
    opened.callback(os.close, os.open("/dev/urandom", os.O_RDONLY))
    opened.callback(os.close, os.open(os.devnull, os.O_RDWR))
    file = opened.enter_context((tmp_path / "mapped").open("rb"))
    opened.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    opened.callback(os.close, os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY))
    assert describe_shared(before, []) == []


def test_imported_libraries_cause_no_description() -> None:
    """L4: no false alarm."""
    command = (
        "from snakepit_bridge._launch.shared_descriptors import describe_shared, open_descriptors\n"
        "before = open_descriptors()\n"
        "import numpy, numpy.random, ssl, asyncio, logging, multiprocessing, sqlite3, tempfile, urllib.request\n"
        "numpy.random.default_rng().random()\n"
        "assert describe_shared(before, []) == [], describe_shared(before, [])\n"
    )
    assert run(command) == 0
