from __future__ import annotations

from pathlib import Path

import pytest

from snakepit_bridge._call import valid_traceparent
from snakepit_bridge._proto.frames_pb2 import Frame, TelemetryControl

from .conftest import Starter

VALID = f"00-{'ab' * 16}-{'cd' * 8}-01"
INVALID = [
    "",
    "n",
    "00",
    VALID[:-1],
    f"{VALID}0",
    f"{VALID}\n",
    VALID.upper(),
    VALID.replace("-", "_"),
    f"ff{VALID[2:]}",
    f"00-{'0' * 32}-{'cd' * 8}-01",
    f"00-{'ab' * 16}-{'0' * 16}-01",
    f"00-{'xy' * 16}-{'cd' * 8}-01",
    f"00-{'٣' * 32}-{'cd' * 8}-01",
    "🐍" * 55,
]


@pytest.mark.parametrize("traceparent", [VALID, f"cc{VALID[2:]}", f"cc{VALID[2:]}-more"])
def test_a_valid_trace_context_is_used_as_it_is(traceparent: str) -> None:
    assert valid_traceparent(traceparent) == traceparent


@pytest.mark.parametrize("traceparent", INVALID)
def test_an_invalid_trace_context_is_ignored(traceparent: str) -> None:
    assert valid_traceparent(traceparent) is None


@pytest.mark.parametrize("profile", ["process", "thread", "async"])
def test_calls_with_an_invalid_trace_context_are_executed_without_one(
    start: Starter, tmp_path: Path, profile: str
) -> None:
    """Found by fuzzing: the sampler read digits that were not there, which ended the worker."""
    (tmp_path / "traced.py").write_text(
        """
from snakepit_bridge import current_call, span, tool

@tool
def trace() -> list[str | None]:
    with span("inner"):
        return [current_call().traceparent, current_call().trace_id]

@tool
async def trace_later() -> list[str | None]:
    return trace()
"""
    )
    host = start(str(tmp_path / "traced.py"), profile=profile)
    for ratio in (0.5, 1):
        control = TelemetryControl(
            enabled=True, sampling_ratio=ratio, traces=True, all_events=True, span_filters=["*"], max_per_second=1_000
        )
        host.send(Frame(telemetry_control=control))
        for tool in ("trace", "trace_later"):
            assert host.execute(tool, traceparent=VALID) == [VALID, VALID[3:35]]
            for traceparent in INVALID:
                assert host.execute(tool, traceparent=traceparent) == [None, None], traceparent
