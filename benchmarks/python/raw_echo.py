"""The floor: echoes records of a 4-byte big-endian length and a body over a Unix socket. No codec, no threads."""

from __future__ import annotations

import socket
import sys


def echo(link: socket.socket) -> None:
    """Sends back every complete record; the records of one read leave in one write."""
    pending = bytearray()
    while data := link.recv(65536):
        pending += data
        end = 0
        while len(pending) - end >= 4:
            length = int.from_bytes(pending[end : end + 4], "big")
            if len(pending) - end - 4 < length:
                break
            end += 4 + length
        if end:
            link.sendall(memoryview(pending)[:end].tobytes())
            del pending[:end]


def echo_large(link: socket.socket) -> None:
    """Echoes records that are too large for one read; each has its own buffer."""
    head = bytearray(4)
    while link.recv_into(head, 4, socket.MSG_WAITALL) == 4:
        body = bytearray(int.from_bytes(head, "big"))
        view, got = memoryview(body), 0
        while got < len(body):
            got += link.recv_into(view[got:])
        link.sendall(head)
        link.sendall(body)


def flood(link: socket.socket, body: bytes) -> None:
    """Sends small records, one write each, until the peer closes."""
    record = len(body).to_bytes(4, "big") + body
    try:
        while True:
            link.sendall(record)
    except (BrokenPipeError, ConnectionResetError):
        return


def main() -> None:
    """Connects to the socket in the first argument and runs the mode in the second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.connect(sys.argv[1])
        what = sys.argv[2]
        if what == "echo":
            echo(link)
        elif what == "echo-large":
            echo_large(link)
        else:
            flood(link, b"x" * 16)


main()
