"""What becomes of values on their way."""

from __future__ import annotations

from typing import Any

from snakepit_bridge._values import decode, encode


def carry(value: Any, root: str) -> Any:
    """The value as it arrives on the other side: what cannot be sent fails, and later changes are not seen.

    Args:
        value: what is sent.
        root: what it is called in errors.

    Raises:
        SerializationError: something in it cannot be sent.
    """
    encoded = encode(value, root=root)
    return decode(encoded.body, [bytearray(each) for each in encoded.buffers])
