"""A host for tests: starts one real worker process and speaks frames with it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wire.host_peer import PATIENCE_S, PEERS, PeerClosedError

from snakepit_bridge._proto.failure_pb2 import Failure
from snakepit_bridge._proto.frames_pb2 import Accept, Batch, CancelReason, Frame, Hello, Log
from snakepit_bridge._values import decode, encode

from .worker_process import WorkerServer


class CallFailedError(Exception):
    """The worker answered with a failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure
        self.code = failure.code


@dataclass(frozen=True)
class Asked:
    """A request of the worker."""

    id: int
    method: str
    payload: Any
    call_id: int
    remaining_ms: float
    streaming: bool
    credit: int


class Host:
    """One worker and the connection to it."""

    def __init__(
        self,
        server: WorkerServer,
        target: str,
        *,
        transport: str,
        profile: str = "process",
        capacity: int | None = None,
        **options: Any,
    ) -> None:
        self.peer = PEERS[transport]()
        self.token = "a one-time token"  # noqa: S105
        boot = {
            "worker_id": "worker-1",
            "token": self.token,
            "transport": transport,
            "address": self.peer.address,
            "pool": "default",
            "run_id": "abc1234",
            # Its warnings are log records, too.
            "thread_safety": "off",
            "profile": profile,
            "capacity": capacity,
        }
        self.process = server.start(boot, target, **options)
        self.hello = Hello()
        self.logs: list[Log] = []
        self.heartbeats: list[Any] = []
        self.chunks: dict[int, list[Any]] = {}
        self.asked: list[Asked] = []
        self.on_request: Callable[[Asked], None] = lambda _: None
        """Called for each request, so that it can be answered at once."""
        self.given_up: list[int] = []
        """Ids of requests that the worker has given up."""
        self.credit: Counter[int] = Counter()
        """Credit that the worker has granted after a request, by the request's id."""
        self._answers: dict[int, Frame] = {}
        self._values: dict[int, Any] = {}
        self._next_id = 0

    def receive_hello(self) -> Hello:
        """Accepts the connection of the worker and returns its Hello, without an answer."""
        self.peer.accept()
        batch, _ = self.peer.receive()
        self.hello.CopyFrom(batch.frames[0].hello)
        return self.hello

    def accept(self, **fields: Any) -> None:
        """Accepts the worker: receives its Hello and sends Accept.

        The worker may hold answers, but this host does not read their file: an answer that is never sent is missing.
        """
        self.receive_hello()
        defaults = {
            "protocol": 1,
            "run_id": "abc1234",
            "max_payload_bytes": 1 << 28,
            "heartbeat_interval_ms": 0,
            "reads_unsent_records": True,
        }
        self.send(Frame(accept=Accept(**{**defaults, **fields})))

    def send(self, *frames: Frame, attachments: Any = ()) -> None:
        """Sends frames in one batch."""
        self.peer.send(Batch(frames=frames), [bytes(each) for each in attachments])

    def call_frame(self, tool: str, arguments: Any = None, **fields: Any) -> tuple[int, Frame, list[memoryview]]:
        """Makes a call without sending it."""
        self._next_id += 1
        encoded = encode({} if arguments is None else arguments)
        frame = Frame()
        call = frame.call
        call.id = self._next_id
        call.tool = tool
        call.args.format = 1
        call.args.body = encoded.body
        call.args.buffer_lengths[:] = [each.nbytes for each in encoded.buffers]
        metadata = fields.pop("metadata", {})
        for name, value in fields.items():
            setattr(call, name, value)
        call.metadata.update(metadata)
        return call.id, frame, encoded.buffers

    def start(self, tool: str, arguments: Any = None, **fields: Any) -> int:
        """Sends a call and returns its id."""
        call_id, frame, buffers = self.call_frame(tool, arguments, **fields)
        self.send(frame, attachments=buffers)
        return call_id

    def cancel(self, call_id: int, reason: CancelReason = 1) -> None:  # type: ignore[assignment]
        """Cancels a call."""
        frame = Frame()
        frame.cancel.id = call_id
        frame.cancel.reason = reason
        self.send(frame)

    def grant(self, call_id: int, chunks: int) -> None:
        """Lets a stream send more."""
        frame = Frame()
        frame.credit.id = call_id
        frame.credit.chunks = chunks
        self.send(frame)

    def reply(self, request_id: int, value: Any = None) -> None:
        """Answers a request with a value."""
        frame = Frame()
        frame.reply.id = request_id
        self.send(frame, attachments=self._fill(frame.reply.value, value))

    def reject(self, request_id: int, code: str, message: str, **fields: Any) -> None:
        """Answers a request with a failure."""
        self.send(Frame(reply={"id": request_id, "failure": Failure(code=code, message=message, **fields)}))

    def reply_chunks(self, request_id: int, *values: Any) -> None:
        """Sends values of a streaming request."""
        frames, attachments = [], []
        for value in values:
            frame = Frame()
            frame.reply_chunk.id = request_id
            attachments += self._fill(frame.reply_chunk.value, value)
            frames.append(frame)
        self.send(*frames, attachments=attachments)

    def end_reply(self, request_id: int) -> None:
        """Ends the reply to a streaming request."""
        self.send(Frame(reply={"id": request_id, "end": True}))

    def request(self, index: int = 0) -> Asked:
        """Waits for a request."""
        self.receive_until(lambda: len(self.asked) > index)
        return self.asked[index]

    def execute(self, tool: str, arguments: Any = None, **fields: Any) -> Any:
        """Calls a tool and waits for its value."""
        return self.answer(self.start(tool, arguments, **fields))

    def answer(self, call_id: int) -> Any:
        """Waits for the answer to a call."""
        self.receive_until(lambda: call_id in self._answers)
        answer = self._answers.pop(call_id)
        if answer.WhichOneof("kind") == "call_failure":
            raise CallFailedError(answer.call_failure.failure)
        return self._values.pop(call_id, None)

    def is_answered(self, call_id: int) -> bool:
        """Whether the answer has been received."""
        return call_id in self._answers

    def messages(self) -> list[str]:
        """The text of all records so far."""
        return [log.message for log in self.logs]

    def receive_until(self, condition: Callable[[], Any]) -> None:
        """Receives until something is so."""
        give_up_at = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < give_up_at
            self.receive()

    def receive(self) -> None:
        """Receives one batch and files its frames."""
        batch, attachments = self.peer.receive()
        left = iter(attachments)
        for frame in batch.frames:
            kind = frame.WhichOneof("kind")
            if kind == "result":
                self._answers[frame.result.id] = frame
                if frame.result.HasField("value"):
                    self._values[frame.result.id] = self._value(frame.result.value, left)
            elif kind == "chunk":
                self.chunks.setdefault(frame.chunk.id, []).append(self._value(frame.chunk.value, left))
            elif kind == "call_failure":
                self._answers[frame.call_failure.id] = frame
            elif kind == "request":
                self._take_request(frame.request, left)
            elif kind == "cancel":
                self.given_up.append(frame.cancel.id)
            elif kind == "credit":
                self.credit[frame.credit.id] += frame.credit.chunks
            elif kind == "log":
                self.logs.append(Log.FromString(frame.log.SerializeToString()))
            elif kind == "heartbeat":
                self.heartbeats.append(frame.heartbeat)
        assert next(left, None) is None

    def receive_until_closed(self) -> None:
        """Receives until the worker hangs up."""
        try:
            while True:
                self.receive()
        except PeerClosedError:
            return

    def exit_status(self) -> int:
        """Waits for the process to end."""
        return self.process.wait()

    def output(self) -> str:
        """What the process wrote to its own standard output and error; call it when it has ended."""
        return self.process.output()

    def close(self) -> None:
        """Ends everything."""
        self.peer.close()
        self.process.close()

    def _take_request(self, request: Any, left: Any) -> None:
        asked = Asked(
            request.id,
            request.method,
            self._value(request.payload, left),
            request.call_id,
            request.remaining_ms,
            request.streaming,
            request.credit,
        )
        self.asked.append(asked)
        self.on_request(asked)

    @staticmethod
    def _fill(payload: Any, value: Any) -> list[memoryview]:
        encoded = encode(value)
        payload.format = 1
        payload.body = encoded.body
        payload.buffer_lengths[:] = [each.nbytes for each in encoded.buffers]
        return encoded.buffers

    @staticmethod
    def _value(payload: Any, left: Any) -> Any:
        return decode(payload.body, [bytearray(next(left)) for _ in payload.buffer_lengths])
