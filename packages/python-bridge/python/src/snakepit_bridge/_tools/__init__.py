"""Tools: how they are declared, discovered and described, and how the arguments of calls are checked."""

from __future__ import annotations

from .adapter import Adapter
from .arguments import Bound, ToolArgumentError
from .hooks import Hook, setup, teardown
from .import_target import module_of_target
from .loaded_adapter import AdapterInstance, LoadedAdapter, load_adapter
from .nearest_name import nearest_name
from .recent_edits import notice_recent_edits
from .target import TargetError, parse_target
from .tool import Tool
from .tool_decorator import ToolMark, check_tool_name, own_attribute, tool
from .tool_descriptor import ToolDescriptor, ToolParameter

__all__ = [
    "Adapter",
    "AdapterInstance",
    "Bound",
    "Hook",
    "LoadedAdapter",
    "TargetError",
    "Tool",
    "ToolArgumentError",
    "ToolDescriptor",
    "ToolMark",
    "ToolParameter",
    "check_tool_name",
    "load_adapter",
    "module_of_target",
    "nearest_name",
    "notice_recent_edits",
    "own_attribute",
    "parse_target",
    "setup",
    "teardown",
    "tool",
]
