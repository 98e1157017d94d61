"""Makes imports see every edit of a source file.

Python reuses the compiled form of a file if the time of its last change, in whole seconds, and its size are those that
were compiled (https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation). A second edit within one
second that keeps the size, such as of one digit, would have no effect on a reload.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

_path_stats = SourceFileLoader.path_stats


def notice_recent_edits() -> None:
    """Compiles files again that were changed just after they were compiled. Called before the target is imported."""
    SourceFileLoader.path_stats = _path_stats_without_stale_cache  # type: ignore[assignment,method-assign]


def _path_stats_without_stale_cache(loader: SourceFileLoader, path: str) -> Mapping[str, Any]:
    stats = _path_stats(loader, path)
    # No compiled file, or a Python that does not keep any.
    with suppress(OSError, NotImplementedError):
        compiled = Path(cache_from_source(path))
        compiled_at = compiled.stat().st_mtime
        if compiled_at < stats["mtime"] and int(compiled_at) == int(stats["mtime"]):
            compiled.unlink()
    return stats
