"""The slow way through a value: it finds the path to what cannot be sent, and rewrites what ormsgpack has no form for.

Taken when the quick way failed, which it does without saying where: dicts with other keys than strings, strings with
half of a surrogate pair, what cannot be sent at all.
"""

from __future__ import annotations

import json
import reprlib
from typing import Any, Final

import ormsgpack

from . import wire_format
from .conversion import convert
from .errors import SerializationError
from .forms import Block, LargeBytes, Nested
from .records import UnreadableFieldError
from .unsendable import Unsendable, UnsendableError, name_of
from .wire_format import MAX_DEPTH

_LEAVES: Final = frozenset({type(None), bool, float, bytes, bytearray, ormsgpack.Ext, Block, LargeBytes, Unsendable})
_CONTAINERS: Final = frozenset({dict, list, tuple})
_NUMBERS: Final = frozenset({type(None), bool, int, float})
"""What a list may have a million of, and the quick way can send as it is."""

_PLAIN_KEYS: Final = frozenset({str, int, float, bool, type(None)})
"""Types of keys that a map of MessagePack can have; an integer beyond 64 bits is an Ext by then."""

_SHOWN_STEPS: Final = 20
"""Of a longer path the beginning and the end are shown."""

_SURROGATE: Final = UnsendableError(
    "a string with half of a surrogate pair", 'send value.encode("utf-8", "surrogatepass")'
)
_CYCLE: Final = UnsendableError("a value that contains itself", "break the cycle, for example with ids")
_TOO_DEEP: Final = UnsendableError(f"containers nested deeper than {MAX_DEPTH}", "flatten the value")


class Rewriter:
    """Rewrites one value, knowing the path to where it is."""

    __slots__ = ("_marks", "_open", "_path", "_root")

    def __init__(self, root: str, *, marks: bool = False) -> None:
        """Begin at ``root``; with ``marks``, what cannot be sent is replaced and no error."""
        self._root = root
        self._marks = marks
        self._path: list[str] = []
        self._open: set[int] = set()

    def rewrite(self, value: Any) -> Any:
        """Return an equal value that ormsgpack can pack with ``OPT_NON_STR_KEYS``.

        Raises:
            SerializationError: with the path to what cannot be sent.
        """
        try:
            return self._rewrite(value)
        except RecursionError as error:
            raise SerializationError("SERIALIZATION", self._where(), str(_TOO_DEEP)) from error

    # Two frames a level, so that the deepest value allowed stays within Python's own limit.
    def _rewrite(self, value: Any) -> Any:
        kind = type(value)
        if kind in _LEAVES:
            return value
        if kind is str:
            return value if _is_well_formed(value) else self._refuse(_SURROGATE)
        if kind is int:
            return convert(value)
        if id(value) in self._open:
            return self._refuse(_CYCLE)
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
                Nested(form.tag, elements) if same is None else self._refuse(_same_error("set", "element", same))
            )
        else:
            rewritten = self._rewrite(form)
        self._open.remove(id(value))
        return rewritten

    def _rewrite_elements(self, elements: list[Any] | tuple[Any, ...]) -> Any:
        if len(self._path) == MAX_DEPTH:
            return self._refuse(_TOO_DEEP)
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
            return self._refuse(_TOO_DEEP)
        keys: list[Any] = []
        values: list[Any] = []
        for place, (key, value) in enumerate(entries.items()):
            self._path.append(_step(key) or f".keys()[{place}]")
            keys.append(self._rewrite(key))
            self._path[-1] = _step(key) or f".values()[{place}]"
            values.append(self._rewrite(value))
            self._path.pop()
        same = _find_same(list(entries), keys)
        if same is not None:
            return self._refuse(_same_error("dict", "key", same))
        if not all(type(key) in _PLAIN_KEYS for key in keys):
            return Nested(wire_format.MAP, [part for pair in zip(keys, values, strict=True) for part in pair])
        return dict(zip(keys, values, strict=True))

    def _convert(self, value: Any) -> Any:
        try:
            return convert(value)
        except UnsendableError as error:
            return self._refuse(error)
        except RecursionError:
            raise
        except UnreadableFieldError as error:
            cause = error.__cause__ or error
            problem = f"cannot be read: {_describe(cause)}"
            raise SerializationError("SERIALIZATION", self._where() + (_step(error.name) or ""), problem) from cause
        except Exception as error:
            raise SerializationError("SERIALIZATION", self._where(), f"cannot be read: {_describe(error)}") from error

    def _refuse(self, error: UnsendableError) -> Unsendable:
        if self._marks:
            return Unsendable(error.what)
        raise SerializationError("SERIALIZATION", self._where(), str(error)) from None

    def _where(self) -> str:
        steps = self._path
        if len(steps) > _SHOWN_STEPS:
            steps = [*steps[: _SHOWN_STEPS // 2], "\u2026", *steps[-_SHOWN_STEPS // 2 :]]
        return self._root + "".join(steps)


def _find_same(originals: Any, forms: Any) -> tuple[Any, Any] | None:
    """Return two keys, or elements of a set, that are the same once they were sent; None when all are different."""
    seen: dict[Any, Any] = {}
    for original, form in zip(originals, forms, strict=True):
        kind = type(form)
        if kind is ormsgpack.Ext:
            identity: Any = ormsgpack.packb(form)
        elif kind in _PLAIN_KEYS:
            # NaN differs from itself in Python, and is one key in JavaScript.
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
    return UnsendableError(f"a {container} with two {part}s that are the same once sent, {first} and {second}", remedy)


def _shown(value: Any) -> str:
    try:
        return reprlib.repr(value)
    except Exception:  # a repr of a user's class may raise anything
        return name_of(value)


def _describe(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # the description of a user's exception may raise anything
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
    """Return the step to the entry of a key; None when it is neither text nor a number."""
    if type(key) is str:
        return f".{key}" if key.isidentifier() and key.isascii() else f"[{json.dumps(key)}]"
    return f"[{key}]" if type(key) is int else None
