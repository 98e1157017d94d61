"""The exceptions that tools meet, and how any exception is reported to the host."""

from __future__ import annotations

from .cancelled import Cancelled, CancelledInLoop, CancelReason
from .exception_report import (
    ExceptionReport,
    attribute_of,
    chain_of,
    headline_of,
    innermost_frame,
    message_of,
    module_of,
    name_of,
    print_exception,
    report_exception,
)
from .host_error import HostError, HostException, HostToolError

__all__ = [
    "CancelReason",
    "Cancelled",
    "CancelledInLoop",
    "ExceptionReport",
    "HostError",
    "HostException",
    "HostToolError",
    "attribute_of",
    "chain_of",
    "headline_of",
    "innermost_frame",
    "message_of",
    "module_of",
    "name_of",
    "print_exception",
    "report_exception",
]
