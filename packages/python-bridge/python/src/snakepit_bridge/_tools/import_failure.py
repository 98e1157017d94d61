"""Explains why a module could not be imported."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .. import _target_files
from .._errors import attribute_of, headline_of, innermost_frame, message_of
from .._libraries import install_command
from .script_process import hidden_standard_modules
from .target import Target, TargetError

_relative = re.compile(r"from (\.+)(\S*) *import (.+)")


def explain_import_failure(target: Target, error: BaseException) -> TargetError:
    """The error that names what went wrong while the module of a target was imported, where, and the remedy."""
    missing = _missing_module(error)
    if missing is not None and _is_target_itself(target, missing, error):
        return TargetError(
            f"there is no module '{missing}' (target '{target.text}'); it is looked for in {_search_path()}. "
            "Name the file instead ('./tools.py'), install the package, or add its directory to the module search path"
        )
    return TargetError(_explanation(target, error, missing), exception=error)


def _explanation(target: Target, error: BaseException, missing: str | None) -> str:
    kind, where = type(error), _where(error)
    if issubclass(kind, SyntaxError):
        return _syntax_error(target, error)
    if issubclass(kind, SystemExit):
        return (
            f"'{target.text}' ends the process when it is imported{where}; "
            'what only a script should do belongs under: if __name__ == "__main__"'
        )
    hiding = _hiding_file(target, error)
    if hiding is not None:
        return (
            f"'{target.text}' raises an exception when it is imported{where}: {headline_of(error)}; the file {hiding} "
            f"has the name of the standard module '{Path(hiding).stem}', rename it"
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
    return (
        f"'{target.text}' needs the module '{missing}'{where}, which {sys.executable} does not have; "
        f"install it there ({install_command(package)}), or, if it is your own, "
        "add its directory to the module search path"
    )


def _missing_module(error: BaseException) -> str | None:
    name = attribute_of(error, "name") if issubclass(type(error), ModuleNotFoundError) else None
    return name if isinstance(name, str) and name else None


def _is_target_itself(target: Target, missing: str, error: BaseException) -> bool:
    """Whether it is the target, or a package around it, that does not exist, and not something that it imports."""
    named = target.module is not None and f"{target.module}.".startswith(f"{missing}.")
    return named and innermost_frame(error) is None


def _syntax_error(target: Target, error: BaseException) -> str:
    # What the user raises may hold anything.
    facts = {name: attribute_of(error, name) for name in ("filename", "lineno", "msg", "text")}
    place = facts["filename"] if isinstance(facts["filename"], str) else target.text
    line = f", line {facts['lineno']}" if isinstance(facts["lineno"], int) else ""
    message = facts["msg"] if isinstance(facts["msg"], str) else message_of(error)
    text = f": {facts['text'].strip()}" if isinstance(facts["text"], str) and facts["text"] else ""
    return f"syntax error in {place}{line}: {message}{text}"


def _is_relative_import(error: BaseException) -> bool:
    """Whether a module that belongs to no package has imported something as its neighbor in one."""
    # A file whose module lies in that package.
    named = attribute_of(error, "name")
    package = _target_files.__name__
    if isinstance(named, str) and f"{named}.".startswith(f"{package}."):
        return True
    if isinstance(named, str) and named.startswith(f"{package.partition('.')[0]}."):
        # Two dots lead to the package above it.
        frame = innermost_frame(error)
        return frame is not None and _relative.match(frame.line or "") is not None
    return message_of(error).startswith("attempted relative import")


def _relative_import(target: Target, error: BaseException, where: str) -> str:
    if target.file is None:
        return f"'{target.text}' has a relative import{where} that leaves its package; import by the full name"
    problem = f"'{target.text}' has a relative import{where}, but a file that is named as a file belongs to no package"
    remedies = []
    frame = innermost_frame(error)
    statement = _relative.match(frame.line or "") if frame is not None else None
    dots, module, names = ("", "", "") if statement is None else statement.groups()
    # An import of several lines is cut off at its first.
    names = "…" if names.startswith("(") and ")" not in names else names
    absolute = f"write '{f'from {module} import {names}' if module else f'import {names}'}'"
    if len(dots) == 1:
        remedies.append(absolute)
    # Its name as a module, from the directory above the outermost package.
    root, parts = target.file.parent, [target.file.stem]
    while (root / "__init__.py").exists() and root != root.parent:
        parts.insert(0, root.name)
        root = root.parent
    if len(dots) == len(parts) > 1:
        # Beyond the outermost package.
        remedies.append(f'{absolute} and add its directory: python("{target.text}", {{ path: ["{root}"] }})')
    elif len(parts) > max(len(dots), 1) and all(part.isidentifier() for part in parts):
        name = ".".join(parts) if target.class_name is None else f"{'.'.join(parts)}:{target.class_name}"
        remedies.append(f'name the module instead: python("{name}", {{ path: ["{root}"] }})')
    return f"{problem}; {', or '.join(remedies) or 'import by the full name'}"


def _hiding_file(target: Target, error: BaseException) -> str | None:
    """The file of the user's that has the name of a standard module, where that is the likely reason."""
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
