"""Values on the wire: MessagePack with the extension types of ``docs/values.md``, and buffers that travel beside it."""

from snakepit_bridge._values.decoding import decode
from snakepit_bridge._values.encoding import Encoded, encode
from snakepit_bridge._values.errors import SerializationError
from snakepit_bridge._values.unsendable import Unsendable

__all__ = ["Encoded", "SerializationError", "Unsendable", "decode", "encode"]
