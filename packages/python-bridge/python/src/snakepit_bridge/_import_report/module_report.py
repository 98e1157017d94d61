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
from .._tools import module_of_target, parse_target
from .imports import Imports, imports_of, is_standard

_OWN = "snakepit_bridge"


class ImportedLibrary(Compatibility, frozen=True, kw_only=True, rename="camel"):
    """A library that a module imports, with its installed version."""

    module: str
    """The module of the library, such as ``sklearn``."""
    installed: bool
    imported_at: list[str]
    """The places of its imports, as ``file:line``; empty for a library that another library imports."""
    loaded: bool | None
    """Whether the execution of the module loaded it; ``None`` if the module was not executed."""


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


def report(target: str, *, execute: bool = False) -> ModuleReport:
    """Returns what is known about the libraries that a module imports. By default, the module is not executed.

    Imports of local modules are followed, those of libraries are not. Installed versions are those of this interpreter.

    Args:
        target: a file (``"./tools.py"``) or a module (``"package.tools"``), optionally with a class after a colon.
        execute: whether to import the module in this process too, as a worker does. The report then includes the
            libraries that other libraries import, and whether the imports have enabled the global interpreter lock.

    Raises:
        TargetNotFoundError: the target does not exist, or is not Python source code.
        TargetError: the import of the module failed.
    """
    found = imports_of(target, [os.getcwd(), *sys.path])  # noqa: PTH109 (sys.path has strings)
    loaded = _modules_loaded_by(target) if execute else None
    python = PythonBuild(platform.python_version(), is_free_threaded(), has_global_lock())
    libraries = sorted(_libraries_of(found, loaded), key=lambda each: (each.name.casefold(), each.module))
    return ModuleReport(
        target=target,
        python=python,
        revised=table().revised,
        files=[str(each) for each in found.files],
        libraries=libraries,
        problems=found.problems,
        recommendations=list(_recommendations(libraries, python)),
    )


def _modules_loaded_by(target: str) -> frozenset[str]:
    before = frozenset(sys.modules)
    module_of_target(parse_target(target))
    return frozenset(sys.modules) - before


def _libraries_of(found: Imports, loaded: frozenset[str] | None) -> Iterator[ImportedLibrary]:
    places: dict[str, tuple[str, set[str]]] = {}
    for name, at in found.modules.items():
        library = find_library(name)
        top = name.partition(".")[0]
        if top == _OWN or (library is None and is_standard(top)):
            continue
        key = top if library is None else library.name
        module = top if library is None else next(each for each in library.modules if f"{name}.".startswith(f"{each}."))
        places.setdefault(key, (module, set()))[1].update(at)
    for library in table().libraries if loaded else ():
        found_in = [each for each in library.modules if loaded and each in loaded]
        if found_in:
            places.setdefault(library.name, (found_in[0], set()))
    # Reads the file lists of all installed packages, so it is called once.
    distributions = importlib.metadata.packages_distributions() if places else {}
    for module, lines in places.values():
        installed = distributions.get(module.partition(".")[0], [])
        is_loaded = None if loaded is None else module in sys.modules
        yield _imported(module, sorted(lines, key=_place), installed, is_loaded)


def _imported(module: str, imported_at: list[str], installed: list[str], loaded: bool | None) -> ImportedLibrary:
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
        **fields,
        module=module,
        installed=bool(version) or is_part_of_python,
        imported_at=imported_at,
        loaded=loaded,
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
