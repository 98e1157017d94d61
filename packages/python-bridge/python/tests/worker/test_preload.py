from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from snakepit_bridge._tools import load_adapter
from snakepit_bridge._worker import preload

preload(load_adapter(sys.argv[1]))
print("asyncio" in sys.modules)
"""


@pytest.mark.parametrize(("keyword", "is_loaded"), [("", "False"), ("async ", "True")])
def test_asyncio_is_loaded_before_the_fork_if_a_tool_needs_it(tmp_path: Path, keyword: str, is_loaded: str) -> None:
    path = tmp_path / "preloaded.py"
    path.write_text(f"from snakepit_bridge import tool\n@tool\n{keyword}def run(): ...\n")
    program = [sys.executable, "-c", PROGRAM, str(path)]
    done = subprocess.run(program, check=True, capture_output=True, text=True)  # noqa: S603 (the interpreter itself)
    assert done.stdout.strip() == is_loaded
