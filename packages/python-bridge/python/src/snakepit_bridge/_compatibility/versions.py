"""Comparison of the release numbers of versions.

The table only states the first release with a property, so their order is all that is needed of PEP 440; the package
``packaging``, which implements all of it, is no dependency of the bridge.
"""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?P<early>[-_.]?(?:a|alpha|b|beta|c|rc|pre|preview|dev)[-_.]?\d*)?"
    r"(?:[-_.a-z0-9]*)(?:\+[a-z0-9.]+)?",
    re.IGNORECASE,
)


def is_older(version: str, other: str) -> bool:
    """Whether a version is older than another one. Pre-releases are older than their release.

    Raises:
        ValueError: one of them is not a version.
    """
    return _key(version) < _key(other)


def _key(version: str) -> tuple[int, tuple[int, ...], bool]:
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        raise ValueError(f"version must be a version such as '2.1.0'; got {version!r}")
    numbers = [int(each) for each in match["release"].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return int(match["epoch"] or 0), tuple(numbers), match["early"] is None
