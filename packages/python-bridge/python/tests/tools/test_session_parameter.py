"""Parameters that are the session of the call."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Optional, Union

import pytest

from snakepit_bridge import AsyncSessionContext, SessionContext, tool
from snakepit_bridge._tools import TargetError, ToolArgumentError, load_adapter
from snakepit_bridge.testing import ToolClient

from .conftest import Writer
from .test_descriptor import described

if TYPE_CHECKING:
    from snakepit_bridge import AsyncSessionContext as LaterContext


def names(function: Any) -> list[str]:
    return [each.name for each in described(function).descriptor.parameters]


@tool
def first(ctx: SessionContext, text: str = "x") -> Any:
    return [ctx.session_id, text]


@tool
def between(text: str, ctx: SessionContext, number: int = 1, *rest: int) -> Any:
    return [text, ctx.session_id, number, list(rest)]


@tool
def by_name(*numbers: int, ctx: SessionContext, **options: str) -> Any:
    return [list(numbers), ctx.session_id, options]


@tool
def optional(ctx: SessionContext | None = None) -> Any:
    return ctx and ctx.session_id


@tool
def twice(one: SessionContext, text: str, other: Annotated[Optional[SessionContext], "too"] = None) -> Any:  # noqa: UP045
    return [one is other, one.correlation_id, text]


@tool
async def later(ctx: AsyncSessionContext, text: str = "x") -> Any:
    return [ctx.session_id, text, type(ctx).__name__]


@tool
def stream(to: int, ctx: SessionContext) -> Iterator[Any]:
    for _ in range(to):
        yield ctx.session_id


@tool
async def stream_later(to: int, *, session: AsyncSessionContext) -> AsyncIterator[Any]:
    for _ in range(to):
        yield session.session_id


def decorated(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        return function(*args, **keywords)

    return wrapper


@tool
@decorated
def wrapped(text: str, ctx: SessionContext) -> Any:
    return [text, ctx.session_id]


@pytest.fixture
def tools() -> Iterator[ToolClient]:
    with ToolClient(sys.modules[__name__], session_id="s") as client:
        yield client


def test_the_session_is_injected_at_any_position(tools: ToolClient) -> None:
    assert tools.execute("first") == ["s", "x"]
    assert tools.execute("first", text="y") == ["s", "y"]
    assert tools.execute("between", text="y") == ["y", "s", 1, []]
    assert tools.execute("between", text="y", number=2, rest=[3, 4]) == ["y", "s", 2, [3, 4]]
    assert tools.execute("by_name", numbers=[1], more="z") == [[1], "s", {"more": "z"}]
    assert tools.execute("optional") == "s"
    assert tools.execute("twice", text="y") == [True, "test", "y"]
    assert tools.execute("later") == ["s", "x", "AsyncSessionContext"]
    assert tools.execute("wrapped", text="y") == ["y", "s"]
    assert list(tools.stream("stream", to=2)) == ["s", "s"]
    assert list(tools.stream("stream_later", to=2)) == ["s", "s"]


def test_the_descriptor_omits_the_session_parameter(tools: ToolClient) -> None:
    parameters = {each.name: [one.name for one in each.parameters] for each in tools.tools}
    assert parameters == {
        "first": ["text"],
        "between": ["text", "number", "rest"],
        "by_name": ["numbers", "options"],
        "optional": [],
        "twice": ["text"],
        "later": ["text"],
        "stream": ["to"],
        "stream_later": ["to"],
        "wrapped": ["text"],
    }


@pytest.mark.parametrize(("name", "argument"), [("first", "ctx"), ("by_name", "ctx"), ("optional", "ctx")])
def test_callers_cannot_pass_the_session(tools: ToolClient, name: str, argument: str) -> None:
    with pytest.raises(ToolArgumentError) as caught:
        tools.execute(name, **{argument: None})
    assert f"{name}(): argument '{argument}' must be omitted" in str(caught.value)
    assert caught.value.argument == argument
    assert (caught.value.tool, caught.value.argument) == (name, argument)


def test_other_argument_errors_are_unchanged(tools: ToolClient) -> None:
    with pytest.raises(ToolArgumentError, match=r"between\(\) requires argument 'text'"):
        tools.execute("between")
    with pytest.raises(ToolArgumentError, match=r"first\(\) has no argument 'context'; parameters: text"):
        tools.execute("first", context=1)


def test_an_unannotated_or_misspelled_session_is_reported_with_the_remedy() -> None:
    def bare(text, ctx): ...  # type: ignore[no-untyped-def]

    def misspelt(text: str, where: SesionContext) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    def meant(text: str, ctx: int) -> None: ...

    remedy = (
        "; if '{}' should be the session of the call, annotate it with SessionContext "
        "(AsyncSessionContext in an async tool) from snakepit_bridge"
    )
    for function, name, hint in (
        (bare, "ctx", remedy.format("ctx")),
        (misspelt, "where", remedy.format("where")),
        (meant, "ctx", ""),
    ):
        with pytest.raises(ToolArgumentError) as caught:
            described(function).bind({"text": "x"})
        assert str(caught.value) == f"{function.__name__}() requires argument '{name}'{hint}"
        assert described(function).bind({"text": "x", name: 1})[0] == ("x", 1)
    # If another argument is missing, the error names only that one.
    with pytest.raises(ToolArgumentError, match=r"bare\(\) requires argument 'text'$"):
        described(bare).bind({"ctx": 1})


def test_the_annotation_may_be_a_string_or_unresolvable_at_import() -> None:
    def take(a: Any, b: Any, c: Any, d: Any, e: Any) -> None: ...

    take.__annotations__.update(
        a="SessionContext",
        b="snakepit_bridge.SessionContext | None",
        c=Union[SessionContext, None],  # noqa: UP007
        d="Optional['SessionContext']",
        e="int",
    )
    assert names(take) == ["e"]

    source = "def take(a: SessionContext, b: 'Optional[SessionContext]', c: int): ..."
    code = compile(f"from __future__ import annotations\n{source}", "elsewhere", "exec")
    elsewhere: dict[str, Any] = {}
    exec(code, elsewhere)  # noqa: S102
    assert names(elsewhere["take"]) == ["c"]


def test_an_unresolvable_session_annotation_is_a_target_error() -> None:
    async def take(ctx: LaterContext) -> None: ...

    # Only the type checker can resolve this name.
    assert names(take) == ["ctx"]

    async def take_qualified(ctx: bridge.AsyncSessionContext) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(TargetError) as caught:
        described(take_qualified)
    assert str(caught.value) == (
        "tool 'take_qualified': parameter 'ctx' is annotated as bridge.AsyncSessionContext, which cannot be resolved "
        "when the module is loaded; import AsyncSessionContext from snakepit_bridge at the top of the module"
    )


def test_a_context_of_the_wrong_kind_is_a_target_error() -> None:
    async def awaits(ctx: SessionContext) -> None: ...

    async def streams(ctx: SessionContext) -> AsyncIterator[int]:
        yield 1

    def blocks(session: AsyncSessionContext | None = None) -> None: ...

    for function, message in (
        (
            awaits,
            "'awaits': parameter 'ctx' is annotated as SessionContext, but the tool is async; use AsyncSessionContext",
        ),
        (
            streams,
            "'streams': parameter 'ctx' is annotated as SessionContext, but the tool is async; use AsyncSessionContext",
        ),
        (
            blocks,
            "parameter 'session' is annotated as AsyncSessionContext, but the tool is not async; use SessionContext",
        ),
    ):
        with pytest.raises(TargetError) as caught:
            described(function)
        assert message in str(caught.value)


def test_the_session_annotation_must_not_allow_other_types() -> None:
    def any_number(*ctx: SessionContext) -> None: ...

    def or_text(ctx: SessionContext | str) -> None: ...

    for function in (any_number, or_text):
        with pytest.raises(
            TargetError, match="the session must be a separate parameter, annotated only as SessionContext"
        ):
            described(function)


def test_a_target_with_a_context_of_the_wrong_kind_is_not_loaded(write: Writer) -> None:
    path = write(
        tools="""
        from snakepit_bridge import SessionContext, tool


        @tool
        async def answer(ctx: SessionContext) -> None: ...
        """
    )
    with pytest.raises(
        TargetError, match="tool 'answer': parameter 'ctx' is annotated as SessionContext, but the tool"
    ):
        load_adapter(str(path))


def test_tools_without_a_session_are_bound_directly() -> None:
    def plain(a: int) -> None: ...

    assert described(plain).bind.__qualname__.startswith("ArgumentBinder.")


def test_the_session_package_is_loaded_only_for_tools_with_a_session(write: Writer) -> None:
    directory = write(
        plain="""
        from snakepit_bridge import tool


        @tool
        def add(a: int) -> int:
            return a
        """,
        with_session="""
        from snakepit_bridge import SessionContext, tool


        @tool
        def add(ctx: SessionContext) -> None: ...
        """,
    ).parent
    loaded = {}
    for name in ("plain", "with_session"):
        look = (
            "import sys; from snakepit_bridge._tools import load_adapter; "
            f"load_adapter({str(directory / name) + '.py'!r}); print('snakepit_bridge._session' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)  # noqa: S603
        loaded[name] = done.stdout.strip()
    assert loaded == {"plain": "False", "with_session": "True"}
