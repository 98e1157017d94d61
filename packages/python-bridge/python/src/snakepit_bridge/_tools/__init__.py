"""Tools: marking, finding, describing them, and checking the arguments of their calls."""

from __future__ import annotations

from .adapter import Adapter
from .arguments import ToolArgumentError
from .exception_report import ExceptionReport, headline_of, print_exception, report_exception
from .hooks import setup, teardown
from .loaded_adapter import AdapterInstance, LoadedAdapter, load_adapter
from .target_error import TargetError
from .tool import Tool
from .tool_decorator import tool
from .tool_descriptor import ToolDescriptor, ToolParameter

__all__ = [
    "Adapter",
    "AdapterInstance",
    "ExceptionReport",
    "LoadedAdapter",
    "TargetError",
    "Tool",
    "ToolArgumentError",
    "ToolDescriptor",
    "ToolParameter",
    "headline_of",
    "load_adapter",
    "print_exception",
    "report_exception",
    "setup",
    "teardown",
    "tool",
]
