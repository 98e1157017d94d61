"""The baseline: a worker that is itself a gRPC server with one unary method, one call at a time."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
import ormsgpack
from snakepit_bridge._proto import bridge_service_pb2 as messages
from snakepit_bridge._proto import bridge_service_pb2_grpc as services


class Echo(services.BridgeServiceServicer):
    """Implements ExecuteTool: returns the argument `value`."""

    def ExecuteTool(  # noqa: N802
        self, request: messages.ExecuteToolRequest, context: grpc.ServicerContext
    ) -> messages.ExecuteToolResponse:
        """Decodes the arguments and encodes the value, as a real tool call does."""
        value = ormsgpack.unpackb(request.args.body)["value"]
        return messages.ExecuteToolResponse(value={"format": 1, "body": ormsgpack.packb(value)})


def main() -> None:
    """Serves on the socket in the first argument until stdin closes."""
    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    services.add_BridgeServiceServicer_to_server(Echo(), server)
    server.add_insecure_port(f"unix:{sys.argv[1]}")
    server.start()
    print("ready", flush=True)
    sys.stdin.read()
    server.stop(0)


main()
