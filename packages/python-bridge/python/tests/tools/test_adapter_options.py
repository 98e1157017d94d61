"""Options: the arguments of the constructor of an adapter class."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any

import numpy as np
import pydantic
import pytest

from snakepit_bridge import Adapter, SessionContext, tool
from snakepit_bridge.testing import SerializationError, TargetError, ToolClient

from .conftest import Writer


class Base(Adapter):
    @tool
    def facts(self) -> str:
        return repr(sorted(vars(self).items()))


class Limits(pydantic.BaseModel):
    rows: int


class Predictor(Base):
    def __init__(self, model: str, /, threshold: float = 0.5, *, limits: Limits | None = None, **extra: int) -> None:
        self.model, self.threshold, self.limits, self.extra = model, threshold, limits, extra


@dataclasses.dataclass
class Fields(Base):
    name: str
    sizes: list[int] = dataclasses.field(default_factory=list)


class Created(Base):
    size: int

    def __new__(cls, size: int) -> Created:
        created = super().__new__(cls)
        created.size = size
        return created


class Native(Base, dict):  # type: ignore[type-arg]
    pass


class WithSession(Base):
    def __init__(self, session: SessionContext) -> None: ...


class WithSecret(Base):
    def __init__(self, password: int, note: int = 0) -> None: ...


def instance_of(kind: type[Adapter], **options: Any) -> Any:
    return ToolClient(kind, options=options)._instance.tools["facts"].function.__self__  # type: ignore[attr-defined]


def failure(kind: type[Adapter], **options: Any) -> TargetError:
    with pytest.raises(TargetError) as caught:
        ToolClient(kind, options=options)
    assert caught.value.permanent
    return caught.value


def test_options_are_bound_to_every_kind_of_parameter() -> None:
    predictor = instance_of(Predictor, model="small", threshold=1, limits={"rows": 3}, depth=2)
    assert (predictor.model, predictor.threshold, predictor.extra) == ("small", 1.0, {"depth": 2})
    assert predictor.limits == Limits(rows=3)


def test_constructors_may_be_generated_or_be_new() -> None:
    assert instance_of(Fields, name="a").sizes == []
    assert instance_of(Fields, name="a", sizes=[1]).sizes == [1]
    assert instance_of(Created, size=3).size == 3
    assert "argument 'size' must be int" in str(failure(Created, size="x"))
    assert instance_of(Native, a=1) == {"a": 1}


def test_values_keep_their_types() -> None:
    class Typed(Base):
        def __init__(self, at: datetime, weights: Any) -> None:
            self.at, self.weights = at, weights

    at = datetime(2024, 5, 1, tzinfo=timezone.utc)
    typed = instance_of(Typed, at=at, weights=np.arange(3, dtype=np.float32))
    assert typed.at == at
    assert typed.weights.dtype == np.float32


def test_mistakes_name_the_option_and_the_remedy() -> None:
    unknown = str(failure(Fields, nam="a"))
    assert "has no argument 'nam'; did you mean 'name'? parameters: name, sizes" in unknown
    assert "correct the name of the option, or add the parameter to the constructor" in unknown
    assert "requires the option 'name'; add it: options: { name: … }" in str(failure(Fields))
    invalid = str(failure(Fields, name="a", sizes=[1, "x"]))
    assert "argument 'sizes' must be list[int]" in invalid
    assert "sizes[1]" in invalid
    assert "change the option 'sizes'" in invalid
    assert "Base of 'Base' takes no options; got 'size'" in str(failure(Base, size=1))


def test_several_missing_options_are_all_named() -> None:
    class Pair(Base):
        def __init__(self, left: int, right: int) -> None: ...

    assert "requires the options 'left', 'right'; add them: options: { left: …, right: … }" in str(failure(Pair))


def test_secret_values_are_not_shown() -> None:
    error = failure(WithSecret, password="hunter2")  # noqa: S106
    assert "argument 'password' must be int; got str;" in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert 'got str ("x")' in str(failure(WithSecret, password=1, note="x"))


def test_a_constructor_has_no_session() -> None:
    assert "'session' of the constructor of WithSession" in str(failure(WithSession))


def test_values_that_cannot_be_sent_are_rejected() -> None:
    with pytest.raises(SerializationError, match=r"^options\.name: "):
        ToolClient(Fields, options={"name": object()})


def test_a_target_without_a_class_takes_no_options(write: Writer) -> None:
    path = write(
        classless="""
        from snakepit_bridge import Adapter, tool

        @tool
        def one() -> int:
            return 1

        class Model(Adapter):
            def __init__(self, size: int) -> None:
                self.size = size

            @tool
            def size_of(self) -> int:
                return self.size
        """
    )
    with pytest.raises(TargetError, match=f"must name an adapter class to have options; write '{path}:Model'"):
        ToolClient(str(path), options={"size": 3})
    with ToolClient(f"{path}:Model", options={"size": 3}) as tools:
        assert tools.execute("size_of") == 3
