"""Rewrites values that ormsgpack cannot encode directly, and finds the path to parts that cannot be sent.

It is slow and used only after direct encoding has failed, which does not report a path. That happens for dicts with
keys that are not strings, strings with lone surrogates, and values that cannot be sent.
"""

from __future__ import annotations

import json
import reprlib
from typing import Any, Final

import ormsgpack

from . import wire_format
from .conversion import convert
from .errors import SerializationError
from .records import UnreadableFieldError
from .unsendable import Unsendable, UnsendableError, name_of
from .wire_format import MAX_DEPTH, Block, LargeBytes, Nested

_LEAVES: Final = frozenset({type(None), bool, float, bytes, bytearray, ormsgpack.Ext, Block, LargeBytes, Unsendable})
_CONTAINERS: Final = frozenset({dict, list, tuple})
_NUMBERS: Final = frozenset({type(None), bool, int, float})
"""Types of which a list may have a million, and which need no rewriting."""

_PLAIN_KEYS: Final = frozenset({str, int, float, bool, type(None)})
"""Types of keys in a MessagePack map; integers beyond 64 bits have been converted to an Ext."""

_SHOWN_STEPS: Final = 20
"""The middle of longer paths is omitted."""

_SURROGATE: Final = UnsendableError("a string with a lone surrogate", 'send value.encode("utf-8", "surrogatepass")')
_SURROGATE_IN_KEY: Final = UnsendableError("a key with a lone surrogate", 'send key.encode("utf-8", "surrogatepass")')
_CYCLE: Final = UnsendableError("a value that contains itself", "break the cycle, for example with ids")
_SHOWN_KEY: Final = 100
"""The number of characters of a key in a path."""
_SHOWN_BITS: Final = 128
_TOO_DEEP: Final = UnsendableError(f"containers nested deeper than {MAX_DEPTH}", "flatten the value")


class Rewriter:
    """Rewrites one value and tracks the current path."""

    __slots__ = ("_marks", "_open", "_path", "_root")

    def __init__(self, root: str, *, marks: bool = False) -> None:
        """Creates the rewriter.

        Args:
            root: the name of the value.
            marks: whether to replace values that cannot be sent instead of raising an error.
        """
        self._root = root
        self._marks = marks
        self._path: list[str] = []
        self._open: set[int] = set()

    def rewrite(self, value: Any) -> Any:
        """Returns an equal value that ormsgpack can pack with ``OPT_NON_STR_KEYS``.

        Raises:
            SerializationError: a part of the value cannot be sent; the error contains its path.
        """
        try:
            return self._rewrite(value)
        except RecursionError as error:
            raise SerializationError("SERIALIZATION", self._where(), str(_TOO_DEEP)) from error

    # Two frames per level, so that the deepest allowed value stays within Python's recursion limit.
    def _rewrite(self, value: Any) -> Any:
        kind = type(value)
        if kind in _LEAVES:
            return value
        if kind is str:
            return value if _is_well_formed(value) else self._reject(_SURROGATE)
        if kind is int:
            return convert(value)
        if id(value) in self._open:
            return self._reject(_CYCLE)
        self._open.add(id(value))
        form = value if kind in _CONTAINERS else self._convert(value)
        if type(form) is dict:
            rewritten = self._rewrite_entries(form)
        elif type(form) is list or type(form) is tuple:
            rewritten = self._rewrite_elements(form)
        elif type(form) is Nested:
            elements = self._rewrite_elements(form.items)
            same = _find_same(form.items, elements)
            rewritten = (
                Nested(form.tag, elements) if same is None else self._reject(_same_error("set", "element", same))
            )
        else:
            rewritten = self._rewrite(form)
        self._open.remove(id(value))
        return rewritten

    def _rewrite_elements(self, elements: list[Any] | tuple[Any, ...]) -> Any:
        if len(self._path) == MAX_DEPTH:
            return self._reject(_TOO_DEEP)
        if _NUMBERS.issuperset(map(type, elements)):
            return elements
        rewritten = []
        for index, element in enumerate(elements):
            self._path.append(f"[{index}]")
            rewritten.append(self._rewrite(element))
            self._path.pop()
        return rewritten

    def _rewrite_entries(self, entries: dict[Any, Any]) -> Any:
        if len(self._path) == MAX_DEPTH:
            return self._reject(_TOO_DEEP)
        keys: list[Any] = []
        values: list[Any] = []
        for place, (key, value) in enumerate(entries.items()):
            self._path.append(_step(key) or f".keys()[{place}]")
            # The path of a key that is a string is also the path of its value, so the error must name the key.
            keys.append(self._rewrite(key) if type(key) is not str else self._rewrite_name(key))
            self._path[-1] = _step(key) or f".values()[{place}]"
            values.append(self._rewrite(value))
            self._path.pop()
        same = _find_same(list(entries), keys)
        if same is not None:
            return self._reject(_same_error("dict", "key", same))
        if not all(type(key) in _PLAIN_KEYS for key in keys):
            return Nested(wire_format.MAP, [part for pair in zip(keys, values, strict=True) for part in pair])
        return dict(zip(keys, values, strict=True))

    def _rewrite_name(self, key: str) -> Any:
        return key if _is_well_formed(key) else self._reject(_SURROGATE_IN_KEY)

    def _convert(self, value: Any) -> Any:
        try:
            return convert(value)
        except UnsendableError as error:
            return self._reject(error)
        except RecursionError:
            raise
        except UnreadableFieldError as error:
            cause = error.__cause__ or error
            problem = f"cannot be read: {_describe(cause)}"
            raise SerializationError("SERIALIZATION", self._where() + (_step(error.name) or ""), problem) from cause
        except Exception as error:
            raise SerializationError("SERIALIZATION", self._where(), f"cannot be read: {_describe(error)}") from error

    def _reject(self, error: UnsendableError) -> Unsendable:
        if self._marks:
            return Unsendable(error.what)
        raise SerializationError("SERIALIZATION", self._where(), str(error)) from None

    def _where(self) -> str:
        steps = self._path
        if len(steps) > _SHOWN_STEPS:
            steps = [*steps[: _SHOWN_STEPS // 2], "\u2026", *steps[-_SHOWN_STEPS // 2 :]]
        return self._root + "".join(steps)


def _find_same(originals: Any, forms: Any) -> tuple[Any, Any] | None:
    """Returns two keys, or elements of a set, that become equal when sent; ``None`` if all differ."""
    seen: dict[Any, Any] = {}
    for original, form in zip(originals, forms, strict=True):
        kind = type(form)
        if kind is ormsgpack.Ext:
            identity: Any = ormsgpack.packb(form)
        elif kind in _PLAIN_KEYS:
            # NaN differs from itself in Python, but is a single key in JavaScript.
            identity = (form if form == form else "NaN", kind is str)  # noqa: PLR0124
        else:
            continue
        if identity in seen:
            return seen[identity], original
        seen[identity] = original
    return None


def _same_error(container: str, part: str, same: tuple[Any, Any]) -> UnsendableError:
    first, second = (_shown(one) for one in same)
    remedy = "send list(value.items())" if container == "dict" else "send list(value)"
    return UnsendableError(f"a {container} with two {part}s that become equal when sent, {first} and {second}", remedy)


def _shown(value: Any) -> str:
    try:
        return reprlib.repr(value)
    except Exception:  # user code, which may raise any exception
        return name_of(value)


def _describe(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # user code, which may raise any exception
        return type(error).__name__


def _is_well_formed(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _step(key: Any) -> str | None:
    """Returns the path step of a key; ``None`` when the key is neither a string nor a number, or too large a number.

    A long string is abbreviated.
    """
    if type(key) is str:
        shown = key if len(key) <= _SHOWN_KEY else key[: _SHOWN_KEY - 1] + "…"
        return f".{shown}" if shown.isidentifier() and shown.isascii() else f"[{json.dumps(shown)}]"
    # Python does not convert integers of more than some thousand digits.
    return f"[{key}]" if type(key) is int and key.bit_length() <= _SHOWN_BITS else None
