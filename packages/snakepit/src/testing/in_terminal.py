"""Runs a command in a pseudo-terminal: ``python3 in_terminal.py COLUMNS COMMAND [ARGUMENT]...``.

What is written to stdin is typed in the terminal, and stdout receives what the terminal displays. The end of stdin
kills the command. Exits with the status of the command, or 128 and the number of the signal that ended it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

_ROWS = 50


def main(columns: int, command: list[str]) -> int:
    """Runs the command until it ends and returns its status."""
    pid, terminal = pty.fork()
    if pid == 0:
        # The size is set before the command can ask for it.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
        os.execvp(command[0], command)  # noqa: S606
    inputs = [terminal, 0]
    while terminal in inputs:
        for ready in select.select(inputs, [], [])[0]:
            data = _read(ready)
            if not data:
                inputs.remove(ready)
                if ready == 0:
                    os.kill(pid, signal.SIGKILL)
            elif ready == terminal:
                os.write(1, data)
            else:
                os.write(terminal, data)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status if status >= 0 else 128 - status


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        # Linux reports the end of a terminal as an error of the device.
        return b""


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
