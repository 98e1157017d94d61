"""Whether the packages that the bridge requires are installed in a supported version."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Iterator, Sequence

import msgspec

from .._compatibility import is_older
from .._libraries import install_command
from .._version import __version__

_OLDEST_PYTHON = "3.10"
_PACKAGE = "snakepit-bridge"
_CLAUSE = re.compile(r"(>=|<=|==|!=|<|>)\s*([^,;\s]+)")
_MARKER = re.compile(r"python_version\s*(>=|<=|==|!=|<|>)\s*['\"]([\d.]+)['\"]")


class Requirement(msgspec.Struct, frozen=True):
    """A package that the bridge requires, or may use."""

    name: str
    required: str
    """The accepted versions, such as ``>=0.20``; empty for any."""
    installed: str | None
    satisfied: bool
    optional: bool
    """Whether only a part of the bridge uses it, such as the transport over gRPC."""
    remedy: str | None
    """The command that installs it; ``None`` if nothing has to be done."""


def requirements() -> list[Requirement]:
    """Returns the required version of Python, the bridge itself, and the packages that its metadata list."""
    python = platform.python_version()
    is_supported = not is_older(python, _OLDEST_PYTHON)
    remedy = None if is_supported else f"install Python {_OLDEST_PYTHON} or newer"
    found = [
        Requirement("python", f">={_OLDEST_PYTHON}", python, is_supported, False, remedy),
        Requirement(_PACKAGE, "", __version__, True, False, None),
    ]
    try:
        declared = importlib.metadata.requires(_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        # The package is used from a directory, without an installation.
        declared = []
    return [*found, *checked(declared)]


def checked(declared: Sequence[str]) -> Iterator[Requirement]:
    """Checks requirements in the form of PEP 508, as the metadata of the bridge have them."""
    for each in declared:
        requirement, _, marker = each.partition(";")
        python = _MARKER.search(marker)
        if python is not None and not _satisfies(platform.python_version(), [(python[1], python[2])]):
            continue
        name = re.split(r"[\s<>=!~\[(]", requirement.strip(), maxsplit=1)[0]
        clauses = _CLAUSE.findall(requirement)
        required = ",".join(operator + version for operator, version in clauses)
        try:
            installed: str | None = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            installed = None
        optional = "extra" in marker
        satisfied = installed is not None and _satisfies(installed, clauses)
        is_missing = not satisfied and not (optional and installed is None)
        remedy = install_command(f"{name}{required}") if is_missing else None
        yield Requirement(name, required, installed, satisfied, optional, remedy)


def _satisfies(version: str, clauses: Sequence[tuple[str, str]]) -> bool:
    return all(_holds(version, operator, other) for operator, other in clauses)


def _holds(version: str, operator: str, other: str) -> bool:
    older, newer = is_older(version, other), is_older(other, version)
    match operator:
        case ">=":
            return not older
        case "<=":
            return not newer
        case "<":
            return older
        case ">":
            return newer
        case "==":
            return not older and not newer
        case _:
            return older or newer
