"""What the host asks of the launching program, one JSON object a line."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import dataclass
from typing import Any

from .line_reader import wipe

# The host makes tokens of characters that JSON does not escape.
_token = re.compile(rb'"token": ?"([^"\\]*)"')


@dataclass(frozen=True)
class StartRequest:
    """One worker to start."""

    worker_id: str
    token: bytearray
    """With it the worker proves itself to the host, once. No other process keeps it: see :meth:`wipe`."""
    address: str
    """Where it dials: the path of a socket, or host and port."""

    def wipe(self) -> None:
        """Overwrites the token."""
        wipe(self.token)


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


def parse_command(line: bytearray) -> Command:
    """Reads one command. Tokens are taken out of the line before it is parsed, which makes copies that nothing wipes.

    Raises:
        ValueError: it is not what the host of this version sends.
    """
    tokens = _take_tokens(line)
    fields: Any = json.loads(line)
    try:
        match fields["command"]:
            case "start":
                workers = fields["workers"]
                if len(workers) != len(tokens):
                    raise ValueError(f"{len(tokens)} tokens for {len(workers)} workers")
                return Start(
                    tuple(
                        StartRequest(each["worker_id"], token, each["address"])
                        for each, token in zip(workers, tokens, strict=True)
                    )
                )
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


def _take_tokens(line: bytearray) -> list[bytearray]:
    tokens = []
    for start, end in [match.span(1) for match in _token.finditer(line)]:
        tokens.append(line[start:end])
        line[start:end] = b"-" * (end - start)
    return tokens
