"""Encodes values."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

import ormsgpack

from . import wire_format
from .conversion import convert
from .errors import SerializationError
from .large_bytes import BINARY, wrap_large_bytes
from .rewriting import Rewriter
from .wire_format import MAX_DEPTH, MIN_OUT_OF_BAND_BYTES, Block, LargeBytes, Nested

if TYPE_CHECKING:
    from collections.abc import Sequence

# Without OPT_NON_STR_KEYS: with it, ormsgpack encodes keys that are UUIDs or dates as strings.
_OPTIONS: Final = (
    ormsgpack.OPT_PASSTHROUGH_BIG_INT
    | ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_SUBCLASS
    | ormsgpack.OPT_PASSTHROUGH_UUID
)
_pack: Final = ormsgpack.packb
_SCALARS: Final = frozenset({bool, float, int, str, type(None)})
"""Types of values that usually need no hook."""
_SEARCHED: Final = frozenset({bytes, dict, list})
"""Types of converted values that may contain large binary data."""

_REWRITTEN_OPTIONS: Final = _OPTIONS | ormsgpack.OPT_NON_STR_KEYS


@dataclass(slots=True)
class Encoded:
    """An encoded value.

    Attributes:
        body: the MessagePack data.
        buffers: binary data that is sent next to the body, in order. It is referenced, not copied, so it must not
            change until it is sent.
    """

    body: bytes
    buffers: Sequence[memoryview]

    @property
    def byte_length(self) -> int:
        """The total number of bytes of body and buffers."""
        return _byte_length(self.body, self.buffers)


def encode(
    value: Any, *, root: str = "result", max_bytes: int = 0, unsendable: Literal["error", "mark"] = "error"
) -> Encoded:
    """Encodes a value.

    Args:
        value: the value; ``docs/values.md`` lists the supported types.
        root: the name of the value in errors.
        max_bytes: the maximum total number of bytes of body and buffers; 0 for no limit.
        unsendable: ``"mark"`` replaces values that cannot be sent by an :class:`Unsendable`.

    Raises:
        SerializationError: a part of the value cannot be sent, or the value is too large.
    """
    if unsendable == "error":
        return Encoded(*encode_parts(value, root, max_bytes))
    encoder = _Encoder()
    body = _encode_rewritten(encoder, Rewriter(root, marks=True).rewrite(value), root)
    _check_size(body, encoder.buffers, root, max_bytes)
    return Encoded(body, encoder.buffers)


def encode_parts(value: Any, root: str, max_bytes: int) -> tuple[bytes, Sequence[memoryview]]:
    """Encodes a value like :func:`encode`, and returns the attributes of the result: the answers to calls need no more.

    Raises:
        SerializationError: a part of the value cannot be sent, or the value is too large.
    """
    if type(value) in _SCALARS:
        try:
            body = _pack(value, None, _OPTIONS)
        except ormsgpack.MsgpackEncodeError:
            pass  # an integer of more than 64 bits, or an invalid string
        else:
            if len(body) <= max_bytes:
                return body, ()
    encoder = _Encoder()
    try:
        if type(value) in BINARY:
            body = encoder.pack(wrap_large_bytes(value))
        else:
            # The body of pack(), inlined: this runs for each call.
            body = _pack(value, encoder.hook, _OPTIONS)
            if len(body) >= MIN_OUT_OF_BAND_BYTES:
                body = _move_large_bytes(encoder, value, body)
    except ormsgpack.MsgpackEncodeError:
        _raise_interruption(encoder.failure)
        _reset(encoder)
        body = _encode_rewritten(encoder, Rewriter(root).rewrite(value), root)
    buffers = encoder.buffers
    if buffers or len(body) > max_bytes:
        _check_size(body, buffers, root, max_bytes)
    return body, buffers


def _check_size(body: bytes, buffers: Sequence[memoryview], root: str, max_bytes: int) -> None:
    byte_length = _byte_length(body, buffers)
    if 0 < max_bytes < byte_length:
        problem = f"{byte_length} bytes where {max_bytes} are allowed; send less at a time or raise maxPayloadBytes"
        raise SerializationError("PAYLOAD_TOO_LARGE", root, problem)


def _byte_length(body: bytes, buffers: Sequence[memoryview]) -> int:
    return len(body) + sum(buffer.nbytes for buffer in buffers)


class _Encoder:
    """The state of encoding one value. Most values need no hook, so its initial values belong to the class."""

    options = _OPTIONS
    buffers: Sequence[memoryview] = ()
    """The buffers so far; a list from the first one on."""
    failure: BaseException | None = None
    """The exception of the hook."""
    nesting = 0

    def pack(self, value: Any) -> bytes:
        return _pack(value, self.hook, self.options)

    def hook(self, value: Any) -> Any:
        """Converts a value that ormsgpack does not support.

        ormsgpack hides exceptions of the hook, including the ``Cancelled`` of a signal handler, so they are stored.
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
            return wrap_large_bytes(form) if kind in _SEARCHED else form
        except BaseException as error:
            self.failure = error
            raise

    def _place(self, block: Block) -> ormsgpack.Ext:
        if block.data.nbytes >= MIN_OUT_OF_BAND_BYTES:
            return ormsgpack.Ext(wire_format.NDARRAY, b"\x01" + block.header + self._add(block.data))
        return ormsgpack.Ext(wire_format.NDARRAY, b"\x00" + block.header + block.data)

    def _add(self, data: memoryview) -> bytes:
        index = len(self.buffers)
        if isinstance(self.buffers, list):
            self.buffers.append(data)
        else:
            self.buffers = [data]
        return index.to_bytes(4, "big")

    def _pack_nested(self, items: list[Any]) -> bytes:
        # Each level is a nested call of packb on the C stack.
        if self.nesting == MAX_DEPTH:
            raise RecursionError
        self.nesting += 1
        packed = self.pack(wrap_large_bytes(items))
        self.nesting -= 1
        return packed


class _UncertainError(Exception):
    """Elements of a set may become equal when sent. The rewriter checks them and finds the path."""


_DIFFERENT: Final = frozenset({str, int, bytes, type(None), uuid.UUID, date})
"""Types whose different values are also different in JavaScript."""


def _are_different(elements: list[Any]) -> bool:
    """Whether the elements of a set certainly stay different when sent."""
    kinds = set(map(type, elements))
    if kinds <= _DIFFERENT:
        return True
    # A set can contain several NaNs.
    return kinds == {float} and sum(map(math.isnan, elements)) < 2


def _move_large_bytes(encoder: _Encoder, value: Any, body: bytes) -> bytes:
    """Encodes a large value again if it contains large binary data, which must not be in the body."""
    wrapped = wrap_large_bytes(value, len(body) // 1024)
    if wrapped is value:
        return body
    _reset(encoder)
    return encoder.pack(wrapped)


def _encode_rewritten(encoder: _Encoder, value: Any, root: str) -> bytes:
    encoder.options = _REWRITTEN_OPTIONS
    try:
        return encoder.pack(wrap_large_bytes(value))
    except ormsgpack.MsgpackEncodeError as error:
        _raise_interruption(encoder.failure)
        # The value changed between the two passes.
        raise SerializationError("SERIALIZATION", root, f"cannot be sent: {encoder.failure or error}") from error


def _raise_interruption(failure: BaseException | None) -> None:
    if failure is not None and not isinstance(failure, Exception):
        raise failure


def _reset(encoder: _Encoder) -> None:
    encoder.buffers = ()
    encoder.failure = None
    encoder.nesting = 0
