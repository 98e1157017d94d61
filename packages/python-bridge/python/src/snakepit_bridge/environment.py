"""What workers of this interpreter can use: the build of Python, processors, memory, and accelerators.

``python -m snakepit_bridge environment`` prints the report of :func:`describe_environment`.
"""

from __future__ import annotations

from ._environment import (
    Accelerator,
    Accelerators,
    Environment,
    Interpreter,
    LibraryDevices,
    Memory,
    Processors,
    RecommendedProfile,
    Requirement,
    describe_environment,
)

__all__ = [
    "Accelerator",
    "Accelerators",
    "Environment",
    "Interpreter",
    "LibraryDevices",
    "Memory",
    "Processors",
    "RecommendedProfile",
    "Requirement",
    "describe_environment",
]
