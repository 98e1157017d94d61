"""Says why a module could not be imported."""

from __future__ import annotations

import sys
from pathlib import Path

from .exception_report import innermost_frame
from .target import Target
from .target_error import TargetError


def explain_import_failure(target: Target, error: BaseException) -> TargetError:
    """The error that names what went wrong while the module of a target was imported, where, and the remedy."""
    if isinstance(error, ModuleNotFoundError) and _is_target_itself(target, error):
        return TargetError(
            f"there is no module '{error.name}' (target '{target.text}'); it is looked for in {_search_path()}. "
            "Name the file instead ('./tools.py'), install the package, or add its directory to the module search path"
        )
    where = _where(error)
    if isinstance(error, SyntaxError):
        at = f"{error.filename or target.text}, line {error.lineno}"
        line = f": {error.text.strip()}" if error.text else ""
        return TargetError(f"syntax error in {at}: {error.msg}{line}", exception=error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return TargetError(
            f"'{target.text}' needs the module '{error.name}'{where}, which {sys.executable} does not have; "
            f"install it there ({sys.executable} -m pip install {package}), or, if it is your own, "
            "add its directory to the module search path",
            exception=error,
        )
    if isinstance(error, ImportError):
        return TargetError(f"'{target.text}' has an import that fails{where}: {error}", exception=error)
    if isinstance(error, SystemExit):
        return TargetError(
            f"'{target.text}' ends the process when it is imported{where}; "
            'what only a script should do belongs under: if __name__ == "__main__"',
            exception=error,
        )
    return TargetError(
        f"'{target.text}' raises an exception when it is imported{where}: {type(error).__name__}: {error}",
        exception=error,
    )


def _is_target_itself(target: Target, error: ModuleNotFoundError) -> bool:
    """Whether it is the target, or a package around it, that does not exist, and not something that it imports."""
    named = target.module is not None and error.name is not None and f"{target.module}.".startswith(f"{error.name}.")
    return named and innermost_frame(error) is None


def _where(error: BaseException) -> str:
    frame = innermost_frame(error)
    return "" if frame is None else f" ({frame.filename}, line {frame.lineno})"


def _search_path() -> str:
    return ", ".join(str(Path(each)) for each in sys.path if not each.endswith(".zip"))
