"""The conformance suite of both transports."""

from __future__ import annotations

import itertools
import select
import signal
import threading
import time

import pytest

from snakepit_bridge._proto.frames_pb2 import Batch, Frame, Heartbeat, Log
from snakepit_bridge._wire import AnswerHeads, ConnectionClosed, FrameTransport, ProtocolViolation, connect

from .host_peer import PATIENCE_S, HostPeer


def batch_of(*messages: str) -> Batch:
    return Batch(frames=[Frame(log=Log(message=each)) for each in messages])


def messages_of(batch: Batch) -> list[str]:
    return [frame.log.message for frame in batch.frames]


def test_frames_arrive_at_the_host_in_order(transport: FrameTransport, peer: HostPeer) -> None:
    transport.send(batch_of("one", "two"))
    transport.send(batch_of("three"))
    arrived: list[str] = []
    while len(arrived) < 3:
        arrived += messages_of(peer.receive()[0])
    assert arrived == ["one", "two", "three"]


def test_without_a_file_no_record_is_held(transport: FrameTransport, peer: HostPeer) -> None:
    encoded = batch_of("held").SerializeToString()
    assert not transport.hold_record(len(encoded).to_bytes(4, "big") + encoded)
    transport.send_held()
    transport.send(batch_of("sent"))
    assert messages_of(peer.receive()[0]) == ["sent"]


def test_frames_arrive_at_the_worker_in_order(transport: FrameTransport, peer: HostPeer) -> None:
    for number in range(500):
        peer.send(batch_of(str(number), "and"))
    arrived: list[str] = []
    while len(arrived) < 1000:
        received = transport.receive()
        assert received is not None
        arrived += messages_of(received[0])
    assert arrived[::2] == [str(number) for number in range(500)]


def test_attachments_are_sent_next_to_the_batch_to_the_host(transport: FrameTransport, peer: HostPeer) -> None:
    parts = [b"", b"x" * 5_000_000, bytearray(b"yz"), memoryview(b"abcdef")[2:4]]
    transport.send(batch_of("with"), parts)
    batch, attachments = peer.receive()
    assert messages_of(batch) == ["with"]
    assert attachments == [bytes(each) for each in parts]


def test_attachments_are_sent_next_to_the_batch_to_the_worker(transport: FrameTransport, peer: HostPeer) -> None:
    parts = [b"", b"x" * 5_000_000, b"yz", b"short"]
    peer.send(batch_of("with"), parts)
    peer.send(batch_of("without"))
    received = transport.receive()
    assert received is not None
    assert messages_of(received[0]) == ["with"]
    assert [bytes(each) for each in received[1]] == parts
    following = transport.receive()
    assert following is not None
    assert messages_of(following[0]) == ["without"]
    assert list(following[1]) == []


def test_received_attachments_are_writable(transport: FrameTransport, peer: HostPeer) -> None:
    peer.send(batch_of("with"), [b"abc", b"x" * 100_000])
    received = transport.receive()
    assert received is not None
    for each in received[1]:
        memoryview(each)[0:1] = b"!"


def test_more_attachments_than_fit_in_one_system_call_arrive(transport: FrameTransport, peer: HostPeer) -> None:
    parts = [bytes([number % 251]) * (number % 7) for number in range(3000)]
    transport.send(batch_of("many"), parts)
    assert peer.receive()[1] == parts


def test_a_message_larger_than_a_read_arrives_completely(transport: FrameTransport, peer: HostPeer) -> None:
    text = "ü" * 1_000_000
    peer.send(batch_of("small", text))
    peer.send(batch_of("after"))
    received = transport.receive()
    assert received is not None
    assert messages_of(received[0]) == ["small", text]
    following = transport.receive()
    assert following is not None
    assert messages_of(following[0]) == ["after"]


def test_a_batch_may_be_reused_after_it_was_sent(transport: FrameTransport, peer: HostPeer) -> None:
    batch = batch_of("first")
    transport.send(batch, [b"attachment"])
    batch.frames[0].log.message = "second"
    transport.send(batch)
    received = []
    while len(received) < 2:
        found, attachments = peer.receive()
        received += [(message, attachments) for message in messages_of(found)]
    assert [message for message, _ in received] == ["first", "second"]
    assert b"attachment" in received[0][1]


def test_threads_may_send_at_the_same_time(transport: FrameTransport, peer: HostPeer) -> None:
    def send(sender: int) -> None:
        for number in range(200):
            transport.send(batch_of(f"{sender} {number}"), [b"x" * number] if number % 3 == 0 else ())

    senders = [threading.Thread(target=send, args=(sender,)) for sender in range(8)]
    for each in senders:
        each.start()
    arrived: list[str] = []
    while len(arrived) < 1600:
        arrived += messages_of(peer.receive()[0])
    for each in senders:
        each.join()
    for sender in range(8):
        assert [m for m in arrived if m.startswith(f"{sender} ")] == [f"{sender} {number}" for number in range(200)]


def test_receiving_without_waiting_returns_none_when_no_batch_has_arrived(transport: FrameTransport) -> None:
    assert transport.receive(0) is None
    assert transport.receive(0.01) is None


def test_receiving_with_a_timeout_returns_a_batch_that_arrives_in_time(
    transport: FrameTransport, peer: HostPeer
) -> None:
    peer.send(batch_of("here"))
    received = transport.receive(PATIENCE_S)
    assert received is not None
    assert messages_of(received[0]) == ["here"]


def test_the_descriptor_becomes_readable_when_a_batch_arrives(transport: FrameTransport, peer: HostPeer) -> None:
    descriptor = transport.fileno()
    assert select.select([descriptor], [], [], 0)[0] == []
    peer.send(batch_of("one"))
    peer.send(batch_of("two"))
    arrived: list[str] = []
    while len(arrived) < 2:
        assert transport.has_unread() or select.select([descriptor], [], [], PATIENCE_S)[0]
        received = transport.receive(0)
        arrived += messages_of(received[0]) if received is not None else []
    assert arrived == ["one", "two"]
    assert not transport.has_unread()


def test_the_descriptor_becomes_readable_at_the_end(transport: FrameTransport, peer: HostPeer) -> None:
    descriptor = transport.fileno()
    peer.hang_up()
    assert select.select([descriptor], [], [], PATIENCE_S)[0]
    with pytest.raises(ConnectionClosed):
        while True:
            transport.receive(0)


def test_an_offered_batch_is_sent_when_there_is_room(transport: FrameTransport, peer: HostPeer) -> None:
    assert transport.offer(Batch(frames=[Frame(heartbeat=Heartbeat(active=3))]), 0)
    assert peer.receive()[0].frames[0].heartbeat.active == 3


def test_a_batch_that_a_signal_handler_posts_in_the_middle_of_a_send_is_sent(
    transport: FrameTransport, peer: HostPeer
) -> None:
    posted: list[str] = []
    # One step each, since a handler may interrupt another one between any two.
    numbers = itertools.count()
    sent = 0
    is_sending = False

    def post(_number: int, _frame: object) -> None:
        if not is_sending:
            return
        message = f"posted {next(numbers)}"
        posted.append(message)
        assert transport.post(batch_of(message))

    before = signal.signal(signal.SIGALRM, post)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        while len(posted) < 100:
            batch = batch_of("x" * 10_000)
            is_sending = True
            transport.send(batch)
            is_sending = False
            sent += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)
    arrived: list[str] = []
    # Without another send, which would send what was posted before it.
    while len(arrived) < sent + len(posted):
        arrived += messages_of(peer.receive()[0])
    assert sorted(each for each in arrived if not each.startswith("x")) == sorted(posted)


def test_batches_that_threads_post_while_others_send_are_sent(transport: FrameTransport, peer: HostPeer) -> None:
    count = 500

    def post() -> None:
        for _ in range(count):
            while not transport.post(batch_of("posted")):
                time.sleep(0.001)

    def send() -> None:
        for _ in range(count):
            transport.send(batch_of("sent"))

    threads = [threading.Thread(target=run) for run in (post, send, post, send)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    # What was posted while the peer was behind with reading is sent after another batch.
    transport.send(batch_of("last"))
    arrived: list[str] = []
    while len(arrived) < 4 * count + 1:
        arrived += messages_of(peer.receive()[0])
    assert arrived.count("posted") == arrived.count("sent") == 2 * count


def test_receiving_raises_when_the_host_closes_the_connection(transport: FrameTransport, peer: HostPeer) -> None:
    peer.send(batch_of("last line"))
    peer.hang_up()
    received = transport.receive()
    assert received is not None
    with pytest.raises(ConnectionClosed, match="the host closed the connection"):
        transport.receive()
    with pytest.raises(ConnectionClosed, match="the host closed the connection"):
        transport.receive(0)


def test_sending_raises_when_the_host_has_closed_the_connection(transport: FrameTransport, peer: HostPeer) -> None:
    peer.hang_up()
    with pytest.raises(ConnectionClosed):
        transport.receive()
    with pytest.raises(ConnectionClosed):
        transport.send(batch_of("too late"))
    with pytest.raises(ConnectionClosed):
        transport.send(batch_of("too late"), [b"attachment"])
    assert not transport.offer(batch_of("too late"), 0)


def test_closing_ends_a_wait_in_another_thread_with_the_reason(transport: FrameTransport) -> None:
    reasons: list[str] = []

    def receive() -> None:
        try:
            transport.receive()
        except ConnectionClosed as closed:
            reasons.append(str(closed))

    receiver = threading.Thread(target=receive)
    receiver.start()
    transport.close("enough")
    receiver.join(PATIENCE_S)
    assert reasons == ["enough"]
    with pytest.raises(ConnectionClosed, match="enough"):
        transport.send(batch_of("too late"))


def test_what_was_sent_before_closing_arrives(transport: FrameTransport, peer: HostPeer) -> None:
    transport.send(batch_of("last line"))
    transport.close("done")
    assert messages_of(peer.receive()[0]) == ["last line"]


def test_a_record_over_the_limit_ends_the_connection(transport: FrameTransport, peer: HostPeer) -> None:
    transport.limit_payloads(1000)
    peer.send(batch_of("x" * 2_000_000))
    with pytest.raises(ProtocolViolation, match=r"a record of 2,000,\d+ bytes; the limit is 1,049,576"):
        transport.receive()
    with pytest.raises(ConnectionClosed):
        transport.send(batch_of("too late"))


def test_attachments_count_towards_the_limit(transport: FrameTransport, peer: HostPeer) -> None:
    transport.limit_payloads(1000)
    peer.send(batch_of("small"), [b"x" * 600_000, b"x" * 300_000])
    peer.send(batch_of("small"), [b"x" * 600_000, b"x" * 600_000])
    assert transport.receive() is not None
    with pytest.raises(ProtocolViolation, match=r"a record of 1,200,\d+ bytes; the limit is 1,049,576"):
        transport.receive()


def test_the_size_limit_before_accept_is_small(peer: HostPeer) -> None:
    transport = connect(peer.transport, peer.address)
    peer.accept()
    peer.send(batch_of("x" * 2_000_000))
    with pytest.raises(ProtocolViolation, match=r"the limit is 1,048,576"):
        transport.receive()


@pytest.mark.parametrize("count", [1 << 16, (1 << 16) + 1])
def test_the_attachment_limit_before_accept_is_small(peer: HostPeer, count: int) -> None:
    """L6."""
    transport = connect(peer.transport, peer.address)
    peer.accept()
    peer.send(batch_of("many"), [b""] * count)
    if count == 1 << 16:
        received = transport.receive()
        assert received is not None
        assert len(received[1]) == count
    else:
        with pytest.raises(ProtocolViolation, match=r"a batch with 65,537 attachments; the limit is 65,536"):
            transport.receive()


def test_more_attachments_than_any_host_sends_end_the_connection(transport: FrameTransport, peer: HostPeer) -> None:
    """L6."""
    peer.send(batch_of("many"), [b""] * ((1 << 20) + 1))
    with pytest.raises(ProtocolViolation, match=r"a batch with 1,048,577 attachments; the limit is 1,048,576"):
        transport.receive()


def test_receiving_waits_for_the_whole_timeout(transport: FrameTransport) -> None:
    begun = time.monotonic()
    assert transport.receive(0.05) is None
    assert time.monotonic() - begun >= 0.05


@pytest.mark.parametrize("length", [1, 40_000, 3_000_000])
def test_a_serialized_answer_arrives_as_a_batch(peer: HostPeer, transport: FrameTransport, length: int) -> None:
    body = bytes(range(256)) * (length // 256 + 1)
    transport.send_record(AnswerHeads("result").head(7, length), body[:length])
    batch, attachments = peer.receive()
    [frame] = batch.frames
    assert (frame.result.id, frame.result.value.body, attachments) == (7, body[:length], [])
