"""What a worker records, and when it sends it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from snakepit_bridge._proto.frames_pb2 import Batch, Telemetry, TelemetryControl
from snakepit_bridge._telemetry import NameFilter, RecordedSpan
from snakepit_bridge._worker.telemetry import rate_limit
from snakepit_bridge._worker.telemetry.call_recording import CallRecording
from snakepit_bridge._worker.telemetry.garbage_collections import GarbageCollections
from snakepit_bridge._worker.telemetry.rate_limit import RateLimit
from snakepit_bridge._worker.telemetry.sampled_calls import SampledCalls
from snakepit_bridge._worker.telemetry.settings import Settings, is_sampled
from snakepit_bridge._worker.telemetry.telemetry_frames import before

TRACEPARENT = f"00-{'ab' * 16}-{'cd' * 8}-01"
CONTROL = TelemetryControl(
    enabled=True, sampling_ratio=1, all_spans=True, span_filters=["*"], event_filters=["*"], max_per_second=1_000
)


class Host:
    """Receives messages, unless its connection is busy."""

    def __init__(self) -> None:
        self.received: list[Telemetry] = []
        self.is_busy = False

    def send(self, telemetry: Telemetry) -> bool:
        if not self.is_busy:
            self.received.append(telemetry)
        return not self.is_busy


def recording(host: Host, limit: int = 1_000) -> CallRecording:
    return CallRecording(
        7,
        settings=Settings(CONTROL),
        limit=RateLimit(limit),
        send=host.send,
        execution=RecordedSpan("work", "", {}, is_execution=True),
        traceparent=TRACEPARENT,
        records_spans=True,
        records_events=True,
    )


def rest_of(call: CallRecording) -> Telemetry:
    batch = Batch()
    call.put_into(batch)
    return batch.frames[0].telemetry


def test_records_of_a_short_call_precede_its_answer_in_one_batch() -> None:
    host = Host()
    call = recording(host)
    span = call.begin_span("load", None, {"size": 3})
    assert span is not None
    call.add_event("loaded", {"rows": 1}, {}, span)
    span.end()
    call.end_span(span)
    call.finish()
    answer = Batch()
    answer.frames.add().result.id = 7
    encoded = answer.SerializeToString()
    record = call.put_before(len(encoded).to_bytes(4, "big") + encoded)
    assert int.from_bytes(record[:4], "big") == len(record) - 4
    telemetry, result = Batch.FromString(record[4:]).frames
    assert result.result.id == 7
    execution, load = telemetry.telemetry.spans
    assert (execution.name, execution.execution, execution.call_id, execution.parent_span_id) == ("work", True, 7, "")
    assert load.parent_span_id == execution.traceparent[36:52]
    assert load.traceparent.startswith(TRACEPARENT[:36])
    assert execution.start_unix_us <= load.start_unix_us <= load.end_unix_us <= execution.end_unix_us
    assert telemetry.telemetry.events[0].span_id == load.traceparent[36:52]
    assert host.received == []
    assert not call.has_pending


def test_an_open_span_is_sent_before_what_refers_to_it_and_again_at_its_end() -> None:
    call = recording(Host())
    batch = Batch()
    assert call.locate(batch) == f"{TRACEPARENT[:36]}{batch.frames[0].telemetry.spans[0].traceparent[36:]}"
    [opened] = batch.frames[0].telemetry.spans
    assert opened.end_unix_us == 0
    assert not call.has_pending
    call.finish()
    [ended] = rest_of(call).spans
    assert (ended.traceparent, ended.end_unix_us >= ended.start_unix_us) == (opened.traceparent, True)


def test_what_a_busy_connection_does_not_take_is_sent_later_in_order_and_once() -> None:
    host = Host()
    call = recording(host)
    spans = [call.begin_span(f"s{number}", None, {}) for number in range(3)]
    host.is_busy = True
    call.flush()
    host.is_busy = False
    for span in spans:
        assert span is not None
        span.end()
        call.end_span(span)
    call.flush()
    call.finish()
    names = [each.name for message in (*host.received, rest_of(call)) for each in message.spans]
    assert names == ["work", "s0", "s1", "s2", "work"]


def test_threads_record_each_span_once() -> None:
    host = Host()
    call = recording(host, limit=100_000)

    def record() -> None:
        for _ in range(200):
            span = call.begin_span("short", None, {})
            assert span is not None
            span.end()
            call.end_span(span)

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        call.flush()
    call.finish()
    messages = [*host.received, rest_of(call)]
    ended = [each.traceparent for message in messages for each in message.spans if each.end_unix_us]
    assert len(ended) == len(set(ended)) == 801


def test_records_after_the_answer_are_dropped() -> None:
    call = recording(Host())
    open_span = call.begin_span("late", None, {})
    assert open_span is not None
    call.finish()
    rest_of(call)
    open_span.end()
    call.end_span(open_span)
    call.add_event("late", {}, {}, None)
    assert call.begin_span("later", None, {}) is None
    assert not call.has_pending


def test_a_forked_child_records_nothing_even_if_a_thread_of_its_parent_was_sending() -> None:
    call = recording(Host())
    open_span = call.begin_span("open", None, {})
    assert open_span is not None
    sends = threading.Thread(target=call._lock.acquire)
    sends.start()
    sends.join()
    call.leave_to_parent()
    open_span.end()
    call.end_span(open_span)
    assert call.begin_span("later", None, {}) is None
    call.add_event("later", {}, {}, None)
    call.finish()
    assert not call.has_pending
    call.flush()


def test_records_above_the_limit_are_counted_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "monotonic", lambda: 1000.0)
    call = recording(Host(), limit=1)
    assert call.begin_span("first", None, {}) is not None
    assert call.begin_span("second", None, {}) is None
    call.add_event("third", {}, {}, None)
    message = rest_of(call)
    assert (message.dropped_spans, message.dropped_events) == (1, 1)


def test_attributes_that_are_too_large_are_replaced_by_a_notice() -> None:
    call = recording(Host())
    call.begin_span("large", None, {f"a{number}": "x" * 1_000 for number in range(60)})
    assert b"snakepit.attributes.omitted" in rest_of(call).spans[1].attributes.body


@pytest.mark.parametrize(
    ("patterns", "name", "is_included"),
    [
        (["*"], "a.b", True),
        ([], "a.b", False),
        (["a.*"], "a.b", True),
        (["a.*"], "ab", False),
        (["a.b"], "a.b", True),
        (["a.b"], "a.b.c", False),
    ],
)
def test_names_are_filtered(patterns: list[str], name: str, *, is_included: bool) -> None:
    assert NameFilter(patterns).includes(name) is is_included


def test_all_calls_of_a_trace_are_in_the_sample_or_none() -> None:
    control = TelemetryControl()
    control.CopyFrom(CONTROL)
    control.sampling_ratio = 0.5
    settings = Settings(control)
    low, high = f"00-{'0' * 17}1{'0' * 14}-{'cd' * 8}-01", f"00-{'f' * 32}-{'cd' * 8}-01"
    assert {settings.samples(low, f"c-{number}") for number in range(100)} == {True}
    assert {settings.samples(high, f"c-{number}") for number in range(100)} == {False}
    assert {settings.samples(None, f"c-{number}") for number in range(100)} == {True, False}


def test_the_flag_of_a_trace_decides_whether_it_is_recorded() -> None:
    assert is_sampled(TRACEPARENT)
    assert not is_sampled(f"{TRACEPARENT[:-2]}00")
    assert is_sampled(f"{TRACEPARENT[:-2]}03")


@pytest.fixture
def collections() -> Iterator[GarbageCollections]:
    observed = GarbageCollections()
    # Only those that a test requests.
    gc.disable()
    try:
        observed.switch(on=True)
        yield observed
        observed.switch(on=False)
    finally:
        gc.enable()
    assert not any(getattr(each, "__self__", None) is observed for each in gc.callbacks)


def test_garbage_collections_are_observed_while_it_is_on(collections: GarbageCollections) -> None:
    collections.switch(on=True)
    gc.collect()
    taken = [each for each in collections.take() if each.generation == 2]
    assert len(taken) == 1
    assert taken[0].duration_ns > 0
    collections.put_back(taken)
    assert collections.take()[: len(taken)] == taken
    collections.switch(on=False)
    gc.collect()
    assert collections.take() == []


def test_a_record_has_the_length_of_its_batch() -> None:
    record = before((0).to_bytes(4, "big"), Telemetry(dropped_spans=3))
    assert Batch.FromString(record[4:]).frames[0].telemetry.dropped_spans == 3


def test_a_number_of_calls_in_each_second_are_samples() -> None:
    sampled = SampledCalls()
    assert not sampled.take()
    assert sampled.refill(100.0) > 1_000
    sampled.set_limit(2)
    assert sampled.refill(100.0) > 1_000
    assert [sampled.take() for _ in range(3)] == [True, True, False]
    assert sampled.refill(100.0) == 101.0
    assert [sampled.take() for _ in range(3)] == [True, True, False]
    # The second is not over.
    assert sampled.refill(100.9) == 101.0
    assert not sampled.take()
    assert sampled.refill(103.0) == 104.0
    assert sampled.take()
    sampled.set_limit(0)
    assert not sampled.take()
