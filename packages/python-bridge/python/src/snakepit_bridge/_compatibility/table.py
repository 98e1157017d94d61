"""The table of libraries: what they document about threads, forks, and the free-threaded build of Python."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

Verdict = Literal["yes", "conditional", "no", "unknown"]
Support = Literal["yes", "experimental", "pure-python", "no", "unknown"]


class Before(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is different in the releases before a version."""

    version: str
    safe: Verdict
    notes: str


class Threads(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whether several threads of one process may use a library at the same time."""

    safe: Verdict
    """``"yes"``: the usual objects may be shared. ``"conditional"``: only under the condition in the notes, such as an
    object for each thread. ``"no"``: two threads must never use the library at the same time."""
    notes: str
    workaround: str
    source: str
    """Where the library documents it."""
    before: Before | None = None


class Fork(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whether a worker that was forked may use a library that the zygote has imported."""

    safe: Verdict
    """``"yes"``: it may. ``"conditional"``: under the condition in the notes, such as connections that are created
    after the fork. ``"no"``: start the workers with the method ``spawn``."""
    notes: str
    source: str | None = None
    tested: str | None = None
    """The version for which an import, a fork, and a use in the child were tested on Linux."""


class FreeThreading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whether a library supports Python without the global interpreter lock."""

    support: Support
    """``"experimental"``: its maintainers call it unstable, beta, preliminary or experimental, or publish wheels
    without a statement about them. ``"pure-python"``: it needs no other build. ``"no"``: no release does; its import
    may enable the lock."""
    source: str
    since: str | None = None
    """The first release that does, if known."""
    notes: str | None = None


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A row of the table."""

    name: str
    distributions: tuple[str, ...]
    """The names of its packages, normalized as in PEP 503, the usual one first; empty for the standard library."""
    modules: tuple[str, ...]
    """The modules that a process has loaded when it uses the library."""
    threads: Threads
    fork: Fork
    free_threading: FreeThreading


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, in alphabetical order."""

    revised: str
    """The day of the last revision, as an ISO date."""
    libraries: tuple[Library, ...]


@lru_cache(maxsize=1)
def table() -> Table:
    """Returns the table. It is read once, on first use."""
    return msgspec.json.decode(Path(__file__).with_name("libraries.json").read_bytes(), type=Table)


def normalized(name: str) -> str:
    """Returns the name of a package in the form of PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def find_library(name: str) -> Library | None:
    """Returns the row of a package or module; ``None`` if the table has none.

    Args:
        name: the name of a package in any form, of a module, or of a module inside of one.
    """
    by_distribution, by_module = _indexes()
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        found = by_module.get(".".join(parts[:length]))
        if found is not None:
            return found
    return by_distribution.get(normalized(name))


@lru_cache(maxsize=1)
def _indexes() -> tuple[dict[str, Library], dict[str, Library]]:
    libraries = table().libraries
    by_distribution = {each: library for library in libraries for each in library.distributions}
    by_module = {each: library for library in libraries for each in library.modules}
    return by_distribution, by_module
