"""A gRPC server with unary methods on the Unix socket in the first argument. The set-up generates `peers_pb2`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import peer_tools
import peers_pb2 as messages
import peers_pb2_grpc as services
from lifeline import end_with_stdin

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Tools(services.ToolsServicer):
    """Implements the service."""

    def Add(self, request: messages.Operands, context: grpc.ServicerContext) -> messages.Sum:  # noqa: N802
        """Returns the sum."""
        return messages.Sum(value=peer_tools.add(request.a, request.b))

    def Visit(self, request: messages.Visitors, context: grpc.ServicerContext) -> messages.Visitors:  # noqa: N802
        """Increments the visits of each record."""
        for record in request.records:
            record.visits += 1
        return request

    def TotalVisits(self, request: messages.Visitors, context: grpc.ServicerContext) -> messages.Sum:  # noqa: N802
        """Returns the sum of the visits of all records."""
        return messages.Sum(value=sum(record.visits for record in request.records))

    def Echo(self, request: messages.Array, context: grpc.ServicerContext) -> messages.Array:  # noqa: N802
        """Returns the array of float64."""
        import numpy as np  # Imported here: the other calls, and the start of the process, do not need it.

        values = np.frombuffer(request.values)
        return messages.Array(values=values.tobytes())

    def Count(self, request: messages.Limit, context: grpc.ServicerContext) -> Iterator[messages.Chunk]:  # noqa: N802
        """Streams a message for each integer."""
        for value in peer_tools.count(request.to):
            yield messages.Chunk(value=value)

    def Work(self, request: messages.Duration, context: grpc.ServicerContext) -> messages.Duration:  # noqa: N802
        """Uses the processor."""
        return messages.Duration(ms=peer_tools.work(request.ms))


def main() -> None:
    """Serves one call at a time until stdin ends: more threads would only compete for the interpreter lock."""
    end_with_stdin()
    server = grpc.server(ThreadPoolExecutor(max_workers=1), options=UNLIMITED)
    services.add_ToolsServicer_to_server(Tools(), server)
    server.add_insecure_port(f"unix:{sys.argv[1]}")
    server.start()
    print("ready", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
