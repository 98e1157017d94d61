"""A call without a worker, and the transfer of its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._call import CallContext, HostChannel
from .._values import decode, encode


@dataclass(frozen=True)
class LocalCall(CallContext):
    """A call in a unit test."""

    host: HostChannel = field(repr=False)
    """Answers the requests of the tool."""

    def context(self) -> CallContext:
        """Returns the data of the call that the tool can read."""
        return self


def carry(value: Any, root: str) -> Any:
    """Returns a copy of a value as the other side receives it: encoded and decoded.

    Args:
        value: the value that is sent.
        root: its name in errors.

    Raises:
        SerializationError: a part of it cannot be sent.
    """
    encoded = encode(value, root=root)
    return decode(encoded.body, [bytearray(each) for each in encoded.buffers])
