"""The heartbeat sender without a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from snakepit_bridge._worker.calls import ActiveCalls
from snakepit_bridge._worker.heartbeat_sender import HeartbeatSender

if TYPE_CHECKING:
    from snakepit_bridge._proto.frames_pb2 import Batch
    from snakepit_bridge._wire import FrameTransport
    from snakepit_bridge._worker.execution.outbox import Outbox

DAY_S = 86_400.0


class _Transport:
    def __init__(self) -> None:
        self.offered: list[int] = []

    def offer(self, batch: Batch, _room: int) -> bool:
        self.offered.append(batch.frames[0].heartbeat.last_progress_ms)
        return True


class _Outbox:
    sent_at = 0.0


def test_heartbeats_continue_in_a_long_idle_period() -> None:
    transport = _Transport()
    sender = HeartbeatSender(
        cast("FrameTransport", transport), ActiveCalls(), cast("Outbox", _Outbox()), interval_s=2.0
    )
    for now in (1.0, 60 * DAY_S, 600 * DAY_S):
        assert sender.send_when_due(now) == now + 2.0
    assert transport.offered == [1_000, 0xFFFF_FFFF, 0xFFFF_FFFF]
