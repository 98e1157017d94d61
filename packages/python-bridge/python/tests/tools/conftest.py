from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType

import pytest

Writer = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Writes Python files, named by module or path, and returns the path of the last one."""

    def write(by_path: Mapping[str, str] = MappingProxyType({}), **by_name: str) -> Path:
        path = tmp_path
        for name, text in {**by_path, **{f"{name}.py": text for name, text in by_name.items()}}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(dedent(text))
        return path

    return write


@pytest.fixture(autouse=True)
def own_modules() -> Iterator[None]:
    """Restores the interpreter's modules and search path."""
    modules = set(sys.modules)
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        # Others (numpy, for one) cannot be loaded twice.
        if getattr(sys.modules[name], "__file__", None) and "pytest-of-" in str(sys.modules[name].__file__):
            del sys.modules[name]
