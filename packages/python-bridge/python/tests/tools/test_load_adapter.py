from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from snakepit_bridge._tools import LoadedAdapter, TargetError, load_adapter

from .conftest import Writer

TOOL = """
from snakepit_bridge import tool

@tool
def add(a, b):
    return a + b
"""


def names(adapter: LoadedAdapter) -> list[str]:
    return [each.name for each in adapter.tools]


def failure(target: str | Path) -> TargetError:
    with pytest.raises(TargetError) as caught:
        load_adapter(str(target))
    return caught.value


def test_a_file_is_loaded(write: Writer) -> None:
    adapter = load_adapter(str(write(my_tools=TOOL)))
    assert names(adapter) == ["add"]
    assert adapter.fork_safe
    assert adapter.instantiate().tools["add"].function(1, 2) == 3


def test_a_file_is_loaded_by_relative_path(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(relative_tools=TOOL).parent)
    assert names(load_adapter("./relative_tools.py")) == ["add"]


def test_a_file_may_import_its_neighbors(write: Writer) -> None:
    path = write(
        neighbour="VALUE = 3",
        with_neighbour="""
        from snakepit_bridge import tool
        from neighbour import VALUE

        @tool
        def value():
            return VALUE
        """,
    )
    assert load_adapter(str(path)).instantiate().tools["value"].function() == 3


def test_a_file_and_its_importers_share_one_module(write: Writer) -> None:
    path = write(
        shared="""
        from snakepit_bridge import tool

        @tool
        def state():
            import shared
            return shared is __import__("sys").modules[__name__]
        """
    )
    assert load_adapter(str(path)).instantiate().tools["state"].function()


def test_a_file_may_have_the_name_of_another_module(write: Writer) -> None:
    json = sys.modules.get("json")
    assert names(load_adapter(str(write(json=TOOL)))) == ["add"]
    assert sys.modules.get("json") is json


def test_a_file_name_need_not_be_an_identifier(tmp_path: Path) -> None:
    path = tmp_path / "my-tools 2.py"
    path.write_text(TOOL)
    assert names(load_adapter(str(path))) == ["add"]


def test_a_module_in_the_working_directory_is_loaded(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write({"a_package/__init__.py": "", "a_package/tools.py": TOOL})
    monkeypatch.chdir(path.parent.parent)
    assert names(load_adapter("a_package.tools")) == ["add"]


def test_an_adapter_class_is_loaded_with_its_tools(write: Writer) -> None:
    path = write(
        with_class="""
        from snakepit_bridge import Adapter, tool

        class Base(Adapter):
            @tool
            def first(self): return "base"

            @tool
            def overridden(self): return "base"

        class Counter(Base):
            fork_safe = False

            def __init__(self):
                self.count = 0

            @tool
            def increment(self, by: int = 1):
                self.count += by
                return self.count

            @tool(name="plain-static")
            @staticmethod
            def static(a): return a

            @staticmethod
            @tool
            def static_too(a): return a

            @classmethod
            @tool
            def of_class(cls): return cls.__name__

            def overridden(self): return "no longer a tool"

            @property
            def untouched(self): raise RuntimeError

        @tool
        def not_of_the_class(): ...
        """
    )
    adapter = load_adapter(f"{path}:Counter")
    assert names(adapter) == ["first", "increment", "plain-static", "static_too", "of_class"]
    assert not adapter.fork_safe
    one, other = adapter.instantiate().tools, adapter.instantiate().tools
    positional, keywords = one["increment"].bind({"by": 2})
    assert one["increment"].function(*positional, **keywords) == 2
    assert one["increment"].function() == 3
    assert other["increment"].function() == 1
    assert one["of_class"].function() == "Counter"
    assert one["plain-static"].function(*one["plain-static"].bind({"a": 1})[0]) == 1
    assert [each.name for tool in adapter.tools for each in tool.parameters] == ["by", "a", "a"]


def test_imported_tools_are_exposed_when_they_are_exported(write: Writer) -> None:
    path = write(
        other="""
        from snakepit_bridge import tool

        @tool
        def exported(): ...

        @tool
        def used(): ...
        """,
        exporting="""
        from snakepit_bridge import tool
        from other import exported, used

        __all__ = ["exported"]

        @tool
        def own(): ...
        """,
    )
    assert names(load_adapter(str(path))) == ["exported", "own"]


def test_a_package_exposes_the_tools_of_its_submodules(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(
        {"gathering/part.py": TOOL, "gathering/__init__.py": "from gathering.part import add as anything, add"}
    )
    monkeypatch.chdir(path.parent.parent)
    assert names(load_adapter("gathering")) == ["add"]


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    error = failure(tmp_path / "missing.py")
    assert str(error) == f"file {tmp_path}/missing.py (target '{tmp_path}/missing.py') does not exist; check the path"
    assert error.permanent
    assert error.report is None


def test_a_directory_is_rejected(tmp_path: Path) -> None:
    assert "is a directory; name a file in it" in str(failure(f"{tmp_path}/"))


def test_a_file_that_is_not_python_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hi")
    error = failure(f"{file}")
    assert str(error) == f"'{file}' is not a Python file; name a file that ends with .py"
    assert error.report is None


@pytest.mark.parametrize("target", ["not a module", "", "a..b", "1abc"])
def test_a_target_that_is_neither_a_file_nor_a_module_is_rejected(target: str) -> None:
    assert "neither a Python file nor a module" in str(failure(target))


@pytest.mark.parametrize("target", ["tools.py:", "tools.py:not a class"])
def test_a_missing_class_name_after_the_colon_is_rejected(target: str) -> None:
    assert "must have the name of a class after the colon" in str(failure(target))


@pytest.mark.parametrize(
    ("target", "missing"), [("no_such_module_here", "no_such_module_here"), ("json.nothing", "json.nothing")]
)
def test_a_missing_module_is_reported_with_the_search_path(target: str, missing: str) -> None:
    error = failure(target)
    assert str(error).startswith(f"module '{missing}' (target '{target}') was not found in ")
    assert str(error).endswith(
        "or add its directory to the module search path (the option path of python(), or PYTHONPATH)"
    )
    assert error.report is None


def test_a_missing_dependency_is_reported_with_the_install_command(write: Writer) -> None:
    path = write(needs_more="import json\n\nimport no_such_library.part\n")
    error = failure(path)
    assert str(error).startswith(
        f"'{path}' requires the module 'no_such_library' ({path}, line 3), which is not installed in {sys.executable}"
    )
    assert "-m pip install no_such_library" in str(error)
    assert str(error).endswith("the module search path (the option path of python(), or PYTHONPATH)")
    assert error.report is not None
    assert error.report.type == "ModuleNotFoundError"


@pytest.mark.parametrize("missing", ["json.nothing", "snakepit_bridge.values", "os.nothing", "xml.etree.nothing"])
def test_a_missing_submodule_of_an_installed_package_is_not_advised_to_be_installed(
    write: Writer, missing: str
) -> None:
    """E8: ``pip install json`` and ``pip install snakepit_bridge`` find nothing, or something else."""
    path = write(needs_part=f"import {missing}\n")
    package = missing.partition(".")[0]
    error = str(failure(path))
    assert error.startswith(
        f"'{path}' requires the module '{missing}' ({path}, line 1), which the package '{package}' "
        f"({sys.modules[package].__file__}) does not contain; "
    )
    assert "install it" not in error


def test_a_misspelled_import_of_the_bridge_is_not_advised_to_be_installed(write: Writer) -> None:
    path = write(misspelled="from snakepit_brigde import tool\n")
    assert str(failure(path)) == (
        f"'{path}' requires the module 'snakepit_brigde' ({path}, line 1); did you mean 'snakepit_bridge'?"
    )


def test_a_missing_submodule_of_the_target_is_reported(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write({"incomplete/__init__.py": "import incomplete.missing"})
    monkeypatch.chdir(path.parent.parent)
    assert "'incomplete' requires the module 'incomplete.missing'" in str(failure("incomplete"))


def test_a_syntax_error_is_reported_with_its_line(write: Writer) -> None:
    path = write(broken="x = 1\ndef broken(:\n    pass\n")
    error = failure(path)
    assert str(error).startswith(f"syntax error in {path}, line 2: ")
    assert str(error).endswith(": def broken(:")


def test_a_syntax_error_in_an_imported_module_is_reported_with_its_file(write: Writer) -> None:
    path = write(broken_neighbour="def broken(:", fine="import broken_neighbour")
    assert f"syntax error in {path.parent}/broken_neighbour.py, line 1" in str(failure(path))


def test_a_failed_import_is_reported_with_its_line(write: Writer) -> None:
    path = write(importing="from json import no_such_name")
    assert re.match(
        f"'{path}' has an import that fails \\({path}, line 1\\): cannot import name 'no_such_name' from 'json'",
        str(failure(path)),
    )


def test_an_exception_during_import_is_reported_with_its_traceback(write: Writer) -> None:
    path = write(raising="def prepare():\n    raise ValueError('bad')\n\nprepare()\n")
    error = failure(path)
    assert str(error) == f"'{path}' raises an exception when it is imported ({path}, line 2): ValueError: bad"
    assert error.report is not None
    assert error.report.message == "bad"
    assert f'File "{path}", line 4, in <module>' in error.report.traceback
    assert "snakepit_bridge" not in error.report.traceback
    assert "importlib" not in error.report.traceback


def test_a_script_that_exits_is_reported(write: Writer) -> None:
    path = write(script="import sys\nsys.exit(3)\n")
    assert 'under: if __name__ == "__main__"' in str(failure(path))


def test_a_failed_import_leaves_no_module_behind(write: Writer) -> None:
    path = write(second_try=f"{TOOL}\nraise RuntimeError\n")
    failure(path)
    assert "second_try" not in sys.modules
    path.write_text(TOOL)
    assert names(load_adapter(str(path))) == ["add"]


def test_a_module_without_tools_is_rejected(write: Writer) -> None:
    path = write(without="def add(a, b): ...")
    assert str(failure(path)) == (
        f"'{path}' has no tools; mark its functions with @tool (from snakepit_bridge import tool)"
    )


def test_a_module_with_only_an_adapter_is_rejected(write: Writer) -> None:
    path = write(only_class="from snakepit_bridge import Adapter\nclass Model(Adapter): ...")
    assert str(failure(path)).endswith(f"to use one of those, write '{path}:Model'")


def test_an_adapter_without_tools_is_rejected(write: Writer) -> None:
    path = write(idle="from snakepit_bridge import Adapter\nclass Model(Adapter): ...")
    assert "the adapter Model of" in str(failure(f"{path}:Model"))


def test_two_tools_with_the_same_name_are_rejected(write: Writer) -> None:
    path = write(
        twice="""
        from snakepit_bridge import tool

        @tool
        def add(a, b): ...

        @tool(name="add")
        def plus(a, b): ...
        """
    )
    assert str(failure(path)) == (
        f"'{path}' defines the tool 'add' 2 times, in lines 4 and 7 of twice; rename or remove all but one"
    )


def test_a_tool_replaced_by_a_later_definition_is_rejected(write: Writer) -> None:
    path = write(
        shadowed="""
        from snakepit_bridge import tool

        @tool
        def add(a, b): ...

        @tool
        def add(a, b, c): ...
        """
    )
    assert "defines the tool 'add' 2 times, in lines 4 and 7" in str(failure(path))


def test_two_tools_with_the_same_name_from_different_modules_are_rejected(write: Writer) -> None:
    path = write(
        first=TOOL,
        both="""
        from first import add as imported
        from snakepit_bridge import tool

        __all__ = ["imported", "add"]

        @tool
        def add(a, b, c): ...
        """,
    )
    assert "has two tools named 'add': first.add in line 4 and both.add in line 7" in str(failure(path))


def test_two_methods_with_the_same_tool_name_are_rejected(write: Writer) -> None:
    path = write(
        methods="""
        from snakepit_bridge import Adapter, tool

        class Model(Adapter):
            @tool
            def run(self): ...

            @tool(name="run")
            def start(self): ...
        """
    )
    assert "defines the tool 'run' 2 times" in str(failure(f"{path}:Model"))


def test_an_invalid_tool_name_is_reported(write: Writer) -> None:
    path = write(badly_named="from snakepit_bridge import tool\n@tool(name='a b')\ndef f(): ...\n")
    assert "ValueError: the name of a tool must consist of " in str(failure(path))


def test_a_missing_class_is_reported(write: Writer) -> None:
    path = write(
        other_class="from snakepit_bridge import Adapter, ThreadSafeAdapter\nclass Model(ThreadSafeAdapter): ..."
    )
    assert str(failure(f"{path}:Modle")) == (
        f"other_class.py has no class 'Modle' (target '{path}:Modle'); it has Model"
    )


def test_a_class_that_is_not_an_adapter_is_rejected(write: Writer) -> None:
    path = write(no_adapter="class Model: ...")
    assert str(failure(f"{path}:Model")) == (
        f"'Model' of no_adapter.py is not an adapter class (target '{path}:Model'); "
        "derive it from snakepit_bridge.Adapter"
    )
    assert str(failure(f"{path}:Other")).endswith("it has no adapter classes; remove ':Other' to use its functions")


def test_a_function_in_place_of_an_adapter_class_is_rejected(write: Writer) -> None:
    path = write(no_class="def predict(): ...")
    assert str(failure(f"{path}:predict")) == (
        f"'predict' of no_class.py is not an adapter class (target '{path}:predict'); "
        "remove ':predict' from the target to use the functions of the module"
    )


def test_an_exception_of_the_constructor_is_reported(write: Writer) -> None:
    path = write(
        constructing="""
        from snakepit_bridge import Adapter, tool

        class Model(Adapter):
            def __init__(self):
                raise OSError("no model there")

            @tool
            def run(self): ...
        """
    )
    adapter = load_adapter(f"{path}:Model")
    with pytest.raises(TargetError) as caught:
        adapter.instantiate()
    assert str(caught.value) == "the constructor of the adapter Model raised OSError: no model there"
    assert not caught.value.permanent
    assert caught.value.report is not None
    assert "snakepit_bridge" not in caught.value.report.traceback


@pytest.mark.parametrize("name", ["my-tools", "2tools", "tools v2", "class", "my.tools", "100%", "types", "__main__"])
def test_other_processes_can_import_the_module_of_any_file_h1(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.py"
    path.write_text(f"{TOOL}\nNAME = __name__\n")
    function = load_adapter(str(path)).instantiate().tools["add"].function
    script = (
        "import sys, pickle; sys.path.insert(0, sys.argv[2]); "
        "print(pickle.loads(bytes.fromhex(sys.argv[1]))(20, 22), sys.argv[2])"
    )
    pickled = pickle.dumps(function).hex()
    arguments = [sys.executable, "-c", script, pickled, str(tmp_path)]
    output = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert output == f"42 {tmp_path}\n"


@pytest.mark.parametrize(
    ("statement", "working"),
    [
        ("from .helpers import VALUE", "from helpers import VALUE"),
        ("from . import helpers", "import helpers"),
        ("from .helpers import VALUE as other", "from helpers import VALUE as other"),
    ],
)
@pytest.mark.parametrize("name", ["relative-tools", "relative.tools"])
def test_a_relative_import_in_a_file_is_reported_with_a_form_that_works_e8(
    write: Writer, statement: str, working: str, name: str
) -> None:
    path = write({"helpers.py": "VALUE = 3", f"{name}.py": f"{TOOL}\n{statement}\n"})
    assert str(failure(path)) == (
        f"'{path}' has a relative import ({path}, line 8), but a target that is a file is not part of a package; "
        f"write '{working}'"
    )
    path.write_text(f"{TOOL}\n{working}\n")
    assert names(load_adapter(str(path))) == ["add"]


def test_a_relative_import_that_leaves_the_package_is_not_reported_with_the_module_name_e8(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(
        {
            "shared_values.py": "VALUE = 3",
            "left_package/__init__.py": "",
            "left_package/tools.py": f"{TOOL}\nfrom ..shared_values import (\n    VALUE,\n)\n",
        }
    )
    assert str(failure(path)).endswith(
        f'; write \'from shared_values import …\' and add its directory: python("{path}", {{ path: ["{tmp_path}"] }})'
    )
    path.write_text(f"{TOOL}\nfrom shared_values import VALUE\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert names(load_adapter(str(path))) == ["add"]


def test_a_relative_import_in_a_file_of_a_package_is_reported_with_the_module_name_e8(
    write: Writer, tmp_path: Path
) -> None:
    path = write(
        {
            "outer_package/__init__.py": "",
            "outer_package/helpers.py": "VALUE = 3",
            "outer_package/tools.py": f"{TOOL}\nfrom .helpers import VALUE\n",
        }
    )
    assert str(failure(path)).endswith(
        f"write 'from helpers import VALUE', "
        f'or name the module instead: python("outer_package.tools", {{ path: ["{tmp_path}"] }})'
    )
    sys.path.insert(0, str(tmp_path))
    assert names(load_adapter("outer_package.tools")) == ["add"]


def test_a_file_that_shadows_a_standard_module_is_named_when_an_import_fails_h2(write: Writer) -> None:
    path = write(types="class Order: ...", ordering="from types import Order")
    assert str(failure(path)).endswith(
        f"the file {path.parent}/types.py shadows the standard module 'types'; rename it"
    )
