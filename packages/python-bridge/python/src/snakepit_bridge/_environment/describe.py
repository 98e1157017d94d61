"""The environment of this interpreter as one report."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from .._system import has_global_lock, is_free_threaded
from .accelerators import Accelerators, find_accelerators
from .machine import Memory, Processors, memory, processors
from .requirements import Requirement, requirements

Profile = Literal["process", "thread"]


class RecommendedProfile(msgspec.Struct, frozen=True):
    """The profile for tools that compute."""

    profile: Profile
    reason: str


class Interpreter(msgspec.Struct, frozen=True, rename="camel"):
    """The Python interpreter."""

    executable: str
    version: str
    implementation: str
    """For example ``CPython``."""
    prefix: str
    """The directory of its installation or virtual environment."""
    is_environment: bool
    """Whether it belongs to a virtual environment, or to one of conda."""
    free_threaded: bool
    """Whether it was built to run without the global interpreter lock."""
    gil_enabled: bool
    """Whether the lock is enabled now."""
    platform: str


class LibraryDevices(msgspec.Struct, frozen=True):
    """The devices that a library can use, according to the library."""

    library: str
    version: str | None
    kind: str | None
    """``"cuda"``, ``"rocm"`` or ``"mps"``; ``None`` if it can use the processors only."""
    devices: int
    problem: str | None


class Environment(msgspec.Struct, frozen=True, rename="camel"):
    """What workers of this interpreter can use."""

    python: Interpreter
    recommended: RecommendedProfile
    requirements: list[Requirement]
    processors: Processors
    memory: Memory
    accelerators: Accelerators
    libraries: list[LibraryDevices]
    """Only for the libraries that were asked for."""


def describe_environment(libraries: Sequence[str] = ()) -> Environment:
    """Describes the interpreter, its requirements, the processors, the memory and the accelerators.

    Imports no library by default, and ends within seconds also if a driver does not respond.

    Args:
        libraries: libraries to import, if installed, and to ask for the devices that they can use. Supported is
            ``"torch"``, whose import takes seconds.

    Raises:
        ValueError: a library is not supported.
    """
    unknown = [each for each in libraries if each != "torch"]
    if unknown:
        raise ValueError(f"libraries must contain only 'torch'; got {unknown[0]!r}")
    return Environment(
        python=interpreter(),
        recommended=recommended_profile(free_threaded=is_free_threaded(), gil_enabled=has_global_lock()),
        requirements=requirements(),
        processors=processors(),
        memory=memory(),
        accelerators=find_accelerators(),
        libraries=[_torch() for _ in libraries],
    )


def interpreter() -> Interpreter:
    """Describes this interpreter."""
    is_conda = os.path.isdir(os.path.join(sys.prefix, "conda-meta"))  # noqa: PTH112, PTH118 (sys.prefix is a string)
    return Interpreter(
        executable=sys.executable,
        version=platform.python_version(),
        implementation=platform.python_implementation(),
        prefix=sys.prefix,
        is_environment=sys.prefix != sys.base_prefix or is_conda,
        free_threaded=is_free_threaded(),
        gil_enabled=has_global_lock(),
        platform=platform.platform(),
    )


def recommended_profile(*, free_threaded: bool, gil_enabled: bool) -> RecommendedProfile:
    """Returns the profile with which tools that compute use all processors."""
    if free_threaded and not gil_enabled:
        return RecommendedProfile(
            "thread",
            "this Python runs without the global interpreter lock, so threads of one worker compute in parallel",
        )
    if free_threaded:
        return RecommendedProfile(
            "process",
            "this Python can run without the global interpreter lock, but PYTHON_GIL or an imported module enables it",
        )
    return RecommendedProfile(
        "process", "with the global interpreter lock, one thread of a process executes Python code at a time"
    )


def _torch() -> LibraryDevices:
    if importlib.util.find_spec("torch") is None:
        return LibraryDevices("torch", None, None, 0, "it is not installed")
    try:
        torch: Any = importlib.import_module("torch")
        if torch.cuda.is_available():
            kind = "rocm" if getattr(torch.version, "hip", None) else "cuda"
            return LibraryDevices("torch", str(torch.__version__), kind, int(torch.cuda.device_count()), None)
        if torch.backends.mps.is_available():
            return LibraryDevices("torch", str(torch.__version__), "mps", 1, None)
        return LibraryDevices("torch", str(torch.__version__), None, 0, None)
    except Exception as error:
        # A broken installation raises anything.
        return LibraryDevices("torch", None, None, 0, f"{type(error).__name__}: {error}")
