"""A worker for ZeroMQ: a DEALER socket that receives calls as MessagePack; arrays are frames next to the message."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import ormsgpack
import zmq
from lifeline import end_with_stdin
from peer_tools import TOOLS


def echo(socket: zmq.Socket[bytes], number: int, body: zmq.Frame) -> None:
    """Returns an array of float64 that is a frame; neither side copies it."""
    import numpy as np  # Imported here: the other calls, and the start of the process, do not need it.

    values = np.frombuffer(body.buffer)
    socket.send_multipart([ormsgpack.packb([number, None, None]), values.data], copy=False)


def main() -> None:
    """Connects to the address in the first argument and runs one call at a time, in order."""
    end_with_stdin()
    pack, unpack = ormsgpack.packb, ormsgpack.unpackb
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.set_hwm(0)
        socket.connect(sys.argv[1])
        socket.send(pack("ready"))
        receive, send = socket.recv, socket.send
        while True:
            number, tool, args = unpack(receive())
            if tool == "echo":
                echo(socket, number, socket.recv(copy=False))
                continue
            try:
                value = TOOLS[tool](**args)
                if isinstance(value, Iterator):
                    for chunk in value:
                        send(pack([number, chunk, True]))
                    value = None
                answer = [number, value, None]
            except Exception as error:
                answer = [number, repr(error), False]
            send(pack(answer))


main()
