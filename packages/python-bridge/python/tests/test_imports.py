"""The imports between modules of the package, and the modules that a process loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import snakepit_bridge

SOURCE = Path(snakepit_bridge.__file__).parent
FILES = [each for each in sorted(SOURCE.rglob("*.py")) if "_proto" not in each.parts]
TREES = {each: ast.parse(each.read_text()) for each in FILES}
# Functions with a lazy import of a part of the package, for a short start-up time. Each has a comment.
LATE = {
    "__init__.py": {"__getattr__"},
    "_tools/tool_signature.py": {"_session_names"},
    "_wire/connect.py": {"connect"},
    "_worker/handshake.py": {"send_hello"},
    "_worker/requests/host_link.py": {"request_async", "stream_async"},
    "_worker/run.py": {"_start_profile", "preload"},
    "_worker/execution/concurrent_call.py": {"_stream_async"},
    "_worker/execution/sequential_calls.py": {"_create_event_loop_calls"},
    "_worker/execution/tool_box.py": {"_report_thread_safety"},
    "_worker/worker.py": {"_send_stacks"},
}
# Generated code, whose exports are not curated.
GENERATED = ("_contract", "_proto")
# Prints whether a worker of the adapter has loaded asyncio before the fork.
PRELOADING = """
import sys
from snakepit_bridge._tools import load_adapter
from snakepit_bridge._worker import preload

preload(load_adapter(sys.argv[1]), sys.argv[2])
print("asyncio" in sys.modules)
"""


def name_of(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


def imports_in(tree: ast.AST) -> Iterator[ast.ImportFrom | ast.Import]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.ImportFrom, ast.Import)):
            yield node


def test_imports_of_the_package_are_relative() -> None:
    absolute = []
    for file in FILES:
        for node in imports_in(TREES[file]):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            modules += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            absolute += [(name_of(file), each) for each in modules if each.split(".")[0] == "snakepit_bridge"]
    assert absolute == []


def test_modules_of_other_packages_are_imported_through_the_package() -> None:
    inside = []
    for file in FILES:
        own, depth = file.relative_to(SOURCE).parts[0], len(file.relative_to(SOURCE).parts)
        for node in imports_in(TREES[file]):
            if isinstance(node, ast.ImportFrom) and node.level == depth and node.module is not None:
                package, *inner = node.module.split(".")
                if inner and package not in (own, *GENERATED):
                    inside.append((name_of(file), node.module))
    assert inside == []


def test_only_listed_functions_import_lazily() -> None:
    late = {}
    for file in FILES:
        functions = [
            each for each in ast.walk(TREES[file]) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))
        ]
        names = {
            function.name
            for function in functions
            if any(isinstance(each, ast.ImportFrom) and each.level for each in imports_in(function))
        }
        if names:
            late[name_of(file)] = names
    assert late == LATE


def test_an_init_file_names_its_exports_or_is_empty() -> None:
    unnamed = []
    for file in FILES:
        statements = [each for each in TREES[file].body if not isinstance(each, ast.Expr)]
        targets = [each for statement in statements if isinstance(statement, ast.Assign) for each in statement.targets]
        names = [each.id for each in targets if isinstance(each, ast.Name)]
        if file.name == "__init__.py" and statements and "__all__" not in names:
            unnamed.append(name_of(file))
    assert unnamed == []


@pytest.mark.parametrize(
    ("program", "unused"),
    [
        ("import snakepit_bridge", ["_session", "_worker", "_wire", "_proto"]),
        ("from snakepit_bridge._launch import main", ["_session", "_local_host", "_worker.execution.event_loop_calls"]),
        ("from snakepit_bridge import SessionContext", ["_worker", "_local_host", "_proto"]),
    ],
)
def test_unneeded_modules_are_not_loaded(program: str, unused: list[str]) -> None:
    loaded = subprocess.run(  # noqa: S603 (the interpreter itself)
        [sys.executable, "-c", f"{program}; import sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    others = ["asyncio", "grpc", "numpy", "pydantic"]
    assert [each for each in [*(f"snakepit_bridge.{each}" for each in unused), *others] if each in loaded] == []


@pytest.mark.parametrize(
    ("keyword", "profile", "is_loaded"),
    [("", "process", "False"), ("async ", "process", "True"), ("async ", "thread", "True"), ("", "async", "True")],
)
def test_asyncio_is_loaded_before_the_fork_if_a_tool_needs_it(
    tmp_path: Path, keyword: str, profile: str, is_loaded: str
) -> None:
    path = tmp_path / "preloaded.py"
    path.write_text(f"from snakepit_bridge import tool\n@tool\n{keyword}def run(): ...\n")
    program = [sys.executable, "-c", PRELOADING, str(path), profile]
    done = subprocess.run(program, check=True, capture_output=True, text=True)  # noqa: S603 (the interpreter itself)
    assert done.stdout.strip() == is_loaded


def test_the_pure_python_protobuf_is_loaded_only_on_use() -> None:
    program = """
import sys
from snakepit_bridge._proto import frames_pb2

before = "google.protobuf.text_format" in sys.modules
from google.protobuf.internal import python_message

print(before, callable(python_message.GeneratedProtocolMessageType), "google.protobuf.text_format" in sys.modules)
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert finished.stdout == "False True True\n"
