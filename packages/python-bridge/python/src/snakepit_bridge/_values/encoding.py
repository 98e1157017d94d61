"""From a value to bytes."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import ormsgpack

from . import wire_format
from .conversion import convert
from .errors import SerializationError
from .forms import Block, LargeBytes, Nested
from .large_bytes import BINARY, lift_large_bytes
from .rewriting import Rewriter
from .wire_format import MAX_DEPTH, MIN_OUT_OF_BAND_BYTES

# Without OPT_NON_STR_KEYS: with it, ormsgpack writes a UUID or a date that is a key as text, and it comes back as that.
_OPTIONS: Final = (
    ormsgpack.OPT_PASSTHROUGH_BIG_INT
    | ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_SUBCLASS
    | ormsgpack.OPT_PASSTHROUGH_UUID
)
_SEARCHED: Final = frozenset({bytes, dict, list})
"""What a conversion may return with large binary data in it."""

_REWRITTEN_OPTIONS: Final = _OPTIONS | ormsgpack.OPT_NON_STR_KEYS


@dataclass(slots=True)
class Encoded:
    """A value ready for the wire.

    Attributes:
        body: the value itself.
        buffers: binary data that is sent next to the body, in order; referenced, not copied, so it must not change
            until it was sent.
        byte_length: bytes of body and buffers together.
    """

    body: bytes
    buffers: list[memoryview]
    byte_length: int


def encode(
    value: Any, *, root: str = "result", max_bytes: int = 0, unsendable: Literal["error", "mark"] = "error"
) -> Encoded:
    """Make a value ready for the wire.

    Args:
        value: what to send; ``docs/values.md`` lists what can be.
        root: what the value is called in errors.
        max_bytes: the most bytes that body and buffers may have together; 0 for no limit.
        unsendable: ``"mark"`` puts an :class:`Unsendable` in the place of something that cannot be sent.

    Raises:
        SerializationError: when something in it cannot be sent, or when it is too large.
    """
    encoder = _Encoder(_OPTIONS)
    if unsendable == "mark":
        body = _encode_rewritten(encoder, Rewriter(root, marks=True).rewrite(value), root)
    else:
        body = _encode_plainly(encoder, value, root)
    byte_length = len(body)
    for buffer in encoder.buffers:
        byte_length += buffer.nbytes
    if 0 < max_bytes < byte_length:
        problem = f"{byte_length} bytes where {max_bytes} are allowed; send less at a time or raise maxPayloadBytes"
        raise SerializationError("PAYLOAD_TOO_LARGE", root, problem)
    return Encoded(body, encoder.buffers, byte_length)


class _Encoder:
    """The state of encoding one value: the buffers so far, and what went wrong in the hook."""

    __slots__ = ("buffers", "failure", "nesting", "options")

    def __init__(self, options: int) -> None:
        self.options = options
        self.buffers: list[memoryview] = []
        self.failure: BaseException | None = None
        self.nesting = 0

    def pack(self, value: Any) -> bytes:
        return ormsgpack.packb(value, default=self.hook, option=self.options)

    def hook(self, value: Any) -> Any:
        """Turn what ormsgpack does not know into what it knows.

        It hides what is raised here, the Cancelled of a signal handler too; so it is kept.
        """
        try:
            form = convert(value)
            kind = type(form)
            if kind is Block:
                return self._place(form)
            if kind is LargeBytes:
                return ormsgpack.Ext(form.tag, self._add(form.data))
            if kind is Nested:
                if self.options == _OPTIONS and not _are_different(form.items):
                    raise _UncertainError  # noqa: TRY301 - kept below like the others
                return ormsgpack.Ext(form.tag, self._pack_nested(form.items))
            return lift_large_bytes(form) if kind in _SEARCHED else form
        except BaseException as error:
            self.failure = error
            raise

    def _place(self, block: Block) -> ormsgpack.Ext:
        if block.data.nbytes >= MIN_OUT_OF_BAND_BYTES:
            return ormsgpack.Ext(wire_format.NDARRAY, b"\x01" + block.header + self._add(block.data))
        return ormsgpack.Ext(wire_format.NDARRAY, b"\x00" + block.header + block.data)

    def _add(self, data: memoryview) -> bytes:
        self.buffers.append(data)
        return (len(self.buffers) - 1).to_bytes(4, "big")

    def _pack_nested(self, items: list[Any]) -> bytes:
        # Each of these is a packing within a packing, on the C stack.
        if self.nesting == MAX_DEPTH:
            raise RecursionError
        self.nesting += 1
        packed = self.pack(lift_large_bytes(items))
        self.nesting -= 1
        return packed


class _UncertainError(Exception):
    """Elements of a set may be the same once they were sent; the slow way finds out, and where."""


_DIFFERENT: Final = frozenset({str, int, bytes, type(None), uuid.UUID, date})
"""Types whose different values are different values of JavaScript, too."""


def _are_different(elements: list[Any]) -> bool:
    """Return whether the elements of a set are certainly different once they were sent."""
    kinds = set(map(type, elements))
    if kinds <= _DIFFERENT:
        return True
    # Several NaNs can be in a set.
    return kinds == {float} and sum(map(math.isnan, elements)) < 2


def _encode_plainly(encoder: _Encoder, value: Any, root: str) -> bytes:
    """Encode a value as it is, which is how nearly all are; else find out why that cannot be done, and where."""
    try:
        if type(value) in BINARY:
            return encoder.pack(lift_large_bytes(value))
        body = encoder.pack(value)
        if len(body) < MIN_OUT_OF_BAND_BYTES:
            return body
        lifted = lift_large_bytes(value, len(body) // 1024)
        if lifted is value:
            return body
        _reset(encoder)
        return encoder.pack(lifted)
    except ormsgpack.MsgpackEncodeError:
        _raise_interruption(encoder.failure)
        _reset(encoder)
        return _encode_rewritten(encoder, Rewriter(root).rewrite(value), root)


def _encode_rewritten(encoder: _Encoder, value: Any, root: str) -> bytes:
    encoder.options = _REWRITTEN_OPTIONS
    try:
        return encoder.pack(lift_large_bytes(value))
    except ormsgpack.MsgpackEncodeError as error:
        _raise_interruption(encoder.failure)
        # The value changed between the two passes.
        raise SerializationError("SERIALIZATION", root, f"cannot be sent: {encoder.failure or error}") from error


def _raise_interruption(failure: BaseException | None) -> None:
    if failure is not None and not isinstance(failure, Exception):
        raise failure


def _reset(encoder: _Encoder) -> None:
    encoder.buffers = []
    encoder.failure = None
    encoder.nesting = 0
