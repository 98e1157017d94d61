"""Heartbeats, without a worker around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from snakepit_bridge._worker.heart import Heart

if TYPE_CHECKING:
    from snakepit_bridge._proto.frames_pb2 import Batch
    from snakepit_bridge._wire import FrameTransport
    from snakepit_bridge._worker.inbox import Inbox
    from snakepit_bridge._worker.outbox import Outbox

DAY_S = 86_400.0


class _Transport:
    def __init__(self) -> None:
        self.offered: list[int] = []

    def offer(self, batch: Batch, _room: int) -> bool:
        self.offered.append(batch.frames[0].heartbeat.last_progress_ms)
        return True


class _Idle:
    def __init__(self) -> None:
        self.calls: dict[int, object] = {}
        self.sent_at = 0.0


def test_goes_on_however_long_the_worker_is_idle() -> None:
    transport = _Transport()
    idle = _Idle()
    heart = Heart(cast("FrameTransport", transport), cast("Inbox", idle), cast("Outbox", idle), interval_s=2.0)
    for now in (1.0, 60 * DAY_S, 600 * DAY_S):
        assert heart.beat_when_due(now) == now + 2.0
    assert transport.offered == [1_000, 0xFFFF_FFFF, 0xFFFF_FFFF]
