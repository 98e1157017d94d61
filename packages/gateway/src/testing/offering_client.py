"""A gRPC client that offers tools, with only grpcio and code generated from the .proto files.

The argument is JSON: the folder of the .proto files, the target and optionally the session of the tools. Prints a line
for each event, and ends when its input ends.
"""

from __future__ import annotations

import json
import queue
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
from generated_stubs import generate

options = json.loads(sys.argv[1])
folder = tempfile.TemporaryDirectory()
code = generate(Path(options["protos"]), Path(folder.name))
offered, host_tools, payloads, tools, failures = (
    code[name] for name in ("offered_tool", "host_tool", "payload", "tool", "failure")
)

answers: queue.SimpleQueue[object] = queue.SimpleQueue()


class Running:
    """A call that is being executed."""

    def __init__(self, call: object) -> None:
        self.call = call
        self.credit = threading.Semaphore(call.credit)
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        """Cancels the call. The host still expects an answer."""
        self.cancelled.set()
        self.credit.release()


running: dict[int, Running] = {}


def payload(value: object) -> object:
    """Returns a value in JSON."""
    return payloads.Payload(format=payloads.PAYLOAD_FORMAT_JSON, body=json.dumps(value).encode())


def report(event: str) -> None:
    """Prints an event."""
    print(event, flush=True)


def answer(**message: object) -> None:
    """Sends one message to the host."""
    answers.put(offered.OfferToolsRequest(**message))


def offer() -> object:
    """Returns the offer."""
    name = tools.ToolParameter(name="name", type="str", required=True)
    to = {"type": "object", "properties": {"to": {"type": "integer", "minimum": 0}}, "required": ["to"]}
    return offered.ToolOffer(
        tools=[
            host_tools.HostTool(name="greet", description="Greets.", parameters=[name]),
            host_tools.HostTool(name="count", description="Counts.", streaming=True, json_schema=json.dumps(to)),
            host_tools.HostTool(name="fail", description="Fails."),
            host_tools.HostTool(name="wait", description="Waits."),
        ],
        session_id=options.get("session"),
        format=payloads.PAYLOAD_FORMAT_JSON,
    )


def execute(mine: Running) -> None:
    """Executes a call. Each call has its own thread."""
    call = mine.call
    args = json.loads(call.args.body)
    if call.tool == "greet":
        value = payload(f"hello {args['name']}")
        answer(result=offered.OfferedToolResult(call_id=call.call_id, value=value))
    elif call.tool == "fail":
        fail(call, code="INVALID_ARGUMENT", message="not today", details={"day": '"Sunday"'})
    elif call.tool == "count":
        for i in range(args["to"]):
            if not mine.credit.acquire(timeout=120):
                report("no credit")
                return
            if mine.cancelled.is_set():
                fail(call, code="CANCELLED", message="gave up")
                return
            answer(chunk=offered.OfferedToolChunk(call_id=call.call_id, value=payload(i)))
        answer(end=offered.OfferedToolEnd(call_id=call.call_id))
    else:
        report("waiting")
        mine.cancelled.wait()
        fail(call, code="CANCELLED", message="gave up")


def fail(call: object, **failure: object) -> None:
    """Answers a call with a failure."""
    answer(failure=offered.OfferedToolFailure(call_id=call.call_id, failure=failures.Failure(**failure)))


def messages() -> Iterator[object]:
    """Yields the messages to the host until the input ends."""
    while (message := answers.get()) is not None:
        yield message


def leave() -> None:
    """Ends the offer when the input ends."""
    sys.stdin.read()
    answers.put(None)


threading.Thread(target=leave, daemon=True).start()
answer(offer=offer())
with grpc.insecure_channel(options["target"]) as channel:
    try:
        for message in code["stubs"].BridgeServiceStub(channel).OfferTools(messages()):
            kind = message.WhichOneof("message")
            if kind == "call":
                mine = running[message.call.call_id] = Running(message.call)
                threading.Thread(target=execute, args=(mine,), daemon=True).start()
            elif kind == "credit":
                running[message.credit.call_id].credit.release(message.credit.chunks)
            elif kind == "cancel":
                report("cancelled")
                running[message.cancel.call_id].cancel()
            else:
                report("offered")
        report("end")
    except grpc.RpcError as error:
        report(f"{error.code().name} {error.details()}")
