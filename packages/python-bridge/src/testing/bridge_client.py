"""A foreign client: grpcio and the generated stubs, nothing of Snakepit's own. Prints what it got as JSON."""

from __future__ import annotations

import json
import sys

import grpc
from snakepit_bridge._proto import bridge_service_pb2 as bridge
from snakepit_bridge._proto import bridge_service_pb2_grpc as stubs
from snakepit_bridge._proto import payload_pb2 as payload


def json_payload(value: object) -> payload.Payload:
    """A payload in the format that every language has."""
    return payload.Payload(format=payload.PAYLOAD_FORMAT_JSON, body=json.dumps(value).encode())


with grpc.insecure_channel(sys.argv[1]) as channel:
    service = stubs.BridgeServiceStub(channel)
    pong = service.Ping(bridge.PingRequest(message="hello"))
    tools = service.ListTools(bridge.ListToolsRequest())
    total = service.ExecuteTool(bridge.ExecuteToolRequest(tool="add", args=json_payload({"a": 2, "b": 40})))
    chunks = service.ExecuteStreamingTool(
        bridge.ExecuteStreamingToolRequest(tool="count", args=json_payload({"to": 3}))
    )
    counted = [json.loads(chunk.value.body) for chunk in chunks]
    try:
        service.ExecuteTool(bridge.ExecuteToolRequest(tool="fail"))
        failure = None
    except grpc.RpcError as error:
        failure = {
            "status": error.code().name,
            "message": error.details(),
            "code": dict(error.trailing_metadata())["snakepit-code"],
        }
    try:
        service.ExecuteTool(bridge.ExecuteToolRequest(tool="wait"), timeout=0.2)
        late = None
    except grpc.RpcError as error:
        late = error.code().name

json.dump(
    {
        "pong": pong.message,
        "tools": [tool.name for tool in tools.tools],
        "total": json.loads(total.value.body),
        "counted": counted,
        "failure": failure,
        "late": late,
    },
    sys.stdout,
)
