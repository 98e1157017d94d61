"""What the host asks of the launching program, one JSON object a line."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StartRequest:
    """One worker to start."""

    worker_id: str
    token: str
    """With it the worker proves itself to the host, once."""
    address: str
    """Where it dials: the path of a socket, or host and port."""


@dataclass(frozen=True)
class Start:
    """Starts workers."""

    workers: tuple[StartRequest, ...]


@dataclass(frozen=True)
class Kill:
    """Sends a signal to a worker's process group; unknown workers are ignored, for they may just have ended."""

    worker_id: str
    signal: signal.Signals


@dataclass(frozen=True)
class Stop:
    """Starts no more workers, gives the present ones time, ends what is left, and ends."""

    grace_seconds: float


@dataclass(frozen=True)
class Ping:
    """Asks for a sign of life."""


Command = Start | Kill | Stop | Ping


def parse_command(line: bytes) -> Command:
    """Reads one command.

    Raises:
        ValueError: it is not what the host of this version sends.
    """
    fields: Any = json.loads(line)
    try:
        match fields["command"]:
            case "start":
                return Start(tuple(_start_request(each) for each in fields["workers"]))
            case "kill":
                return Kill(fields["worker_id"], signal.Signals[fields["signal"]])
            case "stop":
                return Stop(fields["grace_ms"] / 1000)
            case "ping":
                return Ping()
            case unknown:
                raise ValueError(f"unknown command {unknown!r}")
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a command: {error!r}") from error


def _start_request(fields: Any) -> StartRequest:
    return StartRequest(fields["worker_id"], fields["token"], fields["address"])
