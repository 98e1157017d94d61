"""Records that the socket transport sends with a later one."""

from __future__ import annotations

import array
import fcntl
import os
import socket
import struct
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snakepit_bridge._proto.frames_pb2 import Batch, Frame, Log
from snakepit_bridge._wire import ConnectionClosed, UnsentRecords
from snakepit_bridge._wire.socket_transport import SocketTransport

from .host_peer import PATIENCE_S
from .unsent_file import AREA_BYTES, bytes_from


def batch(message: str) -> Batch:
    return Batch(frames=[Frame(log=Log(message=message))])


def record(message: str, *attachments: bytes) -> bytes:
    sent = batch(message)
    sent.attachment_lengths[:] = [len(each) for each in attachments]
    encoded = sent.SerializeToString()
    return struct.pack(">I", len(encoded)) + encoded + b"".join(attachments)


class Connection:
    """A transport that can hold records, and the other end of its socket."""

    def __init__(self, directory: Path) -> None:
        self.host, self.worker = socket.socketpair()
        self.host.settimeout(PATIENCE_S)
        self.transport = SocketTransport(self.worker)
        unsent = UnsentRecords.create(str(directory / "host.sock"))
        assert unsent is not None
        self.path = directory / unsent.name
        self.transport.hold_in(unsent)
        self.received = b""
        """What the host has read from the socket so far."""

    def read(self, count: int) -> bytes:
        """Reads a number of bytes from the socket."""
        data = b""
        while len(data) < count:
            more = self.host.recv(count - len(data))
            assert more
            data += more
        self.received += data
        return data

    def unread(self) -> int:
        """The number of bytes in the socket."""
        count = array.array("i", [0])
        fcntl.ioctl(self.host, termios.FIONREAD, count)
        return count[0]

    def held(self) -> bytes:
        """What the file adds to the bytes in the socket."""
        return bytes_from(self.path, len(self.received) + self.unread())

    def close(self) -> None:
        self.host.close()
        self.worker.close()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    connection = Connection(tmp_path)
    yield connection
    connection.close()


LARGE = "x" * 40_000
Send = Callable[[SocketTransport], object]
SENDS: dict[str, tuple[Send, bytes]] = {
    "send": (lambda transport: transport.send(batch("last")), record("last")),
    "send of a large batch": (lambda transport: transport.send(batch(LARGE)), record(LARGE)),
    "send with attachments": (
        lambda transport: transport.send(batch("last"), [b"abc", b"", b"d" * 50_000]),
        record("last", b"abc", b"", b"d" * 50_000),
    ),
    "send_record": (lambda transport: transport.send_record(b"\0\0\0\1", b"body"), b"\0\0\0\1body"),
    "send_record of a large body": (
        lambda transport: transport.send_record(b"\0\0\0\1", LARGE.encode()),
        b"\0\0\0\1" + LARGE.encode(),
    ),
    "offer": (lambda transport: transport.offer(batch("last"), PATIENCE_S), record("last")),
    "post": (lambda transport: transport.post(batch("last")), record("last")),
    "send_held": (lambda transport: transport.send_held(), b""),
}


@pytest.mark.parametrize("kind", SENDS)
def test_every_kind_of_send_sends_what_is_held_first(connection: Connection, kind: str) -> None:
    send, sent = SENDS[kind]
    for _ in range(3):
        for message in ("one", "two"):
            assert connection.transport.hold_record(record(message))
        held = record("one") + record("two")
        assert connection.unread() == 0
        assert connection.held() == held
        send(connection.transport)
        assert connection.read(len(held) + len(sent)) == held + sent
        assert connection.unread() == 0
        assert connection.held() == b""


@pytest.mark.parametrize("kind", SENDS)
def test_the_records_of_a_system_call_stay_in_the_file_until_the_next_are_held(
    connection: Connection, kind: str
) -> None:
    assert connection.transport.hold_record(record("one"))
    SENDS[kind][0](connection.transport)
    # A host that has not read them from the socket finds them.
    assert bytes_from(connection.path, 0) == record("one")
    assert connection.transport.hold_record(record("two"))
    assert bytes_from(connection.path, 0) == record("one")


@given(steps=st.lists(st.one_of(st.sampled_from(sorted(SENDS)), st.integers(0, 12_000)), max_size=15))
@settings(deadline=None)
def test_socket_and_file_together_have_all_records_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str | int]
) -> None:
    """A string is a kind of send, a number the size of a record to hold."""
    connection = Connection(tmp_path_factory.mktemp("held"))
    expected = b""
    for step in steps:
        if isinstance(step, str):
            send, sent = SENDS[step]
            expected += sent
            send(connection.transport)
            assert connection.held() == b""
        else:
            added = record("y" * step)
            if connection.transport.hold_record(added):
                expected += added
            else:
                assert len(connection.held()) + len(added) > AREA_BYTES
        connection.read(connection.unread())
        assert connection.received + connection.held() == expected
    connection.close()


def test_a_record_that_does_not_fit_leaves_those_that_are_held(connection: Connection) -> None:
    assert connection.transport.hold_record(record("one"))
    assert not connection.transport.hold_record(b"x" * AREA_BYTES)
    assert connection.held() == record("one")
    connection.transport.send_record(b"", b"x" * AREA_BYTES)
    assert connection.read(len(record("one")) + AREA_BYTES) == record("one") + b"x" * AREA_BYTES


def test_a_record_that_was_posted_while_another_was_being_held_is_sent(connection: Connection) -> None:
    # As a signal handler does it, which interrupts the thread that holds the lock.
    with connection.transport._sending:
        assert connection.transport.post(batch("posted"))
    assert connection.unread() == 0
    assert connection.transport.hold_record(record("held"))
    both = record("held") + record("posted")
    assert connection.read(len(both)) == both


def test_sending_what_is_held_fails_when_the_host_has_closed_the_connection(connection: Connection) -> None:
    assert connection.transport.hold_record(record("one"))
    connection.host.close()
    with pytest.raises(ConnectionClosed, match="the connection to the host broke"):
        connection.transport.send_held()


def test_a_fork_neither_sends_nor_changes_what_its_parent_holds(connection: Connection) -> None:
    assert connection.transport.hold_record(record("one"))
    before = connection.path.read_bytes()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            connection.transport.abandon()
            if not connection.transport.hold_record(record("from the child")):
                status = 2
                connection.transport.send_held()
        except ConnectionClosed:
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    assert connection.path.read_bytes() == before
    assert connection.unread() == 0
    connection.transport.send(batch("two"))
    both = record("one") + record("two")
    assert connection.read(len(both)) == both


@given(
    threads=st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["hold", "send", "attach", "large", "offer", "post", "held"]), st.integers(0, 9_000)
            ),
            min_size=1,
            max_size=12,
        ),
        min_size=2,
        max_size=4,
    )
)
@settings(max_examples=50, deadline=None)
def test_records_of_several_threads_arrive_once_and_those_of_each_in_order(
    tmp_path_factory: pytest.TempPathFactory, threads: list[list[tuple[str, int]]]
) -> None:
    connection = Connection(tmp_path_factory.mktemp("held"))
    transport = connection.transport
    together = threading.Barrier(len(threads))

    def send(name: int, number: int, kind: str, size: int) -> None:
        message = f"{name} {number} {'z' * size}"
        if kind == "hold":
            if not transport.hold_record(record(message)):
                transport.send(batch(message))
        elif kind == "send":
            transport.send(batch(message))
        elif kind == "attach":
            transport.send(batch(message), [b"a" * 100])
        elif kind == "large":
            transport.send(batch(message + "z" * 40_000))
        elif kind == "offer":
            assert transport.offer(batch(message), PATIENCE_S)
        else:
            transport.send_held()

    def run(name: int, steps: list[tuple[str, int]]) -> None:
        together.wait(PATIENCE_S)
        for number, (kind, size) in enumerate(steps):
            # What is posted may be sent after later records of the thread; it counts as a separate thread.
            if kind == "post":
                assert transport.post(batch(f"{name + 100} {number} "))
            else:
                send(name, number, kind, size)

    running = [threading.Thread(target=run, args=each) for each in enumerate(threads)]
    arrived: list[tuple[int, int]] = []
    reader = threading.Thread(target=lambda: arrived.extend(records_until_end(connection)))
    reader.start()
    for each in running:
        each.start()
    for each in running:
        each.join(PATIENCE_S)
    transport.send_held()
    connection.worker.shutdown(socket.SHUT_WR)
    reader.join(PATIENCE_S)
    for name, steps in enumerate(threads):
        own = [number for number, (kind, _) in enumerate(steps) if kind not in ("post", "held")]
        assert [number for sender, number in arrived if sender == name] == own
        posted = [number for number, (kind, _) in enumerate(steps) if kind == "post"]
        assert [number for sender, number in arrived if sender == name + 100] == posted
    assert connection.held() == b""
    connection.close()


def records_until_end(connection: Connection) -> Iterator[tuple[int, int]]:
    """Reads all records; returns the sender and the number of each."""
    stream = connection.host.makefile("rb")
    while length := stream.read(4):
        received = stream.read(struct.unpack(">I", length)[0])
        connection.received += length + received
        parsed = Batch.FromString(received)
        for attachment in parsed.attachment_lengths:
            connection.received += stream.read(attachment)
        sender, number = parsed.frames[0].log.message.split()[:2]
        yield int(sender), int(number)
    stream.close()
