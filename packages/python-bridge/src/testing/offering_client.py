"""A foreign client that offers tools: grpcio and code generated from the .proto files, nothing of Snakepit's own.

Takes where to go as JSON: the folder of the .proto files, the target and, if the tools are for one, the session. Prints
a line for each thing that happens, and leaves when its input ends.
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

where = json.loads(sys.argv[1])
folder = tempfile.TemporaryDirectory()
code = generate(Path(where["protos"]), Path(folder.name))
offered, host_tools, payloads, tools, failures = (
    code[name] for name in ("offered_tool", "host_tool", "payload", "tool", "failure")
)

answers: queue.SimpleQueue[object] = queue.SimpleQueue()
credits: dict[int, threading.Semaphore] = {}


def payload(value: object) -> object:
    """A value in JSON."""
    return payloads.Payload(format=payloads.PAYLOAD_FORMAT_JSON, body=json.dumps(value).encode())


def tell(event: str) -> None:
    """Says what has happened."""
    print(event, flush=True)


def answer(**message: object) -> None:
    """Sends one message to the host."""
    answers.put(offered.OfferToolsRequest(**message))


def offer() -> object:
    """What is offered."""
    name = tools.ToolParameter(name="name", type="str", required=True)
    to = {"type": "object", "properties": {"to": {"type": "integer", "minimum": 0}}, "required": ["to"]}
    return offered.ToolOffer(
        tools=[
            host_tools.HostTool(name="greet", description="Greets.", parameters=[name]),
            host_tools.HostTool(name="count", description="Counts.", streaming=True, json_schema=json.dumps(to)),
            host_tools.HostTool(name="fail", description="Fails."),
            host_tools.HostTool(name="wait", description="Waits."),
        ],
        session_id=where.get("session"),
        format=payloads.PAYLOAD_FORMAT_JSON,
    )


def execute(call: object) -> None:
    """Executes a call; each has a thread of its own."""
    args = json.loads(call.args.body)
    if call.tool == "greet":
        value = payload(f"hello {args['name']}")
        answer(result=offered.OfferedToolResult(call_id=call.call_id, value=value))
    elif call.tool == "fail":
        failure = failures.Failure(code="INVALID_ARGUMENT", message="not today", details={"day": '"Sunday"'})
        answer(failure=offered.OfferedToolFailure(call_id=call.call_id, failure=failure))
    elif call.tool == "count":
        for i in range(args["to"]):
            if not credits[call.call_id].acquire(timeout=30):
                tell("no credit")
                return
            answer(chunk=offered.OfferedToolChunk(call_id=call.call_id, value=payload(i)))
        answer(end=offered.OfferedToolEnd(call_id=call.call_id))
    else:
        tell("waiting")


def messages() -> Iterator[object]:
    """What goes to the host, until the input ends."""
    while (message := answers.get()) is not None:
        yield message


def leave() -> None:
    """Ends the offer when the input ends."""
    sys.stdin.read()
    answers.put(None)


threading.Thread(target=leave, daemon=True).start()
answer(offer=offer())
with grpc.insecure_channel(where["target"]) as channel:
    try:
        for message in code["stubs"].BridgeServiceStub(channel).OfferTools(messages()):
            kind = message.WhichOneof("message")
            if kind == "call":
                credits[message.call.call_id] = threading.Semaphore(message.call.credit)
                threading.Thread(target=execute, args=(message.call,), daemon=True).start()
            elif kind == "credit":
                credits[message.credit.call_id].release(message.credit.chunks)
            elif kind == "cancel":
                tell("cancelled")
                failure = failures.Failure(code="CANCELLED", message="gave up")
                answer(failure=offered.OfferedToolFailure(call_id=message.cancel.call_id, failure=failure))
            else:
                tell("offered")
        tell("end")
    except grpc.RpcError as error:
        tell(f"{error.code().name} {error.details()}")
