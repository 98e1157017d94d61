"""Values on the wire: MessagePack with the extension types in ``docs/values.md``, and out-of-band buffers."""

from .decoding import decode
from .encoding import Encoded, encode, encode_parts
from .errors import SerializationError
from .unsendable import Unsendable

__all__ = ["Encoded", "SerializationError", "Unsendable", "decode", "encode", "encode_parts"]
