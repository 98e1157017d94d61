"""Large binary data in lists and dicts, which ormsgpack itself would copy into the body."""

from __future__ import annotations

from typing import Any, Final

from .forms import LargeBytes
from .wire_format import MIN_OUT_OF_BAND_BYTES

BINARY: Final = frozenset({bytes, bytearray, memoryview})
_CONTAINERS: Final = frozenset({dict, list, tuple})

_FEW_VISITS: Final = 64


def lift_large_bytes(value: Any, visits: int = _FEW_VISITS) -> Any:
    """Return the value with its large binary data marked to be sent out of band; the value itself without such data.

    Nothing of the caller's is changed: containers on the way to such data are copied.

    Args:
        value: any value.
        visits: containers with more elements than are left of this are not searched, and their data stays in the body;
            so a search never costs more than the copying it saves.
    """
    return _Search(visits).lift(value)


class _Search:
    __slots__ = ("visits",)

    def __init__(self, visits: int) -> None:
        self.visits = visits

    def lift(self, value: Any) -> Any:
        kind = type(value)
        if kind in BINARY:
            return _lift_binary(value)
        if kind not in _CONTAINERS or len(value) > self.visits:
            return value
        self.visits -= len(value)
        if kind is dict:
            return self._lift_entries(value)
        return self._lift_elements(value)

    def _lift_entries(self, entries: dict[Any, Any]) -> dict[Any, Any]:
        copy: dict[Any, Any] | None = None
        for key, element in entries.items():
            lifted = self.lift(element)
            if lifted is not element:
                if copy is None:
                    copy = dict(entries)
                copy[key] = lifted
        return entries if copy is None else copy

    def _lift_elements(self, elements: list[Any] | tuple[Any, ...]) -> list[Any] | tuple[Any, ...]:
        copy: list[Any] | None = None
        for index, element in enumerate(elements):
            lifted = self.lift(element)
            if lifted is not element:
                if copy is None:
                    copy = list(elements)
                copy[index] = lifted
        return elements if copy is None else copy


def _lift_binary(value: Any) -> Any:
    view = memoryview(value)
    if view.nbytes < MIN_OUT_OF_BAND_BYTES:
        return value
    return LargeBytes(view.cast("B") if view.c_contiguous else memoryview(view.tobytes()))
