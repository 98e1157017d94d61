"""A gRPC client without Snakepit: lists the tools and calls one. Prints the results as JSON."""

from __future__ import annotations

import json
import sys

import grpc
from snakepit_bridge._proto import bridge_service_pb2 as bridge
from snakepit_bridge._proto import bridge_service_pb2_grpc as stubs
from snakepit_bridge._proto import payload_pb2 as payload

with grpc.insecure_channel(sys.argv[1]) as channel:
    service = stubs.BridgeServiceStub(channel)
    pong = service.Ping(bridge.PingRequest(message="hello"))
    tools = service.ListTools(bridge.ListToolsRequest())
    args = payload.Payload(format=payload.PAYLOAD_FORMAT_JSON, body=json.dumps({"value": 42}).encode())
    answer = service.ExecuteTool(bridge.ExecuteToolRequest(tool="echo", args=args))

json.dump(
    {
        "host": [pong.run_id, pong.version],
        "tools": [tool.name for tool in tools.tools],
        "answer": json.loads(answer.value.body),
    },
    sys.stdout,
)
