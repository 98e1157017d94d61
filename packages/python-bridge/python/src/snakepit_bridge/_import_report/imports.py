"""The libraries that the source code of a module imports, found without the execution of any code."""

from __future__ import annotations

import ast
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_MAX_FILES = 2_000


class TargetNotFoundError(ValueError):
    """The module or file does not exist, or is not Python source code."""


@dataclass
class Imports:
    """What a module and the local modules that it imports import."""

    files: list[Path] = field(default_factory=list)
    modules: dict[str, list[str]] = field(default_factory=dict)
    """The full names of other modules, with the places of their imports as ``file:line``."""
    problems: list[str] = field(default_factory=list)
    """Files that could not be read."""


@dataclass(frozen=True)
class _Source:
    file: Path
    name: tuple[str, ...]
    root: Path
    """The directory from which local modules are imported."""

    @property
    def package(self) -> tuple[str, ...]:
        return self.name if self.file.name == "__init__.py" else self.name[:-1]


def imports_of(target: str, search: Sequence[str]) -> Imports:
    """Returns the imports of a module, and of those that are next to it and that it imports.

    Imports inside of functions are included, those for type checkers only (``if TYPE_CHECKING``) are not.

    Args:
        target: a file (``"./tools.py"``) or a module (``"package.tools"``); a class after a colon is ignored.
        search: the directories in which modules are searched.

    Raises:
        TargetNotFoundError: the target does not exist, or is not Python source code.
    """
    found = Imports()
    waiting = [_source_of(target.partition(":")[0], search)]
    seen = {waiting[0].file}
    while waiting and len(found.files) < _MAX_FILES:
        source = waiting.pop()
        try:
            tree = ast.parse(source.file.read_bytes(), filename=str(source.file))
        except (OSError, SyntaxError, ValueError) as error:
            if not found.files:
                raise TargetNotFoundError(f"{source.file} cannot be read as Python source code: {error}") from error
            found.problems.append(f"{source.file} cannot be read: {error}")
            continue
        found.files.append(source.file)
        for module, names, line, is_relative in _imports_in(tree, source.package):
            candidates = (_local(name, source.root) for name in (module, *names) if name)
            local = [each for each in candidates if each is not None]
            if local or is_relative:
                waiting += [each for each in local if each.file not in seen]
                seen.update(each.file for each in local)
                continue
            # `from google.cloud import storage` may import a module or a name.
            for name in names or (module,):
                found.modules.setdefault(name, []).append(f"{source.file}:{line}")
    return found


def _source_of(target: str, search: Sequence[str]) -> _Source:
    file = Path(target)
    if target.endswith(".py") or "/" in target:
        if not file.is_file():
            raise TargetNotFoundError(
                f"the file {file.absolute()} does not exist; pass the path of a file, or a module"
            )
        return _Source(file.resolve(), (file.stem,), file.resolve().parent)
    parts = tuple(target.split("."))
    if not all(each.isidentifier() for each in parts):
        raise TargetNotFoundError(f"target must be a file or a module; got {target!r}")
    directories: Sequence[str] | None = search
    for index, part in enumerate(parts):
        # Unlike importlib.util.find_spec, this does not import the packages that contain the module.
        spec = importlib.machinery.PathFinder.find_spec(".".join(parts[: index + 1]), directories)
        if spec is None:
            break
        if index == len(parts) - 1 and spec.origin is not None and spec.origin.endswith(".py"):
            source = Path(spec.origin).resolve()
            depth = len(parts) + (1 if source.name == "__init__.py" else 0)
            return _Source(source, parts, source.parents[depth - 1])
        directories = list(spec.submodule_search_locations or [])
        if part != parts[-1] and not directories:
            break
    places = ", ".join(each or "." for each in search[:3])
    raise TargetNotFoundError(
        f"no source code of the module {target!r} was found in {places}, …; pass the path of its file"
    )


def _local(name: str, root: Path) -> _Source | None:
    parts = tuple(name.split("."))
    for candidate in (root.joinpath(*parts[:-1], f"{parts[-1]}.py"), root.joinpath(*parts, "__init__.py")):
        if candidate.is_file():
            return _Source(candidate.resolve(), parts, root)
    return None


def _imports_in(tree: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], int, bool]]:
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield each.name, (), node.lineno, False
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                module = ".".join((*above, *([module] if module else [])))
            names = (".".join(filter(None, (module, each.name))) for each in node.names if each.name != "*")
            yield module, tuple(names), node.lineno, node.level > 0


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    children: Sequence[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.If) and _is_for_type_checkers(node.test):
        children = node.orelse
    for child in children:
        yield from _executed(child)


def _is_for_type_checkers(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def is_standard(module: str) -> bool:
    """Whether a module belongs to the standard library."""
    return module.partition(".")[0] in sys.stdlib_module_names
