"""The commands of the host to the zygote, one JSON object per line."""

from __future__ import annotations

import json
import re
import signal
from typing import Any

import msgspec

from .line_reader import wipe

# Tokens consist of characters that JSON does not escape.
_token = re.compile(rb'"token": ?"([^"\\]*)"')


class StartRequest(msgspec.Struct, frozen=True):
    """One worker to start."""

    worker_id: str
    token: bytearray
    """Authenticates the worker to the host, once. Other processes must not keep it; see :meth:`wipe`."""
    address: str
    """The address of the host: the path of a socket, or host and port."""
    control_group: str = ""
    """The directory of the control group that the worker enters; empty without one. Added by the zygote."""

    def wipe(self) -> None:
        """Overwrites the token."""
        wipe(self.token)


class Start(msgspec.Struct, frozen=True):
    """Starts workers."""

    workers: tuple[StartRequest, ...]


class Kill(msgspec.Struct, frozen=True):
    """Sends a signal to a worker's process group; unknown workers are ignored, since they may just have ended."""

    worker_id: str
    signal: signal.Signals


class ReadStacks(msgspec.Struct, frozen=True):
    """Makes a worker write the stacks of its threads to its output, and continue."""

    worker_id: str


class Stop(msgspec.Struct, frozen=True):
    """Ends the zygote: no new workers, a grace period for the existing ones, then a kill."""

    grace_seconds: float


class Ping(msgspec.Struct, frozen=True):
    """Checks that the zygote responds."""


Command = Start | Kill | ReadStacks | Stop | Ping


def parse_command(line: bytearray) -> Command:
    """Parses one command. Tokens are removed from the line first, because parsing creates copies that are not wiped.

    Raises:
        ValueError: it is not a command of this version.
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
            case "read_stacks":
                return ReadStacks(fields["worker_id"])
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
