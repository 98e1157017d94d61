from __future__ import annotations

from pathlib import Path

import pytest

from snakepit_bridge import setup, teardown
from snakepit_bridge.testing import ToolClient


def write(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / f"{name}.py"
    path.write_text(f"from snakepit_bridge import Adapter, setup, teardown, tool\ndone = []\n{text}")
    return str(path)


def test_the_hooks_of_a_module_run_in_order_and_are_undone_in_reverse(tmp_path: Path) -> None:
    target = write(
        tmp_path,
        "ordered",
        """
@setup
def first() -> None: done.append("first")

@setup
async def second() -> None: done.append("second")

@teardown
def undo_first() -> None: done.append("undo first")

@teardown
async def undo_second() -> None: done.append("undo second")

@tool
def look() -> list[str]: return done
""",
    )
    with ToolClient(target) as tools:
        assert tools.execute("look") == ["first", "second"]
        module = tools._instance.tools["look"].function.__globals__
    assert module["done"] == ["first", "second", "undo second", "undo first"]


def test_lazy_objects_of_a_module_are_not_evaluated_when_it_is_loaded(tmp_path: Path) -> None:
    target = write(
        tmp_path,
        "lazy",
        """
class Lazy:
    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(f"evaluated: {name}")

    @property
    def __class__(self) -> type:
        raise RuntimeError("evaluated")

    def __call__(self) -> None: ...

settings = Lazy()

@tool
def add(a: int, b: int) -> int: return a + b
""",
    )
    with ToolClient(target) as tools:
        assert tools.execute("add", a=1, b=2) == 3


def test_a_teardown_that_raises_does_not_keep_the_others_from_running(tmp_path: Path) -> None:
    target = write(
        tmp_path,
        "raising",
        """
@teardown
def last() -> None: done.append("last")

@teardown
def raises() -> None: raise OSError("cannot disconnect")

@tool
def look() -> list[str]: return done
""",
    )
    with pytest.raises(OSError, match="cannot disconnect"), ToolClient(target) as tools:
        module = tools._instance.tools["look"].function.__globals__
    assert module["done"] == ["last"]


def test_the_hooks_of_a_module_run_around_those_of_its_adapter_class(tmp_path: Path) -> None:
    target = write(
        tmp_path,
        "both",
        """
@setup
def connect() -> None: done.append("connect")

@teardown
def disconnect() -> None: done.append("disconnect")

class Model(Adapter):
    def setup(self): done.append("setup")
    def teardown(self): done.append("teardown")

    @tool
    def look(self) -> list[str]: return done
""",
    )
    with ToolClient(f"{target}:Model") as tools:
        assert tools.execute("look") == ["connect", "setup"]
        module = tools._instance.tools["look"].function.__func__.__globals__
    assert module["done"] == ["connect", "setup", "teardown", "disconnect"]


def test_a_hook_that_is_imported_runs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "shared_connection", "\n@setup\ndef connect() -> None: done.append('connect')\n")
    target = write(
        tmp_path,
        "user_of_it",
        """
import shared_connection
from shared_connection import connect

@tool
def look() -> list[str]: return shared_connection.done
""",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with ToolClient(target) as tools:
        assert tools.execute("look") == ["connect"]


@pytest.mark.parametrize("decorator", [setup, teardown])
def test_invalid_hooks_are_rejected(decorator: object) -> None:
    assert callable(decorator)
    with pytest.raises(TypeError, match="must decorate a function without parameters; got 5"):
        decorator(5)

    class Model:
        def connect(self) -> None: ...

    with pytest.raises(TypeError, match="in an adapter class, override"):
        decorator(Model.connect)
