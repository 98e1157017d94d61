"""The libraries of the compatibility table, as the checker of thread safety uses them."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Literal

import msgspec

from .._compatibility import table

Safety = Literal["safe", "conditional", "unsafe"]

_SAFETY: dict[str, Safety] = {"yes": "safe", "conditional": "conditional", "no": "unsafe"}
_OF_THE_BRIDGE = {"gRPC", "msgspec", "Protocol Buffers"}
"""The bridge itself imports them, so that they are loaded does not mean that the adapter uses them."""


class Library(msgspec.Struct, frozen=True):
    """What a library documents about its use in several threads of one process."""

    name: str
    modules: tuple[str, ...]
    """The modules that a process has loaded when it uses the library."""
    safety: Safety
    """``"safe"``: the usual objects may be shared. ``"conditional"``: only under the condition in the notes, such as an
    object for each thread. ``"unsafe"``: two threads must never use the library at the same time."""
    notes: str
    workaround: str
    source: str
    """Where the library documents it."""


@lru_cache(maxsize=1)
def known_libraries() -> tuple[Library, ...]:
    """Returns the libraries of the table that document their use in threads, in alphabetical order."""
    return tuple(
        Library(
            each.name,
            each.modules,
            _SAFETY[each.threads.safe],
            each.threads.notes,
            each.threads.workaround,
            each.threads.source,
        )
        for each in table().libraries
        if each.threads.safe in _SAFETY and each.name not in _OF_THE_BRIDGE
    )


def loaded_libraries() -> list[Library]:
    """Returns the known libraries that this process has imported."""
    return [each for each in known_libraries() if any(module in sys.modules for module in each.modules)]
