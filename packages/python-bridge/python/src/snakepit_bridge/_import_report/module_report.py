"""A report about the libraries that a module imports."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator

import msgspec

from .._compatibility import Compatibility, check, find_library, table
from .._system import has_global_lock, is_free_threaded
from .imports import Imports, imports_of, is_standard

_OWN = "snakepit_bridge"


class ImportedLibrary(Compatibility, frozen=True, kw_only=True, rename="camel"):
    """A library that a module imports, with its installed version."""

    module: str
    """The module of the library, such as ``sklearn``."""
    installed: bool
    imported_at: list[str]
    """The places of its imports, as ``file:line``."""


class PythonBuild(msgspec.Struct, frozen=True, rename="camel"):
    """The interpreter for which a report was made."""

    version: str
    free_threaded: bool
    """Whether it was built to run without the global interpreter lock."""
    gil_enabled: bool


class ModuleReport(msgspec.Struct, frozen=True, rename="camel"):
    """What is known about the libraries that a module imports."""

    target: str
    python: PythonBuild
    revised: str
    """The day of the last revision of the table, as an ISO date."""
    files: list[str]
    """The files that were read: that of the module, and the local modules that it imports."""
    libraries: list[ImportedLibrary]
    """In alphabetical order."""
    problems: list[str]
    """Files that could not be read."""
    recommendations: list[str]
    """What to consider before the module runs in several threads, or in workers that are forked."""


def report(target: str) -> ModuleReport:
    """Returns what is known about the libraries that a module imports. The module is not executed.

    Imports of local modules are followed, those of libraries are not. Installed versions are those of this interpreter.

    Args:
        target: a file (``"./tools.py"``) or a module (``"package.tools"``), optionally with a class after a colon.

    Raises:
        TargetNotFoundError: the target does not exist, or is not Python source code.
    """
    found = imports_of(target, [os.getcwd(), *sys.path])  # noqa: PTH109 (sys.path has strings)
    python = PythonBuild(platform.python_version(), is_free_threaded(), has_global_lock())
    libraries = sorted(_libraries_of(found), key=lambda each: (each.name.casefold(), each.module))
    return ModuleReport(
        target=target,
        python=python,
        revised=table().revised,
        files=[str(each) for each in found.files],
        libraries=libraries,
        problems=found.problems,
        recommendations=list(_recommendations(libraries, python)),
    )


def _libraries_of(found: Imports) -> Iterator[ImportedLibrary]:
    places: dict[str, tuple[str, set[str]]] = {}
    for name, at in found.modules.items():
        library = find_library(name)
        top = name.partition(".")[0]
        if top == _OWN or (library is None and is_standard(top)):
            continue
        key = top if library is None else library.name
        module = top if library is None else next(each for each in library.modules if f"{name}.".startswith(f"{each}."))
        places.setdefault(key, (module, set()))[1].update(at)
    # Reads the file lists of all installed packages, so it is called once.
    distributions = importlib.metadata.packages_distributions() if places else {}
    for module, lines in places.values():
        yield _imported(module, sorted(lines, key=_place), distributions.get(module.partition(".")[0], []))


def _imported(module: str, imported_at: list[str], installed: list[str]) -> ImportedLibrary:
    library = find_library(module)
    names = [] if library is None else list(library.distributions)
    distribution = next((each for each in installed if library is None or check(each).name == library.name), None)
    version = next(
        (found for found in map(_version, [*([distribution] if distribution else []), *names]) if found), None
    )
    facts = _checked(distribution if library is None and distribution else module, version)
    fields = {each: getattr(facts, each) for each in Compatibility.__struct_fields__}
    is_part_of_python = library is not None and not library.distributions
    return ImportedLibrary(
        **fields, module=module, installed=bool(version) or is_part_of_python, imported_at=imported_at
    )


def _checked(name: str, version: str | None) -> Compatibility:
    try:
        return check(name, version)
    except ValueError:
        # The version of a package need not follow PEP 440.
        return check(name)


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _place(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)


def _recommendations(libraries: list[ImportedLibrary], python: PythonBuild) -> Iterator[str]:
    for each in libraries:
        if not each.installed:
            yield f"{each.module} is not installed in {sys.executable}"
        if each.threads.safe in ("no", "conditional"):
            what = "is not thread-safe" if each.threads.safe == "no" else "is thread-safe only under a condition"
            yield f"{each.name} {what}: {each.threads.notes}; {each.threads.workaround}"
        if each.fork.safe == "conditional":
            yield f"{each.name} is imported before the workers are forked: {each.fork.notes}"
        elif each.fork.safe == "no":
            yield (
                f"{each.name} must not be imported before the workers are forked: {each.fork.notes}; "
                'use startMethod "spawn"'
            )
        if python.free_threaded and each.free_threading.support in ("no", "unknown"):
            reason = each.free_threading.notes or "no release supports it"
            yield f"{each.name} may enable the global interpreter lock: {reason}"
