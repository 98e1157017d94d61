"""What is known about one library."""

from __future__ import annotations

import msgspec

from .table import Fork, FreeThreading, Threads, find_library, normalized, table
from .versions import is_older

_UNKNOWN = "not in the table of libraries"


class Compatibility(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is known about a library, or about one version of it."""

    name: str
    """Its usual name; the name that was passed if it is unknown."""
    distribution: str | None
    """The name of its package, normalized as in PEP 503; ``None`` for a module of the standard library."""
    version: str | None
    """The version that was passed."""
    known: bool
    """Whether the table has the library. Otherwise, everything is ``"unknown"``."""
    threads: Threads
    fork: Fork
    free_threading: FreeThreading
    revised: str
    """The day of the last revision of the table, as an ISO date."""


def check(name: str, version: str | None = None) -> Compatibility:
    """Returns what is known about a library: threads, forks, and the free-threaded build of Python.

    Args:
        name: a package or a module: ``"scikit-learn"``, ``"sklearn"`` and ``"sklearn.svm"`` are the same.
        version: the version of the library; by default, the result is about the newest one.

    Returns:
        The verdicts with their sources. For an unknown library, ``known`` is false.

    Raises:
        ValueError: the name is empty, or the version is not one.
    """
    if not name.strip():
        raise ValueError("name must be the name of a package or module; got an empty string")
    name = name.strip()
    if version is not None:
        # Raises for what is not a version, also if the library is unknown.
        is_older(version, "0")
    library = find_library(name)
    if library is None:
        return Compatibility(
            name=name,
            distribution=normalized(name),
            version=version,
            known=False,
            threads=Threads("unknown", _UNKNOWN, "see its documentation, or use the process profile", ""),
            fork=Fork("unknown", _UNKNOWN),
            free_threading=FreeThreading("unknown", "", notes=_UNKNOWN),
            revised=table().revised,
        )
    asked = normalized(name)
    usual = library.distributions[0] if library.distributions else None
    return Compatibility(
        name=library.name,
        distribution=asked if asked in library.distributions else usual,
        version=version,
        known=True,
        threads=_threads(library.threads, version),
        fork=library.fork,
        free_threading=_free_threading(library.free_threading, version),
        revised=table().revised,
    )


def _threads(threads: Threads, version: str | None) -> Threads:
    before = threads.before
    if before is None or version is None or not is_older(version, before.version):
        return threads
    return msgspec.structs.replace(threads, safe=before.safe, notes=before.notes)


def _free_threading(found: FreeThreading, version: str | None) -> FreeThreading:
    if version is None or found.since is None or not is_older(version, found.since):
        return found
    return msgspec.structs.replace(found, support="no", notes=f"supported since {found.since}")
