"""The program of the bridge, with more time for workers to end after the loss of their host.

On a machine under load, ending takes longer than a second. A worker that never ends is still found: its alarm ends it.
"""

from __future__ import annotations

import runpy

from snakepit_bridge._worker import ending

ending.LOST_GRACE_S = 15.0  # type: ignore[misc]
runpy.run_module("snakepit_bridge", run_name="__main__", alter_sys=True)
