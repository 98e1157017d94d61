"""What workers of this interpreter can use: the build of Python, processors, memory, and accelerators."""

from __future__ import annotations

from .accelerators import Accelerator, Accelerators, find_accelerators
from .command import run_command
from .describe import (
    Environment,
    Interpreter,
    LibraryDevices,
    RecommendedProfile,
    describe_environment,
    recommended_profile,
)
from .machine import Memory, Processors, memory, processors
from .requirements import Requirement, requirements

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
    "find_accelerators",
    "memory",
    "processors",
    "recommended_profile",
    "requirements",
    "run_command",
]
