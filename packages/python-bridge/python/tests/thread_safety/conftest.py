from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from snakepit_bridge._thread_safety import known_libraries, use_for_reports
from snakepit_bridge._tools import LoadedAdapter, load_adapter


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[[str], LoadedAdapter]]:
    """Loads a module with the given text as a target."""
    before = set(sys.modules)

    def load(text: str) -> LoadedAdapter:
        path = tmp_path / "safety_tools.py"
        path.write_text(f"from snakepit_bridge import *\n{dedent(text)}")
        return load_adapter(str(path))

    yield load
    for name in set(sys.modules) - before:
        if "safety_tools" in name:
            del sys.modules[name]


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Removes the libraries of the table from the imported modules, and adds some."""
    for library in known_libraries():
        for module in library.modules:
            monkeypatch.delitem(sys.modules, module, raising=False)
    return lambda module: monkeypatch.setitem(sys.modules, module, types.ModuleType(module))


@pytest.fixture(autouse=True)
def no_checker() -> Iterator[None]:
    """Removes the checker of the process."""
    yield
    use_for_reports(None)
