/** The Python tools of all application templates. */
export const TOOLS_PY = `"""Tools that TypeScript calls. Each worker process imports this file."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from snakepit_bridge import tool


@tool
def count_words(text: str) -> dict[str, int]:
    """Returns how often each word occurs, most frequent first."""
    return dict(Counter(text.lower().split()).most_common())


@tool
def count_down(start: int, seconds: float = 0.1) -> Iterator[int]:
    """Yields start, start - 1, …, 1, with a pause before each."""
    if start < 0:
        raise ValueError(f"start must not be negative; got {start}")
    for number in range(start, 0, -1):
        time.sleep(seconds)
        yield number
`;

/** The unit tests of {@link TOOLS_PY}. */
export const TEST_TOOLS_PY = `"""Unit tests of the tools, without a host or worker processes."""

from __future__ import annotations

from pathlib import Path

import pytest
from snakepit_bridge.testing import ToolArgumentError, ToolClient

TOOLS = str(Path(__file__).with_name("tools.py"))


def test_count_words() -> None:
    with ToolClient(TOOLS) as tools:
        assert tools.execute("count_words", text="a b A") == {"a": 2, "b": 1}


def test_count_down() -> None:
    with ToolClient(TOOLS) as tools:
        assert list(tools.stream("count_down", start=3, seconds=0)) == [3, 2, 1]
        with pytest.raises(ValueError, match="negative"):
            list(tools.stream("count_down", start=-1))


def test_arguments_are_checked() -> None:
    with ToolClient(TOOLS) as tools, pytest.raises(ToolArgumentError, match="text"):
        tools.execute("count_words", text=1)
`;
