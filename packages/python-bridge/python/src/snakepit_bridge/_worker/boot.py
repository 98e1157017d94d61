"""What a worker is told before it connects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class WorkerBoot:
    """Who a worker is and where its host listens."""

    worker_id: str
    token: str
    """Proves to the host, once, that this is the worker it asked for."""
    transport: Literal["socket", "grpc"]
    address: str
    """The path of a unix socket, or a gRPC target."""
    pool: str
    run_id: str
