"""Finds large binary data in lists and dicts, which ormsgpack would copy into the body."""

from __future__ import annotations

from typing import Any, Final

from .wire_format import MIN_OUT_OF_BAND_BYTES, LargeBytes

BINARY: Final = frozenset({bytes, bytearray, memoryview})
_CONTAINERS: Final = frozenset({dict, list, tuple})

_FEW_VISITS: Final = 64


def wrap_large_bytes(value: Any, visits: int = _FEW_VISITS) -> Any:
    """Returns the value with large binary data wrapped in :class:`.LargeBytes`, or the value itself without such data.

    The value is not modified: containers on the path to such data are copied.

    Args:
        value: any value.
        visits: the maximum number of elements to visit. The data of containers beyond that stays in the body, so that
            the search never costs more than the copy that it avoids.
    """
    return _Search(visits).wrap(value)


class _Search:
    __slots__ = ("visits",)

    def __init__(self, visits: int) -> None:
        self.visits = visits

    def wrap(self, value: Any) -> Any:
        kind = type(value)
        if kind in BINARY:
            return _wrap_binary(value)
        if kind not in _CONTAINERS or len(value) > self.visits:
            return value
        self.visits -= len(value)
        if kind is dict:
            return self._wrap_entries(value)
        return self._wrap_elements(value)

    def _wrap_entries(self, entries: dict[Any, Any]) -> dict[Any, Any]:
        copy: dict[Any, Any] | None = None
        for key, element in entries.items():
            wrapped = self.wrap(element)
            if wrapped is not element:
                if copy is None:
                    copy = dict(entries)
                copy[key] = wrapped
        return entries if copy is None else copy

    def _wrap_elements(self, elements: list[Any] | tuple[Any, ...]) -> list[Any] | tuple[Any, ...]:
        copy: list[Any] | None = None
        for index, element in enumerate(elements):
            wrapped = self.wrap(element)
            if wrapped is not element:
                if copy is None:
                    copy = list(elements)
                copy[index] = wrapped
        return elements if copy is None else copy


def _wrap_binary(value: Any) -> Any:
    view = memoryview(value)
    if view.nbytes < MIN_OUT_OF_BAND_BYTES:
        return value
    return LargeBytes(view.cast("B") if view.c_contiguous else memoryview(view.tobytes()))
