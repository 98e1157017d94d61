"""Answers that are sent with later ones. This host does not read the file in which they wait, unless a test does."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wire.unsent_file import bytes_from

from snakepit_bridge._proto.failure_pb2 import Failure
from snakepit_bridge._proto.frames_pb2 import Batch, Frame, Reject

from .conftest import Starter
from .host import CallFailedError, Host
from .test_calls_ahead import Permits, ahead

HELD_TOOLS = str(Path(__file__).parent / "held_tools.py")
CALLS = 24
MAX_ROUNDS = 500
"""Answers are held only if the calls are quick, which they are not in each round on a machine under load."""


class Peer:
    """What has arrived, in order."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.path = Path(host.peer.address).parent / host.hello.unsent_records
        self.frames: list[tuple[str, int]] = []
        """The kind of each frame and the id of its call."""
        self.position = 0
        """The number of bytes that have arrived."""
        self._receive = host.peer.receive
        self.position = self._size(Batch(frames=[{"hello": host.hello}]), [])
        host.peer.receive = self._record  # type: ignore[method-assign]

    def _record(self) -> tuple[Batch, list[bytes]]:
        batch, attachments = self._receive()
        self.position += self._size(batch, attachments)
        self.frames += frames_of(batch)
        return batch, attachments

    @staticmethod
    def _size(batch: Batch, attachments: list[bytes]) -> int:
        return 4 + batch.ByteSize() + sum(map(len, attachments))

    def unsent(self) -> list[tuple[str, int]]:
        """The frames in the file that follow those that have arrived."""
        data = bytes_from(self.path, self.position)
        frames = []
        while data:
            (length,) = struct.unpack_from(">I", data)
            frames += frames_of(Batch.FromString(data[4 : 4 + length]))
            data = data[4 + length :]
        return frames


def frames_of(batch: Batch) -> list[tuple[str, int]]:
    found = []
    for frame in batch.frames:
        kind = str(frame.WhichOneof("kind"))
        content = getattr(frame, kind)
        found.append((kind, content.call_id if kind in ("log", "request") else getattr(content, "id", 0)))
    return found


@pytest.fixture
def host(start: Starter) -> Host:
    return start(HELD_TOOLS)


@pytest.fixture
def peer(host: Host) -> Peer:
    return Peer(host)


@pytest.fixture
def permits(host: Host) -> Iterator[Permits]:
    permits = Permits(host)
    yield permits
    permits.close()


def start_all(host: Host, permits: Permits, *calls: tuple[str, dict[str, Any]], **fields: Any) -> list[int]:
    """Sends calls ahead, all in one batch."""
    made = [host.call_frame(tool, arguments, ahead=True, **fields) for tool, arguments in calls]
    ids = [call_id for call_id, _, _ in made]
    permits.put(*ids)
    host.send(*(frame for _, frame, _ in made))
    return ids


def warm_up(host: Host, permits: Permits, *tools: str) -> None:
    """Shows the worker that tools are quick, and how many calls it may have at the same time."""
    calls = [(each, {"value": number}) for number in range(CALLS) for each in ("quick", *tools)]
    for call_id in start_all(host, permits, *calls):
        host.answer(call_id)


def test_many_quick_calls_are_answered_in_fewer_writes_than_calls(host: Host, permits: Permits) -> None:
    for _ in range(MAX_ROUNDS):
        before = host.execute("writes")
        ids = start_all(host, permits, *[("quick", {"value": number}) for number in range(CALLS)])
        assert [host.answer(call_id) for call_id in ids] == list(range(CALLS))
        if host.execute("writes") - before < CALLS / 2:
            return
    pytest.fail("each answer was sent alone")


def test_everything_is_sent_before_the_worker_waits(host: Host, peer: Peer, permits: Permits) -> None:
    for round_ in range(50):
        warm_up(host, permits)
        # The last call has no permit: the worker holds the answers to the others, and then waits.
        ids = start_all(host, permits, *[("quick", {"value": number}) for number in range(CALLS)])
        waiting = ahead(host, "quick", {"value": round_})
        assert [host.answer(call_id) for call_id in ids] == list(range(CALLS))
        assert peer.unsent() == []
        permits.put(waiting)
        permits.recall()
        assert host.answer(waiting) == round_


def test_everything_is_sent_before_a_tool_that_was_never_quick(host: Host, permits: Permits, tmp_path: Path) -> None:
    gate, started = str(tmp_path / "gate"), str(tmp_path / "started")
    warm_up(host, permits)
    *ids, blocking = start_all(
        host,
        permits,
        *[("quick", {"value": number}) for number in range(CALLS)],
        ("quick_until", {"value": "end", "gate": gate, "started": started}),
    )
    assert [host.answer(call_id) for call_id in ids] == list(range(CALLS))
    assert not host.is_answered(blocking)
    Path(gate).touch()
    assert host.answer(blocking) == "end"


def test_when_a_tool_that_was_quick_takes_long_the_answers_before_it_are_on_the_socket_or_in_the_file(
    host: Host, peer: Peer, permits: Permits, tmp_path: Path
) -> None:
    for round_ in range(MAX_ROUNDS):
        gate, started = tmp_path / f"gate{round_}", tmp_path / f"started{round_}"
        warm_up(host, permits, "quick_until")
        first = len(peer.frames)
        *ids, blocking, after = start_all(
            host,
            permits,
            *[("quick", {"value": number}) for number in range(5)],
            ("quick_until", {"value": "end", "gate": str(gate), "started": str(started)}),
            ("quick", {"value": "after"}),
        )
        expected = [("result", call_id) for call_id in ids]
        while not started.exists():
            pass
        while len(peer.frames) - first + len(unsent := peer.unsent()) < len(expected):
            # Of these, one must be on the socket.
            host.receive()
        assert (peer.frames[first:] + unsent)[: len(expected)] == expected
        gate.touch()
        assert [host.answer(call_id) for call_id in ids] == list(range(5))
        assert host.answer(blocking) == "end"
        assert host.answer(after) == "after"
        assert peer.frames[first:] == [*expected, ("result", blocking), ("result", after)]
        if unsent:
            return
    pytest.fail("no answer was ever held")


def test_failures_log_lines_chunks_and_ends_keep_their_order(host: Host, peer: Peer, permits: Permits) -> None:
    for _ in range(20):
        warm_up(host, permits)
        first = len(peer.frames)
        a, b, failing, c, d, printing, e, f = start_all(
            host,
            permits,
            ("quick", {"value": 1}),
            ("quick", {"value": 2}),
            ("quick_failure", {}),
            ("quick", {"value": 3}),
            ("quick", {"value": 4}),
            ("quick_print", {"text": "a line"}),
            ("quick", {"value": 5}),
            ("quick", {"value": 6}),
        )
        [stream] = start_all(host, permits, ("quick_chunks", {"to": 20}), streaming=True, credit=100)
        [last] = start_all(host, permits, ("quick", {"value": 7}))
        assert [host.answer(each) for each in (a, b, c, d, printing, e, f)] == [1, 2, 3, 4, "a line", 5, 6]
        with pytest.raises(CallFailedError, match="it broke"):
            host.answer(failing)
        host.answer(stream)
        assert host.answer(last) == 7
        assert host.chunks[stream] == list(range(20))
        assert peer.frames[first:] == [
            ("result", a),
            ("result", b),
            ("call_failure", failing),
            ("result", c),
            ("result", d),
            ("log", printing),
            ("result", printing),
            ("result", e),
            ("result", f),
            *[("chunk", stream)] * 20,
            ("result", stream),
            ("result", last),
        ]


def test_a_request_to_the_host_is_sent_after_the_answers_before_it(host: Host, peer: Peer, permits: Permits) -> None:
    warm_up(host, permits)
    first = len(peer.frames)
    host.on_request = lambda asked: host.reply(asked.id, "reply")
    *ids, asking = start_all(
        host, permits, *[("quick", {"value": number}) for number in range(10)], ("quick_request", {})
    )
    assert host.answer(asking) == "reply"
    assert [host.answer(call_id) for call_id in ids] == list(range(10))
    expected = [*[("result", call_id) for call_id in ids], ("request", asking), ("result", asking)]
    assert [each for each in peer.frames[first:] if each[0] in ("result", "request")] == expected


def test_a_stream_without_credit_has_sent_all_its_chunks(host: Host, peer: Peer) -> None:
    for granted in (1, 2, 5, 10):
        call = host.start("quick_chunks", {"to": 20}, streaming=True, credit=granted)
        host.receive_until(lambda: len(host.chunks.get(call, ())) == granted)  # noqa: B023
        assert peer.unsent() == []
        host.grant(call, 20)
        host.answer(call)
        assert host.chunks[call] == list(range(20))


def test_a_rejected_worker_removes_the_file(start: Starter) -> None:
    host = start(HELD_TOOLS, accept=False)
    path = Path(host.peer.address).parent / host.receive_hello().unsent_records
    assert path.is_file()
    host.send(Frame(reject=Reject(failure=Failure(code="UNAUTHENTICATED", message="no"))))
    assert host.exit_status() != 0
    assert not path.exists()


def test_a_grpc_worker_has_no_file(start: Starter) -> None:
    assert start(HELD_TOOLS, transport="grpc").hello.unsent_records == ""


def test_a_host_that_does_not_read_the_file_gets_each_answer_at_once(start: Starter) -> None:
    host = start(HELD_TOOLS, reads_unsent_records=False)
    permits = Permits(host)
    warm_up(host, permits)
    before = host.execute("writes")
    for call_id in start_all(host, permits, *[("quick", {"value": number}) for number in range(CALLS)]):
        host.answer(call_id)
    assert host.execute("writes") - before == CALLS + 1
    assert not (Path(host.peer.address).parent / host.hello.unsent_records).exists()
    permits.close()
