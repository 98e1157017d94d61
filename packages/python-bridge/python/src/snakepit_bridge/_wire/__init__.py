"""Frames between a worker and its host, whatever carries them."""

from __future__ import annotations

from .connect import connect
from .frame_transport import Buffer, ConnectionClosed, FrameTransport, ProtocolViolation, Received

__all__ = ["Buffer", "ConnectionClosed", "FrameTransport", "ProtocolViolation", "Received", "connect"]
