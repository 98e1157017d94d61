"""Error messages for modules that cannot be imported."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .. import _target_files
from .._errors import attribute_of, headline_of, innermost_frame, message_of
from .._libraries import install_command
from .nearest_name import nearest_name
from .script_process import hidden_standard_modules
from .target import Target, TargetError

_OWN_PACKAGE = "snakepit_bridge"
_PATH_OPTION = "the option path of python(), or PYTHONPATH"

_relative = re.compile(r"from (\.+)(\S*) *import (.+)")


def explain_import_failure(target: Target, error: BaseException) -> TargetError:
    """Returns an error that names the cause, the location and the remedy of a failed import of a target's module."""
    missing = _missing_module(error)
    if missing is not None and _is_target_itself(target, missing, error):
        return TargetError(
            f"module '{missing}' (target '{target.text}') was not found in {_search_path()}; "
            "name a file instead (for example './tools.py'), install the package, or add its directory to the module "
            f"search path ({_PATH_OPTION})"
        )
    return TargetError(_explanation(target, error, missing), exception=error)


def _explanation(target: Target, error: BaseException, missing: str | None) -> str:
    kind, where = type(error), _where(error)
    if issubclass(kind, SyntaxError):
        return _syntax_error(target, error)
    if issubclass(kind, SystemExit):
        return (
            f"'{target.text}' ends the process when it is imported{where}; "
            'move code that only a script should run under: if __name__ == "__main__"'
        )
    hiding = _hiding_file(target, error)
    if hiding is not None:
        return (
            f"'{target.text}' raises an exception when it is imported{where}: {headline_of(error)}: the file {hiding} "
            f"shadows the standard module '{Path(hiding).stem}'; rename it"
        )
    if issubclass(kind, ImportError):
        return _import_error(target, error, missing)
    return f"'{target.text}' raises an exception when it is imported{where}: {headline_of(error)}"


def _import_error(target: Target, error: BaseException, missing: str | None) -> str:
    where = _where(error)
    if _is_relative_import(error):
        return _relative_import(target, error, where)
    if missing is None:
        return f"'{target.text}' has an import that fails{where}: {message_of(error)}"
    package = missing.partition(".")[0]
    if package != _OWN_PACKAGE and nearest_name(package, [_OWN_PACKAGE]) is not None:
        return f"'{target.text}' requires the module '{missing}'{where}; did you mean '{_OWN_PACKAGE}'?"
    if package != missing and package in sys.modules:
        # The import of a submodule has imported the package.
        location = getattr(sys.modules[package], "__file__", None)
        place = f" ({location})" if isinstance(location, str) else ""
        return (
            f"'{target.text}' requires the module '{missing}'{where}, which the package '{package}'{place} does not "
            "contain; correct the name, or install a version of the package that contains the module"
        )
    return (
        f"'{target.text}' requires the module '{missing}'{where}, which is not installed in {sys.executable}; "
        f"install it ({install_command(package)}), or, if it is a module of your project, "
        f"add its directory to the module search path ({_PATH_OPTION})"
    )


def _missing_module(error: BaseException) -> str | None:
    name = attribute_of(error, "name") if issubclass(type(error), ModuleNotFoundError) else None
    return name if isinstance(name, str) and name else None


def _is_target_itself(target: Target, missing: str, error: BaseException) -> bool:
    """Whether the missing module is the target or a package around it, and not a module that the target imports."""
    named = target.module is not None and f"{target.module}.".startswith(f"{missing}.")
    return named and innermost_frame(error) is None


def _syntax_error(target: Target, error: BaseException) -> str:
    # The attributes of an exception that user code raises may have any value.
    facts = {name: attribute_of(error, name) for name in ("filename", "lineno", "msg", "text")}
    place = facts["filename"] if isinstance(facts["filename"], str) else target.text
    line = f", line {facts['lineno']}" if isinstance(facts["lineno"], int) else ""
    message = facts["msg"] if isinstance(facts["msg"], str) else message_of(error)
    text = f": {facts['text'].strip()}" if isinstance(facts["text"], str) and facts["text"] else ""
    return f"syntax error in {place}{line}: {message}{text}"


def _is_relative_import(error: BaseException) -> bool:
    """Whether a module outside any package has a relative import."""
    # The module of a file is a submodule of that package.
    named = attribute_of(error, "name")
    package = _target_files.__name__
    if isinstance(named, str) and f"{named}.".startswith(f"{package}."):
        return True
    if isinstance(named, str) and named.startswith(f"{package.partition('.')[0]}."):
        # Two dots refer to the package above it.
        frame = innermost_frame(error)
        return frame is not None and _relative.match(frame.line or "") is not None
    return message_of(error).startswith("attempted relative import")


def _relative_import(target: Target, error: BaseException, where: str) -> str:
    if target.file is None:
        return f"'{target.text}' has a relative import{where} that leaves its package; import by the full name"
    problem = f"'{target.text}' has a relative import{where}, but a target that is a file is not part of a package"
    remedies = []
    frame = innermost_frame(error)
    statement = _relative.match(frame.line or "") if frame is not None else None
    dots, module, names = ("", "", "") if statement is None else statement.groups()
    # Only the first line of an import is known.
    names = "…" if names.startswith("(") and ")" not in names else names
    absolute = f"write '{f'from {module} import {names}' if module else f'import {names}'}'"
    if len(dots) == 1:
        remedies.append(absolute)
    # The dotted name of the module, relative to the directory that contains the outermost package.
    root, parts = target.file.parent, [target.file.stem]
    while (root / "__init__.py").exists() and root != root.parent:
        parts.insert(0, root.name)
        root = root.parent
    if len(dots) == len(parts) > 1:
        # The import leaves the outermost package.
        remedies.append(f'{absolute} and add its directory: python("{target.text}", {{ path: ["{root}"] }})')
    elif len(parts) > max(len(dots), 1) and all(part.isidentifier() for part in parts):
        name = ".".join(parts) if target.class_name is None else f"{'.'.join(parts)}:{target.class_name}"
        remedies.append(f'name the module instead: python("{name}", {{ path: ["{root}"] }})')
    return f"{problem}; {', or '.join(remedies) or 'import by the full name'}"


def _hiding_file(target: Target, error: BaseException) -> str | None:
    """Returns the user file that shadows a standard module, if that is the likely cause."""
    if not issubclass(type(error), (ImportError, AttributeError)):
        return None
    text = message_of(error)
    directory = target.file.parent if target.file is not None else Path.cwd()
    for name in hidden_standard_modules(directory):
        if f"'{Path(name).stem}'" in text or f"'{Path(name).stem}." in text:
            return str(directory / name)
    return None


def _where(error: BaseException) -> str:
    frame = innermost_frame(error)
    return "" if frame is None else f" ({frame.filename}, line {frame.lineno})"


def _search_path() -> str:
    return ", ".join(str(Path(each)) for each in sys.path if not each.endswith(".zip"))
