"""Measures Python source files: the work of the demo."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path
from typing import Any

from snakepit_bridge import tool

# Nodes that add a path through a function (McCabe, "A Complexity Measure", IEEE TSE 1976).
BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.comprehension,
    ast.match_case,
)

# Folders inside the standard library's folder that do not belong to it.
INSTALLED = {"site-packages", "dist-packages"}


@tool
def source_files() -> list[str]:
    """Returns the paths of all Python source files in the standard library of this interpreter."""
    root = Path(sysconfig.get_paths()["stdlib"])
    return sorted(str(path) for path in root.rglob("*.py") if not INSTALLED.intersection(path.parts))


@tool
def measure(path: str) -> dict[str, Any]:
    """Parses one file and measures its functions and imports. For invalid Python, ``error`` has the reason."""
    source = Path(path).read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as problem:
        return {"path": path, "lines": 0, "functions": [], "imports": [], "error": str(problem)}
    functions = [
        {
            "name": node.name,
            "line": node.lineno,
            "length": (node.end_lineno or node.lineno) - node.lineno + 1,
            "complexity": complexity(node),
        }
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {"path": path, "lines": source.count(b"\n"), "functions": functions, "imports": imports(tree), "error": None}


def complexity(function: ast.AST) -> int:
    """Returns the cyclomatic complexity: one plus the number of branches."""
    total = 1
    for node in ast.walk(function):
        if isinstance(node, BRANCHES):
            total += 1
        elif isinstance(node, ast.BoolOp):
            total += len(node.values) - 1
    return total


def imports(tree: ast.AST) -> list[str]:
    """Returns the top-level names of the modules that a file imports."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.append(node.module.partition(".")[0])
    return names
