"""Imports the module of a target."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from .._target_files import module_name_of
from .import_failure import explain_import_failure
from .script_process import become_script, search_first
from .target import Target, TargetError
from .tool_decorator import forget_definitions


def import_target(target: Target, *, as_script: bool = False) -> ModuleType:
    """Imports the module that a target names. A module that fails is removed from ``sys.modules``.

    The directory of a file or, for a module, the working directory comes first in the search path, as when Python runs
    a script or ``python -m``.

    Args:
        target: what to import.
        as_script: whether the process runs only this target: ``sys.argv`` and ``__main__`` are then set as for a
            script, for the target's code and for the processes that it starts with multiprocessing.

    Raises:
        TargetError: the module does not exist, or its import fails.
    """
    if target.file is not None:
        _check_file(target, target.file)
        search_first(target.file.parent)
        name = _module_name(target.file)
    else:
        assert target.module is not None  # noqa: S101 (a target is a file or a module)
        search_first(Path.cwd())
        name = target.module
    forget_definitions(name)
    try:
        if target.file is None:
            return _import_module(name, as_script=as_script)
        if as_script:
            become_script(str(target.file))
        return _import_file(target.file, name)
    except BaseException as error:
        if issubclass(type(error), KeyboardInterrupt) and not as_script:
            # In a test process, Ctrl-C must interrupt the test.
            raise
        forget_definitions(name)
        raise explain_import_failure(target, error) from error


def module_of_target(target: Target) -> ModuleType:
    """Returns the module that a target names, and imports it unless the process has already done so.

    Raises:
        TargetError: the module does not exist, or its import fails.
    """
    if target.file is not None and target.file.exists():
        for name in (target.file.stem, module_name_of(target.file)):
            module = sys.modules.get(name)
            origin = getattr(module, "__file__", None)
            if module is not None and origin is not None and Path(origin).resolve() == target.file.resolve():
                return module
    return import_target(target)


def _check_file(target: Target, file: Path) -> None:
    if file.is_dir():
        raise TargetError(f"'{target.text}' is a directory; name a file in it, or the package as a module")
    if not file.exists():
        raise TargetError(f"file {file} (target '{target.text}') does not exist; check the path")
    if importlib.util.spec_from_file_location(file.stem, file) is None:
        raise TargetError(f"'{target.text}' is not a Python file; name a file that ends with .py")


def _module_name(file: Path) -> str:
    """Returns the name under which other modules and other processes can import the file too."""
    name = file.stem
    if "." not in name and name not in sys.modules and name not in sys.stdlib_module_names:
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None and Path(found.origin) == file:
            return name
    return module_name_of(file)


def _import_module(name: str, *, as_script: bool) -> ModuleType:
    if as_script:
        # Like Python itself: "-m" until the module is located (https://docs.python.org/3/library/sys.html#sys.argv).
        become_script("-m")
        package = name.rpartition(".")[0]
        if package:
            importlib.import_module(package)
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None:
            become_script(found.origin)
    return importlib.import_module(name)


def _import_file(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
