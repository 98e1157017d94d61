from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from snakepit_bridge import Adapter, ThreadSafeAdapter, thread_safe, tool
from snakepit_bridge._thread_safety.declaration import declaration_of
from snakepit_bridge._tools.tool_decorator import mark_of


def test_an_adapter_is_not_declared_by_default_and_a_subclass_inherits_the_declaration() -> None:
    class Model(ThreadSafeAdapter): ...

    class Larger(Model): ...

    class Changed(Model):
        thread_safe = False

    assert (Adapter.thread_safe, Model.thread_safe, Larger.thread_safe, Changed.thread_safe) == (
        False,
        True,
        True,
        False,
    )


def test_the_decorator_declares_a_class_and_returns_it() -> None:
    class Base(Adapter):
        guarded_libraries = ("matplotlib",)

    class Model(Base): ...

    assert thread_safe(guarded_libraries=["tables"])(Model) is Model
    assert Model.thread_safe
    assert Model.guarded_libraries == ("matplotlib", "tables")
    assert not Base.thread_safe
    assert Base.guarded_libraries == ("matplotlib",)


@pytest.mark.parametrize(
    "decorate",
    [
        lambda function: tool(thread_safe(function)),
        lambda function: thread_safe(tool(function)),
        lambda function: tool(name="other")(thread_safe(guarded_libraries=["fitz"])(function)),
        lambda function: thread_safe(guarded_libraries=["fitz"])(tool(idempotent=True)(function)),
    ],
)
def test_the_order_of_the_decorators_does_not_matter(decorate: Callable[[Any], Any]) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    class Model(Adapter):
        @decorate
        def subtract(self) -> None: ...

    assert decorate(add) is add
    assert None not in (mark_of(add), declaration_of(add))
    assert None not in (mark_of(Model().subtract), declaration_of(Model().subtract))


def test_a_static_method_can_be_declared_above_or_below_its_decorator() -> None:
    class Model(Adapter):
        @thread_safe
        @staticmethod
        def above() -> None: ...

        @staticmethod
        @thread_safe
        def below() -> None: ...

        @thread_safe
        @classmethod
        def kind(cls) -> None: ...

    assert None not in (declaration_of(Model.above), declaration_of(Model.below), declaration_of(Model.kind))


def test_a_method_that_overrides_a_declared_one_is_not_declared() -> None:
    class Model(Adapter):
        @thread_safe
        def run(self) -> None: ...

    class Changed(Model):
        def run(self) -> None: ...

    assert declaration_of(Model().run) is not None
    assert declaration_of(Changed().run) is None


@pytest.mark.parametrize("target", [5, "text", dict, len])
def test_other_objects_are_rejected(target: Any) -> None:
    with pytest.raises(TypeError, match=r"@thread_safe (must decorate an adapter class or a function|cannot mark)"):
        thread_safe(target)


@pytest.mark.parametrize("libraries", ["matplotlib", [5], [None]])
def test_invalid_names_of_libraries_are_rejected(libraries: Any) -> None:
    with pytest.raises(TypeError, match="guarded_libraries of @thread_safe must be a list of modules"):
        thread_safe(guarded_libraries=libraries)
