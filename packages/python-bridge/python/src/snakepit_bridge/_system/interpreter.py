"""Properties of the Python interpreter."""

from __future__ import annotations

import sys
import sysconfig


def has_global_lock() -> bool:
    """Whether the global interpreter lock is enabled: always before Python 3.13, and usually later."""
    is_enabled = getattr(sys, "_is_gil_enabled", None)
    return True if is_enabled is None else bool(is_enabled())


def is_free_threaded() -> bool:
    """Whether the interpreter was built to run without the global interpreter lock."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
