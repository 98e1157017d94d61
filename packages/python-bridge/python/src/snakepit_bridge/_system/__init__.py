"""What the operating system offers to processes, and reports about them."""

from __future__ import annotations

from .freed_memory import keep_freed_memory
from .interpreter import has_global_lock, is_free_threaded
from .prctl import adopt_orphans, die_with_parent, set_command_name
from .process_table import children_of, command_name_of, environment_of, start_time, thread_count
from .resident_memory import ResidentMemory
from .time_slice import use_default_slice, yield_to_others
from .worker_limits import LimitError, WorkerLimits, address_space_limit, set_limits

__all__ = [
    "LimitError",
    "ResidentMemory",
    "WorkerLimits",
    "address_space_limit",
    "adopt_orphans",
    "children_of",
    "command_name_of",
    "die_with_parent",
    "environment_of",
    "has_global_lock",
    "is_free_threaded",
    "keep_freed_memory",
    "set_command_name",
    "set_limits",
    "start_time",
    "thread_count",
    "use_default_slice",
    "yield_to_others",
]
