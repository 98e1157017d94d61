"""What the operating system offers to processes, and reports about them."""

from __future__ import annotations

from .freed_memory import keep_freed_memory
from .interpreter import has_global_lock
from .prctl import adopt_orphans, die_with_parent, set_command_name
from .process_table import (
    children_of,
    command_name_of,
    environment_of,
    handles_signal,
    start_time,
    thread_count,
)
from .process_usage import ProcessUsage, Usage
from .time_slice import use_default_slice, yield_to_others
from .worker_limits import LimitError, WorkerLimits, address_space_limit, set_limits

__all__ = [
    "LimitError",
    "ProcessUsage",
    "Usage",
    "WorkerLimits",
    "address_space_limit",
    "adopt_orphans",
    "children_of",
    "command_name_of",
    "die_with_parent",
    "environment_of",
    "handles_signal",
    "has_global_lock",
    "keep_freed_memory",
    "set_command_name",
    "set_limits",
    "start_time",
    "thread_count",
    "use_default_slice",
    "yield_to_others",
]
